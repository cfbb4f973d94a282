/**
 * The one error type of a failed operation. `code` is `area/reason` (`connect/refused`, `flow/unreadable`); `message` is a
 * sentence for people; `hint` says what to do. Bugs are not Failures: they are thrown as they are.
 */
export class Failure extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  /** The object concerned: a broker id, file name, queue name. */
  readonly object: string | undefined;
  readonly retryable: boolean;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; object?: string; retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.hint = options.hint;
    this.object = options.object;
    this.retryable = options.retryable ?? false;
  }
}
