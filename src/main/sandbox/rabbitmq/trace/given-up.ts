import { HANDLER_CLIENT } from '@shared/kinds/rabbitmq/sandbox-trace';
import { RETRY_HEADERS } from '@shared/traffic/retry-headers';
import type { SandboxEvent } from '../broker/events';

/** Adds to the number of messages of a queue that a handler of Tapline sent to the dead letters itself. */
export type CountGivenUp = (vhost: string, queue: string, by: 1 | -1) => void;

/**
 * Tells by its headers which published message is a dead letter that a handler with a retry policy sent, and of which queue: to
 * the broker it is a message like any other. One that no queue takes stays where it was, and does not count.
 */
export class GivenUpLetters {
  private latest: { message: number; queue: string; isCounted: boolean } | undefined;

  constructor(private readonly count: CountGivenUp) {}

  /** Takes every event in turn: those of one publish follow each other. */
  see(event: SandboxEvent): void {
    if (event.type === 'published') {
      const queue = event.client === HANDLER_CLIENT ? givenUpBy(event) : undefined;
      this.latest = queue === undefined ? undefined : { message: event.message.id, queue, isCounted: false };
      return;
    }
    const { latest } = this;
    if (!latest || !('message' in event) || event.message.id !== latest.message) return;
    if (event.type === 'routed' && !latest.isCounted && event.queues.length > 0) this.change(event.vhost, latest, true);
    if (event.type === 'refused' && latest.isCounted) this.change(event.vhost, latest, false);
  }

  private change(vhost: string, latest: { queue: string; isCounted: boolean }, isCounted: boolean): void {
    latest.isCounted = isCounted;
    this.count(vhost, latest.queue, isCounted ? 1 : -1);
  }
}

/** A copy for another attempt carries the number of that attempt; a dead letter does not. */
function givenUpBy({ message: { headers } }: SandboxEvent & { type: 'published' }): string | undefined {
  const { [RETRY_HEADERS.queue]: queue, [RETRY_HEADERS.attempt]: attempt } = headers;
  return typeof queue === 'string' && attempt === undefined ? queue : undefined;
}
