import { z } from 'zod';

export const HTTP_METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] as const;

/** Longest time a request may take unless the user says otherwise, milliseconds. */
export const DEFAULT_HTTP_TIMEOUT_MS = 10_000;
/** Largest response that is read. */
export const MOST_RESPONSE_BYTES = 1024 * 1024;

/** Settings `http` of a handler. */
export const httpSettingsSchema = z.looseObject({
  method: z.enum(HTTP_METHODS).default('POST'),
  /** Template: `{{var.NAME}}` is a variable of the environment. */
  url: z.string().default(''),
  /** Sent beside those of the message, and instead of them where names are the same. Values are templates. */
  headers: z.array(z.looseObject({ name: z.string(), value: z.string().default('') })).default([]),
  timeoutMs: z.number().int().min(1).max(600_000).default(DEFAULT_HTTP_TIMEOUT_MS),
  /** Statuses that are successes, as `readStatuses` reads them. */
  successStatuses: z.string().default('2xx'),
  /** Output that the response's body leaves by; absent or empty: it is not read. */
  responseOutput: z.string().optional(),
});

/** Reads `2xx, 404, 300-303` as a test; undefined when it is not written like that. */
export function readStatuses(text: string): ((status: number) => boolean) | undefined {
  const ranges: [number, number][] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    const [, hundred, from, to] = /^(?:([1-5])xx|([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?)$/i.exec(part) ?? [];
    if (hundred !== undefined) ranges.push([Number(hundred) * 100, Number(hundred) * 100 + 99]);
    else if (from !== undefined) ranges.push([Number(from), Number(to ?? from)]);
    else return undefined;
  }
  return (status) => ranges.some(([from, to]) => status >= from && status <= to);
}
