import { notifications } from '@mantine/notifications';
import { ORPCError } from '@orpc/client';
import type { FailureData } from '@shared/api/contract';
import { Failure } from '@shared/failure';

/** A failed operation as people read it. */
export interface ReadableFailure {
  code: string;
  message: string;
  hint?: string;
  retryable: boolean;
}

/** Turns whatever a call threw into something to show; bugs get a sentence that says that it is one. */
export function readFailure(error: unknown): ReadableFailure {
  if (error instanceof Failure) {
    return { code: error.code, message: error.message, hint: error.hint, retryable: error.retryable };
  }
  if (error instanceof ORPCError && error.code === 'FAILED' && error.data) {
    const data = error.data as FailureData;
    return { code: data.code, message: error.message, hint: data.hint, retryable: data.retryable };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal/bug',
    message: `Tapline made a mistake: ${detail}`,
    hint: 'This should not happen; please report it.',
    retryable: false,
  };
}

/** The one way to tell the user that something failed: `showFailure('Save', error)`. `what` names the action in a word or two. */
export function showFailure(what: string, error: unknown): void {
  const failure = readFailure(error);
  if (failure.code === 'internal/bug') console.error(error);
  notifications.show({
    id: `${what}:${failure.code}`,
    color: 'red',
    title: `${what} failed`,
    message: failure.hint ? `${failure.message} ${failure.hint}` : failure.message,
    autoClose: 10_000,
    withBorder: true,
  });
}

/** Runs an action and shows its failure; for event handlers: `onClick={() => attempt('Save', save)}`. True if it succeeded. */
export async function attempt(what: string, action: () => Promise<unknown> | unknown): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    showFailure(what, error);
    return false;
  }
}
