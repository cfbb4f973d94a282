import type { FieldTable } from '../codec/table';
import type { Behaviour } from './behaviour';
import { integerOf } from './queue-arguments';

/** Limits and behaviour of a queue, read once from its arguments. Times in milliseconds; no limit is infinite. */
export interface QueueLimits {
  ttlMs: number | undefined;
  expiresMs: number | undefined;
  maxLength: number;
  maxBytes: number;
  refusesWhenFull: boolean;
  deadLettersRefused: boolean;
  maxPriority: number;
  singleActive: boolean;
  deliveryLimit: number;
}

/** What a queue's arguments mean; they were checked before. */
export function readQueueLimits(args: FieldTable, isQuorum: boolean, behaviour: Behaviour): QueueLimits {
  const overflow = args['x-overflow'];
  return {
    ttlMs: integerOf(args['x-message-ttl']),
    expiresMs: integerOf(args['x-expires']),
    maxLength: integerOf(args['x-max-length']) ?? Number.POSITIVE_INFINITY,
    maxBytes: integerOf(args['x-max-length-bytes']) ?? Number.POSITIVE_INFINITY,
    refusesWhenFull: overflow === 'reject-publish' || overflow === 'reject-publish-dlx',
    deadLettersRefused: overflow === 'reject-publish-dlx',
    maxPriority: isQuorum ? 0 : (integerOf(args['x-max-priority']) ?? 0),
    singleActive: args['x-single-active-consumer'] === true,
    deliveryLimit: isQuorum ? readDeliveryLimit(args, behaviour) : Number.POSITIVE_INFINITY,
  };
}

function readDeliveryLimit(args: FieldTable, behaviour: Behaviour): number {
  const limit = integerOf(args['x-delivery-limit']) ?? behaviour.defaultDeliveryLimit;
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (limit >= 0) return limit;
  return behaviour.negativeDeliveryLimit === 'none' ? Number.POSITIVE_INFINITY : 0;
}
