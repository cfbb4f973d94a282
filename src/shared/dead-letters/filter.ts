import type { DeadLetter } from './dead-letter';

/** Which dead letters are meant; all that is given must hold. */
export interface DeadLetterFilter {
  /** Anywhere in body, headers, properties or error; case does not matter. */
  text?: string;
  /** Routing key the message was published with; `*` stands for anything. */
  key?: string;
  /** A header exists, or has this value as text. */
  header?: { name: string; value?: string };
  reason?: string;
  /** Queue it died in. */
  from?: string;
  /** Class of the exception. */
  exception?: string;
  type?: string;
  /** Dead for at least so long. Letters that do not tell when they died never match. */
  olderThanMs?: number;
  newerThanMs?: number;
  /** Only those redriven at most so often before. */
  maxRedriven?: number;
}

/** The key a message was published with, before dead-lettering changed it. */
export function originalKey({ deaths, routingKey }: DeadLetter): string {
  return deaths.at(-1)?.routingKeys[0] ?? routingKey;
}

function glob(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

function textOf({ body, headers, properties, error, messageId }: DeadLetter): string {
  const shown = body.format === 'masked' ? '' : body.text;
  return [shown, JSON.stringify(headers), JSON.stringify(properties), error?.type, error?.message, messageId].join(
    '\n',
  );
}

/** Makes a test of dead letters out of a filter. `now` in epoch milliseconds. */
export function compileFilter(filter: DeadLetterFilter, now: number): (letter: DeadLetter) => boolean {
  const { text, key, header, reason, from, exception, type, olderThanMs, newerThanMs, maxRedriven } = filter;
  const needle = text?.toLowerCase();
  const keyPattern = key === undefined ? undefined : glob(key);
  return (letter) => {
    if (reason !== undefined && letter.reason !== reason) return false;
    if (from !== undefined && letter.from !== from) return false;
    if (exception !== undefined && letter.error?.type !== exception) return false;
    if (type !== undefined && letter.type !== type) return false;
    if (keyPattern && !keyPattern.test(originalKey(letter))) return false;
    if (maxRedriven !== undefined && (letter.redriven?.times ?? 0) > maxRedriven) return false;
    if (header) {
      const value = letter.headers[header.name];
      if (value === undefined) return false;
      const asText = typeof value === 'string' ? value : JSON.stringify(value);
      if (header.value !== undefined && asText !== header.value) return false;
    }
    if (olderThanMs !== undefined && !(letter.diedAt !== undefined && now - letter.diedAt >= olderThanMs)) return false;
    if (newerThanMs !== undefined && !(letter.diedAt !== undefined && now - letter.diedAt <= newerThanMs)) return false;
    return needle === undefined || textOf(letter).toLowerCase().includes(needle);
  };
}

/** True for a filter that lets everything through. */
export function isEmptyFilter(filter: DeadLetterFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}
