import type { Json } from '@shared/flow/schema';
import { RETRY_HEADERS } from '@shared/traffic/retry-headers';
import { DELAY_HEADER } from '../retry';

/** Header that counts how often Tapline redrove a message. No `x-`, so that headers exchanges may match it and brokers leave it alone. */
export const REDRIVEN_HEADER = 'tapline-redriven';
/** Header with the time of the last redrive, ISO 8601. */
export const REDRIVEN_AT_HEADER = 'tapline-redriven-at';

const DEATH_HEADERS = [
  'x-death',
  'x-opt-deaths',
  'x-first-death-queue',
  'x-first-death-reason',
  'x-first-death-exchange',
  'x-last-death-queue',
  'x-last-death-reason',
  'x-last-death-exchange',
  'x-delivery-count',
  'x-acquired-count',
];
const STRIPPED = new Set<string>([...DEATH_HEADERS, ...Object.values(RETRY_HEADERS), DELAY_HEADER, 'MT-Reason']);
const STRIPPED_PREFIXES = ['MT-Fault-', 'MT-Host-'];

/** Does a header speak of death and retries, so that a redriven message must begin without it? */
export function isDeathHeader(name: string): boolean {
  return STRIPPED.has(name) || STRIPPED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Headers that brokers change from delivery to delivery: no part of what a message is. */
export function isDeliveryHeader(name: string): boolean {
  return name === 'x-delivery-count' || name === 'x-acquired-count';
}

/** Text of a header, undefined when it is anything else. */
export function textHeader(headers: Record<string, Json>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** A whole number as brokers and libraries write it: number, text, or with its AMQP type. */
export function wholeHeader(headers: Record<string, Json>, name: string): number | undefined {
  const number = Number(plain(headers[name]) ?? Number.NaN);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** A time in epoch milliseconds: AMQP timestamps count seconds, libraries write ISO 8601. */
export function timeOf(value: Json | undefined): number | undefined {
  const bare = plain(value);
  if (typeof bare === 'number') return Number.isFinite(bare) ? bare * 1000 : undefined;
  if (typeof bare !== 'string') return undefined;
  if (/^\d+$/.test(bare)) return Number(bare) * 1000;
  const at = Date.parse(bare);
  return Number.isNaN(at) ? undefined : at;
}

function plain(value: Json | undefined): Json | undefined {
  const isTyped = typeof value === 'object' && value !== null && !Array.isArray(value) && '$type' in value;
  return isTyped ? value.value : value;
}

/** How often and when Tapline redrove a message; null when it never did. */
export function readRedriven(headers: Record<string, Json>): { times: number; lastAt?: number } | null {
  const times = wholeHeader(headers, REDRIVEN_HEADER);
  if (times === undefined || times < 1) return null;
  const lastAt = timeOf(headers[REDRIVEN_AT_HEADER]);
  return { times, ...(lastAt === undefined ? {} : { lastAt }) };
}
