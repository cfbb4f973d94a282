import { validateHeaderName } from 'node:http';
import type { HandledMessage } from '../behaviour';

/** Headers that belong to a connection or say who is asking: a message must not set them. */
const RESERVED =
  /^(connection|content-length|content-type|cookie|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|authorization|proxy-.*|x-death|x-first-death-.*|x-last-death-.*|tapline-.*)$/i;

/**
 * Headers of the request: what the message is (`X-Message-Id`, `X-Message-Type`, `X-Routing-Key`, `X-Attempt`), its own headers
 * that are text, number or boolean and may be sent (no lists, no tables, none that steer the connection), then the user's.
 */
export function headersOf(message: HandledMessage, own: [string, string][]): Record<string, string> {
  const headers: Record<string, string> = {};
  const names = new Map<string, string>();
  const set = (name: string, value: string) => {
    const key = name.toLowerCase();
    const before = names.get(key);
    if (before !== undefined) delete headers[before];
    names.set(key, name);
    headers[name] = toHeaderValue(value);
  };
  for (const [name, value] of Object.entries(message.headers)) {
    if (RESERVED.test(name) || !isHeaderName(name) || value === null || typeof value === 'object') continue;
    set(name, String(value));
  }
  const { contentType, contentEncoding } = message.properties;
  set('Content-Type', typeof contentType === 'string' ? contentType : 'application/octet-stream');
  if (typeof contentEncoding === 'string') set('Content-Encoding', contentEncoding);
  if (message.messageId !== undefined) set('X-Message-Id', message.messageId);
  if (message.type !== undefined) set('X-Message-Type', message.type);
  set('X-Routing-Key', message.routingKey);
  set('X-Attempt', String(message.attempt));
  for (const [name, value] of own) set(name, value);
  return headers;
}

/** May HTTP carry a header of this name? */
export function isHeaderName(name: string): boolean {
  try {
    validateHeaderName(name);
    return true;
  } catch {
    return false;
  }
}

/** HTTP carries visible ASCII; everything else is written as percent-encoded UTF-8. */
function toHeaderValue(text: string): string {
  return text.replace(/[^\t\x20-\x7e]+/g, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}
