import { ORPCError } from '@orpc/server';
import type { FailureData } from '@shared/api/contract';
import { Failure } from '@shared/failure';
import type { Logger } from './log';
import type { Redactor } from './redact';

/**
 * Turns whatever a procedure threw into its answer. A Failure becomes the declared error FAILED; a bug is logged once and
 * answered with one plain sentence; both are redacted. A call that the caller cancelled is no bug.
 */
export function answerTo(
  error: unknown,
  where: string,
  tools: { log: Logger; redactor: Redactor; isCancelled?: boolean },
): ORPCError<string, unknown> {
  const { log, redactor } = tools;
  if (error instanceof Failure) {
    const data: FailureData = {
      code: error.code,
      ...(error.hint === undefined ? {} : { hint: redactor.redact(error.hint) }),
      ...(error.object === undefined ? {} : { object: redactor.redact(error.object) }),
      retryable: error.retryable,
    };
    log.info({ code: error.code, where, err: error }, 'refused');
    return new ORPCError('FAILED', { message: redactor.redact(error.message), data });
  }
  if (error instanceof ORPCError) {
    log.warn({ where, err: error }, 'a call that does not fit the contract');
    return error;
  }
  if (tools.isCancelled) {
    log.info({ where }, 'cancelled');
    return new ORPCError('CLIENT_CLOSED_REQUEST', { message: 'It was cancelled.' });
  }
  log.error({ where, err: error }, 'a bug');
  return new ORPCError('INTERNAL_SERVER_ERROR', {
    message: 'Something inside Tapline went wrong; the details are in its log.',
  });
}
