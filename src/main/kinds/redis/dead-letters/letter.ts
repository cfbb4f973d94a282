import type { DeadLetter, DeadLetterQueue, Home } from '@shared/dead-letters/dead-letter';
import type { Json } from '@shared/flow/schema';
import { type DEATH_FIELDS, isDeathField } from '@shared/kinds/redis/death-fields';
import { showBody } from '../../message-details';
import { fromFields } from '../entry';

/** Header that counts how often Tapline redrove an entry. */
export const REDRIVEN_HEADER = 'tapline-redriven';
/** Header with the time of the last redrive, ISO 8601. */
export const REDRIVEN_AT_HEADER = 'tapline-redriven-at';

/** An entry of a dead-letter stream, told and dated. Its id in the stream is its fingerprint: no other has it. */
export function toDeadLetter(id: string, fields: readonly Buffer[], queue: DeadLetterQueue): DeadLetter {
  const message = fromFields(fields);
  const text = (name: (typeof DEATH_FIELDS)[number]) => {
    const value = message.headers[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const from = text('x-origin-stream');
  const failureType = text('x-failure-type');
  const reason = failureType === undefined ? 'unknown' : failureType === 'abandoned' ? 'delivery_limit' : 'failed';
  const diedAt = timeOf(text('x-dead-at')) ?? Number(id.split('-')[0]);
  const attempts = Number(text('x-deliveries') ?? Number.NaN);
  const isOwn = ([name]: [string, Json]) => !isDeathField(name);
  return {
    id,
    messageId: message.messageId ?? id,
    ...(message.type === undefined ? {} : { type: message.type }),
    exchange: '',
    routingKey: message.routingKey,
    sizeBytes: message.body.length,
    body: showBody(message.body, false),
    headers: Object.fromEntries(Object.entries(message.headers).filter(isOwn)),
    properties: message.properties,
    deaths:
      from === undefined
        ? []
        : [{ queue: from, reason, count: 1, lastAt: diedAt, exchange: '', routingKeys: [message.routingKey] }],
    reason,
    ...(from === undefined ? {} : { from }),
    diedAt,
    ...(failureType === undefined
      ? {}
      : {
          error: {
            type: failureType,
            message: text('x-reason') ?? '',
            ...(Number.isSafeInteger(attempts) ? { attempts } : {}),
          },
        }),
    redriven: redrivenOf(message.headers),
    homes: homesOf(from, text('x-group'), queue),
  };
}

/** Where entries belong of which nobody has read a field: the one stream whose dead letters come here. */
export function guessHomes({ sources }: DeadLetterQueue): Home[] {
  const [only, ...others] = sources;
  if (only === undefined || others.length > 0) return [];
  return [streamHome(only, `by the drawing, dead letters come here from ${only} only`, true)];
}

function homesOf(from: string | undefined, group: string | undefined, queue: DeadLetterQueue): Home[] {
  if (from === undefined) return guessHomes(queue);
  return [streamHome(from, `the group ${group ?? 'that had it'} gave it up in ${from}`)];
}

function streamHome(stream: string, known: string, inferred = false): Home {
  const why = `${known}; every group that reads ${stream} gets it again`;
  return { exchange: '', routingKey: stream, reach: 'queue', name: stream, why, ...(inferred ? { inferred } : {}) };
}

function redrivenOf(headers: Record<string, Json>): DeadLetter['redriven'] {
  const times = Number(headers[REDRIVEN_HEADER] ?? 0);
  if (!Number.isSafeInteger(times) || times < 1) return null;
  const lastAt = timeOf(headers[REDRIVEN_AT_HEADER]);
  return { times, ...(lastAt === undefined ? {} : { lastAt }) };
}

function timeOf(value: Json | undefined): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
