import type { QueueEntry } from './message';
import type { Queue } from './queue';

/** Who takes messages from a queue; implemented by the channel's consumers. */
export interface QueueConsumer {
  readonly tag: string;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly priority: number;
  /** May it be given another message now? */
  hasCredit: () => boolean;
  deliver: (queue: Queue, entry: QueueEntry) => void;
  /** The queue is gone. */
  cancel: () => void;
}

/** Adds one behind those of its priority; with a single active consumer the first one stays first. */
export function addInTurn(consumers: QueueConsumer[], consumer: QueueConsumer, isSingleActive: boolean): void {
  let index = consumers.length;
  if (!isSingleActive) while (index > 0 && (consumers[index - 1]?.priority ?? 0) < consumer.priority) index--;
  consumers.splice(index, 0, consumer);
}

/** Who is served next, and then goes behind those of its priority; undefined when nobody may be given a message. */
export function takeTurn(consumers: QueueConsumer[], isSingleActive: boolean): QueueConsumer | undefined {
  if (isSingleActive) return consumers[0]?.hasCredit() ? consumers[0] : undefined;
  for (let index = 0; index < consumers.length; index++) {
    const consumer = consumers[index];
    if (!consumer?.hasCredit()) continue;
    let last = index;
    while (consumers[last + 1]?.priority === consumer.priority) last++;
    if (last !== index) {
      consumers.splice(index, 1);
      consumers.splice(last, 0, consumer);
    }
    return consumer;
  }
  return undefined;
}
