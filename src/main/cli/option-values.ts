import { checkUrl } from '@shared/api/connection-url';
import type { Json } from '@shared/flow/schema';
import { parseMaskRule } from '@shared/tape/mask';
import { MAX_SPEED } from '@shared/tape/replay';
import { InvalidArgumentError } from 'commander';

/** Readers of option values, for commander: each throws one sentence on what cannot be read. */

/** `ID=URL`, repeatable. */
export function brokerUrl(schemes: readonly string[], example: string) {
  return (value: string, previous: Record<string, string> = {}): Record<string, string> => {
    const at = value.indexOf('=');
    const id = value.slice(0, Math.max(at, 0)).trim();
    const url = value.slice(at + 1).trim();
    if (at < 0 || id === '' || id.includes('://'))
      throw new InvalidArgumentError(`It is written ID=URL, such as main=${example}.`);
    const wrong = checkUrl(url, schemes);
    if (wrong !== undefined) throw new InvalidArgumentError(`The URL of “${id}”: ${wrong}`);
    if (id in previous) throw new InvalidArgumentError(`The broker “${id}” is given twice.`);
    return { ...previous, [id]: url };
  };
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `10s`, `500ms`, `2m`, `1h`, in milliseconds. */
export function duration(value: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value.trim()) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  if (!Number.isFinite(ms) || ms <= 0) throw new InvalidArgumentError('Give a time such as 10s, 500ms or 2m.');
  return ms;
}

const UNIT_BYTES: Record<string, number> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** `64MB`, `500KB`, `1GB`, in bytes; units of 1024. */
export function size(value: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/i.exec(value.trim()) ?? [];
  const bytes = Math.floor(Number(amount) * (UNIT_BYTES[unit.toUpperCase()] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw new InvalidArgumentError('Give a size such as 64MB or 500KB.');
  return bytes;
}

/** `body.card.number` or `header.authorization`; repeatable. */
export function maskRule(value: string, previous: string[] = []): string[] {
  if (!parseMaskRule(value))
    throw new InvalidArgumentError('It is written body.FIELD.FIELD or header.NAME, such as body.card.number.');
  return [...previous, value];
}

/** A whole number within limits. */
export function wholeNumber(min: number, max: number) {
  return (value: string): number => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isInteger(number) || number < min || number > max)
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    return number;
  };
}

/** Messages per second. */
export function rate(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0 || number > 50_000)
    throw new InvalidArgumentError('Give messages per second: more than 0, at most 50000.');
  return number;
}

/** How many times as fast. */
export function speed(value: string): number {
  const number = Number(value.trim().replace(/[x×]$/, ''));
  if (value.trim() === '' || !Number.isFinite(number) || number <= 0 || number > MAX_SPEED)
    throw new InvalidArgumentError(`Give how many times as fast: more than 0, at most ${MAX_SPEED}.`);
  return number;
}

/** `key=value` for a string, `key:=JSON` for any other type (matching on headers tells 5 from "5"); repeatable. */
export function header(value: string, previous: Record<string, Json> = {}): Record<string, Json> {
  const [, name, typed, text = ''] = /^([^=]+?)(:)?=(.*)$/s.exec(value) ?? [];
  if (name === undefined)
    throw new InvalidArgumentError('It is written NAME=TEXT, or NAME:=JSON for numbers, true and false.');
  if (typed === undefined) return { ...previous, [name]: text };
  try {
    return { ...previous, [name]: JSON.parse(text) as Json };
  } catch {
    throw new InvalidArgumentError(`What follows “${name}:=” is not JSON.`);
  }
}

/** Collects the values of an option that can be given several times. */
export function several(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}
