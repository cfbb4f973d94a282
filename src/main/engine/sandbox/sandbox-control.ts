import type { ClockState, RunningSandbox } from '@shared/api/sandbox';
import { Failure } from '@shared/failure';
import type { SandboxAddress } from '../../sandbox/start';

/** What a sandbox tells of itself. */
export type SandboxReport = Pick<RunningSandbox, 'version' | 'clock' | 'holds' | 'remarks'>;

const TIMEOUT_MS = 5000;

/** Speaks to a sandbox's own endpoints. @throws Failure `sandbox/not-there`, `sandbox/refused` */
async function call<T>(address: SandboxAddress, method: string, path: string, body?: unknown): Promise<T> {
  const { controlPort, user, password } = address;
  let response: Response;
  try {
    response = await fetch(`http://127.0.0.1:${controlPort}/api/tapline/${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new Failure('sandbox/not-there', 'The sandbox does not answer.', { retryable: true, cause: error });
  }
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
  throw new Failure('sandbox/refused', `The sandbox answered with status ${response.status}.`, { retryable: true });
}

export const reportOf = (address: SandboxAddress) => call<SandboxReport>(address, 'GET', 'state');
/** Drops all objects and messages, and what was kept of them. */
export const resetSandbox = (address: SandboxAddress) => call<void>(address, 'POST', 'reset');
export const setClock = (address: SandboxAddress, clock: { paused?: boolean; speed?: number }) =>
  call<ClockState>(address, 'PUT', 'clock', clock);
/** Moves a paused clock on. */
export const stepClock = (address: SandboxAddress, ms: number) => call<ClockState>(address, 'POST', 'step', { ms });

/** Keeps the sandbox alive for a while; false when it is ending or is not there. */
export async function renewHold(address: SandboxAddress, id: string): Promise<boolean> {
  try {
    await call(address, 'PUT', `holders/${id}`);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** Lets the sandbox go. True if it saves and ends now, or has ended already: nobody else holds it. */
export async function releaseHold(address: SandboxAddress, id: string): Promise<boolean> {
  try {
    return (await call<{ ending: boolean }>(address, 'DELETE', `holders/${id}`)).ending;
  } catch (error) {
    // It may have ended before it could answer.
    if (error instanceof Failure) return true;
    throw error;
  }
}
