/** Headers of a message that a handler failed on: how often, and why. None begins with `x-`, which brokers treat apart. */
export const RETRY_HEADERS = {
  /** On a message that is tried again: the number of the attempt, 2 for the second. */
  attempt: 'tapline-attempt',
  /** Exchange it was published to before it first failed. */
  exchange: 'tapline-exchange',
  /** Why the last attempt failed. */
  error: 'tapline-error',
  /** Class of that failure: `Error`, `timeout`, `http 503`, … */
  errorType: 'tapline-error-type',
  /** On a dead letter: how many attempts were made. */
  attempts: 'tapline-attempts',
  /** On a dead letter: the queue whose handler failed. */
  queue: 'tapline-queue',
} as const;
