import type { ArgumentTable, ArgumentValue } from '../objects';

const encoder = new TextEncoder();

/**
 * Does a topic binding key match a routing key? Words stand between dots; `*` is exactly one word, `#` zero or more. An
 * empty key has no words, as in RabbitMQ, so only `#` and the empty pattern match it.
 */
export function matchTopic(pattern: string, routingKey: string): boolean {
  return matchWords(splitWords(pattern), splitWords(routingKey));
}

/** The words of a topic key; RabbitMQ splits the empty key into none. */
export function splitWords(key: string): string[] {
  return key === '' ? [] : key.split('.');
}

/** Wildcard matching with one point to go back to (the last `#`), so that many of them cost no exponential time. */
function matchWords(pattern: string[], words: string[]): boolean {
  let p = 0;
  let w = 0;
  let hash = -1;
  let resume = 0;
  while (w < words.length) {
    const part = pattern[p];
    if (part === '#') {
      hash = p++;
      resume = w;
    } else if (part !== undefined && (part === '*' || part === words[w])) {
      p++;
      w++;
    } else if (hash >= 0) {
      p = hash + 1;
      w = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '#') p++;
  return p === pattern.length;
}

/** A headers binding prepared for many messages. */
export interface HeadersMatcher {
  mode: 'all' | 'any';
  /** Names with the value they must equal; null asks only that the header is there. */
  entries: { name: string; comparable: string | null }[];
}

/** Prepares a binding's arguments. Without `x-match` it is `all`; an unknown one counts as `all` too, though declaring it is refused. */
export function compileHeaders(table: ArgumentTable): HeadersMatcher {
  const kind = table['x-match'];
  const isAny = kind === 'any' || kind === 'any-with-x';
  const comparesX = kind === 'all-with-x' || kind === 'any-with-x';
  const entries = Object.entries(table)
    .filter(([name]) => name !== 'x-match' && (comparesX || !name.startsWith('x-')))
    .map(([name, value]) => ({ name, comparable: isVoid(value) ? null : toComparable(value) }));
  return { mode: isAny ? 'any' : 'all', entries };
}

/** Do a message's headers satisfy a prepared binding? `all` of nothing is true, `any` of nothing is false. */
export function matchCompiledHeaders({ mode, entries }: HeadersMatcher, headers: ArgumentTable): boolean {
  const isMet = ({ name, comparable }: HeadersMatcher['entries'][number]) => {
    if (!Object.hasOwn(headers, name)) return false;
    const value = headers[name];
    return comparable === null || (value !== undefined && toComparable(value) === comparable);
  };
  return mode === 'all' ? entries.every(isMet) : entries.some(isMet);
}

/**
 * Does a headers binding match a message? `x-match` is `all` (default) or `any`, which do not compare names that begin
 * with `x-`, or `all-with-x` and `any-with-x`, which do. Source: rabbit_exchange_type_headers.erl.
 */
export function matchHeaders(table: ArgumentTable, headers: ArgumentTable): boolean {
  return matchCompiledHeaders(compileHeaders(table), headers);
}

function isTyped(value: ArgumentValue): value is { $type: string; value: ArgumentValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value['$type'] === 'string';
}

function isVoid(value: ArgumentValue): boolean {
  return value === null || (isTyped(value) && value.$type === 'void');
}

/**
 * A text that two values share exactly when RabbitMQ takes them for equal: text never equals a number or a boolean, but all
 * numbers compare by value whatever their width, and bytes equal text of the same UTF-8 form. Inside arrays and tables
 * types must agree, too.
 */
function toComparable(value: ArgumentValue, isNested = false): string {
  if (isTyped(value)) return typedComparable(value.$type, value.value, isNested);
  switch (typeof value) {
    case 'string':
      return typedComparable('string', value, isNested);
    case 'number':
      return typedComparable(Number.isInteger(value) ? 'long' : 'double', value, isNested);
    case 'boolean':
      return String(value);
  }
  if (value === null) return 'void';
  if (Array.isArray(value)) return `[${value.map((item) => toComparable(item, true)).join()}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${toComparable(item, true)}`)
    .join()}}`;
}

function typedComparable(type: string, value: ArgumentValue, isNested: boolean): string {
  switch (type) {
    case 'byte':
    case 'short':
    case 'int':
    case 'long':
      return `${isNested ? 'int' : ''}#${normaliseNumber(value)}`;
    case 'timestamp':
      return `${isNested ? 'time' : ''}#${normaliseNumber(value)}`;
    case 'float':
      return `${isNested ? 'float' : ''}#${normaliseNumber(Math.fround(Number(value)))}`;
    case 'double':
      return `${isNested ? 'double' : ''}#${normaliseNumber(Number(value))}`;
    case 'string':
      return `${isNested ? 'text' : ''}${JSON.stringify(toUtf8(String(value)))}`;
    case 'bytes':
      return `${isNested ? 'bytes' : ''}${JSON.stringify(fromBase64(String(value)))}`;
    default:
      return `${type}:${JSON.stringify(value)}`;
  }
}

function normaliseNumber(value: ArgumentValue): string {
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? BigInt(value).toString() : String(Number(value) + 0);
}

/** Text as one character per UTF-8 byte, the form that `atob` gives bytes in. */
function toUtf8(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  let bytes = '';
  for (const byte of encoder.encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

function fromBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return `not base64: ${text}`;
  }
}
