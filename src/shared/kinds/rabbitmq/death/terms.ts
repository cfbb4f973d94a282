import type { ReadingTerms } from '@shared/dead-letters/dead-letter';
import { isAtLeast } from '../version';

/** What is known of a queue before it is read. */
export interface ReadableQueue {
  name: string;
  queueType: 'classic' | 'quorum' | 'stream' | null;
  /** Of the broker, `3.10.8`. */
  version: string | undefined;
  /** `x-delivery-limit` in effect; undefined: none is set, as far as is known. */
  deliveryLimit: number | undefined;
  /** Could policies be read? If not, a limit may be set that nobody knows of. */
  knowsPolicies: boolean;
  /** Does the queue dead-letter in its turn? */
  hasDeadLetterExchange: boolean;
  consumers: number | null;
}

/** Since 4.0 quorum queues give up a message after so many deliveries unless told otherwise. */
const DEFAULT_DELIVERY_LIMIT = 20;

/** How many returns a quorum queue allows before it gives a message up; null: no limit. */
export function deliveryLimitOf({ queueType, version, deliveryLimit }: ReadableQueue): number | null {
  if (queueType !== 'quorum') return null;
  if (deliveryLimit !== undefined) return deliveryLimit < 0 ? null : deliveryLimit;
  return version !== undefined && isAtLeast(version, '4.0') ? DEFAULT_DELIVERY_LIMIT : null;
}

/** What reading a queue does to it and to its messages, in sentences. */
export function readingTerms(queue: ReadableQueue): ReadingTerms {
  const { name, queueType, consumers, version } = queue;
  if (queueType === 'stream') {
    const refused = `${name} is a stream: nothing is dead-lettered from it or taken out of it. Read it with a consumer of its own.`;
    return { costs: [], refused };
  }
  const costs = [
    'The messages are taken out for a moment and put back, by the broker itself should Tapline end meanwhile: until then nobody else can get them.',
  ];
  if (queueType !== 'quorum') costs.push('Each is marked as redelivered for good.');
  if (queueType !== 'classic') costs.push(...quorumCosts(queue));
  if (queueType === 'quorum' && version !== undefined && !isAtLeast(version, '4.0'))
    costs.push('On this version what was read goes to the end of the queue.');
  if (consumers !== null && consumers > 0)
    costs.push(
      `${consumers === 1 ? 'A consumer takes' : `${consumers} consumers take`} messages from it at the same time; what they hold is not seen, and order may change.`,
    );
  return { costs };
}

function quorumCosts(queue: ReadableQueue): string[] {
  const { queueType, knowsPolicies, hasDeadLetterExchange } = queue;
  const limit = deliveryLimitOf(queue);
  const prefix = queueType === 'quorum' ? 'Each read raises' : 'If it is a quorum queue, each read raises';
  if (limit !== null) {
    const then = hasDeadLetterExchange ? 'dead-letters it' : 'drops it';
    return [
      `${prefix} the delivery count of every message read; after ${limit} returns this queue ${then}. Tapline puts back a copy before that happens.`,
    ];
  }
  const unknown = knowsPolicies ? '' : ' Whether a policy limits deliveries cannot be seen without the management API.';
  return [`${prefix} the delivery count of every message read; no limit is known here.${unknown}`];
}
