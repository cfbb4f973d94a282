import { ago, ordinal, spell } from './ago';
import type { DeadLetter, Death } from './dead-letter';

/** A reason in words, for groups and filters: `rejected by a consumer`. */
export function describeReason(reason: string): string {
  switch (reason) {
    case 'rejected':
      return 'rejected by a consumer';
    case 'expired':
      return 'expired';
    case 'maxlen':
      return 'pushed out of a full queue';
    case 'delivery_limit':
      return 'delivered too often without success';
    case 'fault':
      return 'failed with an exception';
    case 'skipped':
      return 'skipped: no consumer for its type';
    case 'failed':
      return 'failed in a handler';
    case 'unknown':
      return 'unknown reason';
    default:
      return reason;
  }
}

function whatHappened({ queue, reason, originalExpiration }: Death): string {
  switch (reason) {
    case 'rejected':
      return `rejected by a consumer of ${queue}`;
    case 'expired': {
      const ttl = Number(originalExpiration);
      return `expired in ${queue}${originalExpiration && ttl >= 0 ? ` (its own time to live was ${spell(ttl)})` : ''}`;
    }
    case 'maxlen':
      return `pushed out of ${queue}, which was full`;
    case 'delivery_limit':
      return `given up by ${queue} after too many deliveries without success`;
    default:
      return `dead-lettered by ${queue} (${reason})`;
  }
}

/** When: brokers tell the time of the first death only, so that of repeated ones is said as such. */
function when({ count, firstAt, lastAt }: Death, now: number): string {
  if (lastAt !== undefined) return ` ${ago(lastAt, now)}${count > 1 ? `, for the ${ordinal(count)} time` : ''}`;
  if (count <= 1) return firstAt === undefined ? '' : ` ${ago(firstAt, now)}`;
  const first = firstAt === undefined ? '' : ` (the first was ${ago(firstAt, now)})`;
  return `, for the ${ordinal(count)} time${first}`;
}

function cameThrough({ exchange, routingKeys, queue }: Death): string {
  const keys = routingKeys.filter((key) => key !== '');
  if (exchange === '')
    return keys.some((key) => key !== queue) ? `; came straight to it with key ${keys.join(', ')}` : '';
  const through = `; came through ${exchange}`;
  if (keys.length === 0) return `${through} without a key`;
  return `${through} with key${keys.length > 1 ? 's' : ''} ${keys.join(', ')}`;
}

/** A death as a sentence: `rejected by a consumer of billing-queue 2 minutes ago; came through order-events with key order.created`. */
export function describeDeath(death: Death, now: number): string {
  return `${whatHappened(death)}${when(death, now)}${cameThrough(death)}`;
}

/** What is known of a dead letter's past, newest first, one sentence each. */
export function describeHistory(letter: DeadLetter, now: number): string[] {
  const { deaths, error, redriven } = letter;
  const sentences = deaths.map((death) => describeDeath(death, now));
  if (error) {
    const attempts =
      error.attempts === undefined ? '' : ` after ${error.attempts} attempt${error.attempts === 1 ? '' : 's'}`;
    const what = [error.type, error.message].filter((part) => part !== undefined && part !== '').join(': ');
    sentences.unshift(`failed${attempts}${what === '' ? '' : ` with ${what}`}`);
  }
  if (redriven) {
    const times = redriven.times === 1 ? 'once' : redriven.times === 2 ? 'twice' : `${redriven.times} times`;
    const last = redriven.lastAt === undefined ? '' : `, last ${ago(redriven.lastAt, now)}`;
    sentences.push(`redriven by Tapline ${times} before${last}, and it came back`);
  }
  if (sentences.length === 0) sentences.push('nothing in the message tells why it is here');
  return sentences;
}
