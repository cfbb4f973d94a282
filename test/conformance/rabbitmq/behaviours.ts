import type { Behaviour } from './behaviour';
import { consuming } from './consuming';
import { deadLetters } from './dead-letters';
import { exchanges } from './exchanges';
import { limitsAndExpiry } from './limits-and-expiry';
import { publishing } from './publishing';
import { queueArguments } from './queue-arguments';
import { queues } from './queues';
import { quorumQueues } from './quorum';
import { wire } from './wire';

/** All that is compared between the sandbox and real brokers. */
export const BEHAVIOURS_COMPARED: Behaviour[] = [
  ...exchanges,
  ...queues,
  ...queueArguments,
  ...limitsAndExpiry,
  ...deadLetters,
  ...publishing,
  ...consuming,
  ...quorumQueues,
  ...wire,
];
