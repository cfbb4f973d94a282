import { joinProperties } from '../../../amqp/raw-properties';
import { joinHeaders, readShortString, splitHeaders } from '../codec/properties';
import { encodeValue } from '../codec/table';
import type { Behaviour } from './behaviour';
import type { DeathReason } from './events';
import { Message } from './message';

/** One line of a message's death history: how often it died in `queue` for `reason`. */
export interface Death {
  queue: string;
  reason: DeathReason;
  count: number;
  exchange: string;
  routingKeys: string[];
  /** Epoch seconds of the first such death. */
  time: number;
  originalExpiration?: string;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number {
  return Number(isRecord(value) ? value.value : value) || 0;
}

/** The history a message carries in its `x-death` header, newest first; entries that are not RabbitMQ's are left out. */
export function readDeaths(message: Message): Death[] {
  const header: unknown = message.headers['x-death'];
  if (!Array.isArray(header)) return [];
  return header.filter(isRecord).flatMap((entry) => {
    const { queue, reason } = entry;
    if (typeof queue !== 'string' || typeof reason !== 'string') return [];
    const keys = entry['routing-keys'];
    const expiration = entry['original-expiration'];
    return [
      {
        queue,
        reason: reason as DeathReason,
        count: numberOf(entry.count),
        exchange: String(entry.exchange ?? ''),
        routingKeys: Array.isArray(keys) ? keys.map(String) : [],
        time: numberOf(entry.time),
        ...(typeof expiration === 'string' ? { originalExpiration: expiration } : {}),
      },
    ];
  });
}

function encodeDeaths(deaths: Death[]): Buffer {
  return encodeValue(
    deaths.map((death) => ({
      ...(death.originalExpiration === undefined ? {} : { 'original-expiration': death.originalExpiration }),
      count: death.count,
      exchange: death.exchange,
      queue: death.queue,
      reason: death.reason,
      'routing-keys': death.routingKeys,
      time: { $type: 'timestamp', value: death.time },
    })),
  );
}

export interface Burial {
  message: Message;
  queue: string;
  reason: DeathReason;
  /** `x-dead-letter-exchange` and `-routing-key` of the queue. */
  exchange: string;
  routingKey: string | undefined;
  /** Epoch milliseconds of the sandbox's clock. */
  now: number;
  behaviour: Behaviour;
  nextId: number;
}

/**
 * The copy of a message that goes to the dead-letter exchange, and its history. Rules: https://www.rabbitmq.com/docs/dlx#effects;
 * the wire types of `x-death` are those that RabbitMQ 3.10 and 4.0 send.
 */
export function buryMessage(burial: Burial): { message: Message; deaths: Death[] } {
  const { message, queue, reason, behaviour } = burial;
  const headers = splitHeaders(message.raw.headers);
  // A CC header may have outlived its keys: an earlier queue's dead-letter routing key took their place.
  const isRouted = (key: string) => message.keys?.includes(key) === true;
  const carbonCopies = Array.isArray(message.headers.CC) ? message.headers.CC.map(String).filter(isRouted) : [];
  const earlier = behaviour.trustsClientDeaths || message.hasDied ? readDeaths(message) : [];
  const same = earlier.find((death) => death.queue === queue && death.reason === reason);
  const expiration = readShortString(message.raw.expiration);
  const newest: Death = same
    ? { ...same, count: same.count + 1 }
    : {
        queue,
        reason,
        count: 1,
        exchange: message.exchange,
        routingKeys: deathKeys(message, carbonCopies, behaviour),
        time: Math.floor(burial.now / 1000),
        ...(expiration === undefined ? {} : { originalExpiration: expiration }),
      };
  const others = earlier.filter((death) => death !== same);
  const deaths = [newest, ...(behaviour.turnsDeathsAround && earlier.length > 1 ? others.reverse() : others)];

  const isFirst = behaviour.trustsClientDeaths ? !headers.has('x-death') : !message.hasDied;
  headers.set('x-death', encodeDeaths(deaths));
  if (isFirst) setDeathHeaders(headers, 'x-first-death', message.exchange, queue, reason);
  if (!behaviour.trustsClientDeaths) setDeathHeaders(headers, 'x-last-death', message.exchange, queue, reason);
  if (burial.routingKey !== undefined && !behaviour.keepsCarbonCopies) headers.delete('CC');
  const { expiration: _removed, ...raw } = message.raw;

  // Without a key of its own the copy keeps every key it had, BCC's included.
  const keys = burial.routingKey === undefined ? message.keys : undefined;
  const properties = joinProperties({ ...raw, headers: joinHeaders(headers) });
  const key = burial.routingKey ?? message.routingKey;
  return { message: new Message(burial.exchange, key, properties, message.body, keys, burial.nextId, true), deaths };
}

/** In 4.0 a BCC key that is the routing key or in CC, too, goes from there and stays at its own place. */
function deathKeys({ routingKey, keys }: Message, carbonCopies: string[], { listsDeathKeys }: Behaviour): string[] {
  const open = [routingKey, ...carbonCopies];
  if (listsDeathKeys === 'all but blind' || !keys) return open;
  const left = [...keys];
  for (const blind of keys.slice(open.length)) left.splice(left.indexOf(blind), 1);
  return left;
}

function setDeathHeaders(
  headers: Map<string, Buffer>,
  prefix: string,
  exchange: string,
  queue: string,
  reason: string,
): void {
  headers.set(`${prefix}-exchange`, encodeValue(exchange));
  headers.set(`${prefix}-queue`, encodeValue(queue));
  headers.set(`${prefix}-reason`, encodeValue(reason));
}

/** True when sending the message to `queue` again would go round for ever: it died there before and nobody rejected it since. */
export function isAutomaticCycle(deaths: Death[], queue: string): boolean {
  const index = deaths.findIndex((death) => death.queue === queue);
  return index >= 0 && !deaths.slice(0, index + 1).some((death) => death.reason === 'rejected');
}
