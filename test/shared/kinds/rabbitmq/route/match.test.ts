import type { ArgumentTable, ArgumentValue } from '@shared/kinds/rabbitmq/objects';
import { matchHeaders, matchTopic } from '@shared/kinds/rabbitmq/route/match';
import { TopicTrie } from '@shared/kinds/rabbitmq/route/topic-trie';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headersBinding, messageHeaders, routingKey, topicPattern } from './arbitraries';

/** The definition itself, without any cleverness. */
function matchesByDefinition(pattern: string[], words: string[]): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return words.length === 0;
  if (part === '#') {
    return Array.from({ length: words.length + 1 }, (_, skipped) => words.slice(skipped)).some((tail) =>
      matchesByDefinition(rest, tail),
    );
  }
  return words.length > 0 && (part === '*' || part === words[0]) && matchesByDefinition(rest, words.slice(1));
}

const wordsOf = (key: string) => (key === '' ? [] : key.split('.'));

describe('topic matching', () => {
  it.each([
    ['order.*', 'order.created', true],
    ['order.*', 'order', false],
    ['order.*', 'order.created.eu', false],
    ['order.#', 'order', true],
    ['order.#', 'order.created.eu', true],
    ['#', '', true],
    ['*', '', false],
    ['', '', true],
    ['#.b.#', 'a.b.c', true],
    ['a.#.#.b', 'a.b', true],
    ['*.*', '.', true],
    ['order.*', 'Order.created', false],
  ])('%s with %s is %s', (pattern, key, expected) => {
    expect(matchTopic(pattern, key)).toBe(expected);
  });

  it('agrees with the definition, alone and in a trie', () => {
    fc.assert(
      fc.property(fc.array(topicPattern, { maxLength: 8 }), routingKey, (patterns, key) => {
        const trie = new TopicTrie<number>();
        patterns.forEach((pattern, index) => {
          trie.add(pattern, index);
        });
        const expected = patterns.flatMap((pattern, index) =>
          matchesByDefinition(wordsOf(pattern), wordsOf(key)) ? [index] : [],
        );
        expect(patterns.flatMap((pattern, index) => (matchTopic(pattern, key) ? [index] : []))).toEqual(expected);
        expect(trie.match(key).sort((a, b) => a - b)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('many hashes over a long key need no exponential time', () => {
    const key = Array.from({ length: 100 }, () => 'a').join('.');
    expect(matchTopic(`${'#.a.'.repeat(50)}b`, key)).toBe(false);
  });
});

/** The rule as RabbitMQ documents it, over values compared by an own naive equality. */
function headersByDefinition(table: ArgumentTable, headers: ArgumentTable): boolean {
  const kind = String(table['x-match'] ?? 'all');
  const wanted = Object.keys(table).filter(
    (name) => name !== 'x-match' && (kind.endsWith('with-x') || !name.startsWith('x-')),
  );
  const matches = wanted.map((name) => {
    if (!(name in headers)) return false;
    return isVoid(table[name]) || isEqual(table[name], headers[name]);
  });
  return kind.startsWith('any') ? matches.includes(true) : !matches.includes(false);
}

const isVoid = (value: ArgumentValue | undefined) =>
  value === null || (typeof value === 'object' && '$type' in value && value.$type === 'void');

function plain(value: ArgumentValue | undefined): unknown {
  if (typeof value !== 'object' || value === null || !('$type' in value)) return value;
  if (value.$type === 'bytes') return Buffer.from(String(value.value), 'base64').toString();
  return typeof value.value === 'string' ? BigInt(value.value) : value.value;
}

const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'bigint';

function isEqual(a: ArgumentValue | undefined, b: ArgumentValue | undefined): boolean {
  const left = plain(a);
  const right = plain(b);
  // JavaScript compares a bigint and a number exactly, as Erlang does.
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint equals a number only loosely
  if (isNumber(left) && isNumber(right)) return left == right;
  if (isNumber(left) || isNumber(right)) return false;
  return JSON.stringify(left) === JSON.stringify(right);
}

describe('headers matching', () => {
  it.each<[string, ArgumentTable, ArgumentTable, boolean]>([
    ['no arguments match everything', {}, {}, true],
    ['any of nothing matches nothing', { 'x-match': 'any' }, { region: 'eu' }, false],
    ['all needs every header', { region: 'eu', size: 1 }, { region: 'eu' }, false],
    ['any needs one', { 'x-match': 'any', region: 'eu', size: 1 }, { region: 'eu' }, true],
    ['further headers do not matter', { region: 'eu' }, { region: 'eu', size: 1 }, true],
    ['a void value asks for presence', { region: null }, { region: 7 }, true],
    ['a typed void value asks for presence', { region: { $type: 'void', value: null } }, { region: 7 }, true],
    ['a void value needs the header', { region: null }, {}, false],
    ['text is not a number', { size: '1' }, { size: 1 }, false],
    ['a number is not a boolean', { size: 1 }, { size: true }, false],
    ['widths of numbers do not matter', { size: { $type: 'long', value: '1' } }, { size: 1 }, true],
    ['a whole double equals the integer', { size: { $type: 'double', value: 1 } }, { size: 1 }, true],
    [
      'numbers past 2⁵³ compare exactly',
      { size: { $type: 'long', value: '9007199254740993' } },
      { size: { $type: 'long', value: '9007199254740992' } },
      false,
    ],
    ['bytes equal the same text', { region: { $type: 'bytes', value: 'w7w=' } }, { region: 'ü' }, true],
    ['x- names are not compared by all', { 'x-level': 1 }, {}, true],
    ['x- names are compared by all-with-x', { 'x-match': 'all-with-x', 'x-level': 1 }, {}, false],
    ['x- names do not satisfy any', { 'x-match': 'any', 'x-level': 1 }, { 'x-level': 1 }, false],
    ['x- names satisfy any-with-x', { 'x-match': 'any-with-x', 'x-level': 1 }, { 'x-level': 1 }, true],
    ['arrays compare by element and type', { kind: ['a', 1] }, { kind: ['a', '1'] }, false],
    ['tables compare by content', { kind: { a: 1 } }, { kind: { a: 1 } }, true],
  ])('%s', (_, table, headers, expected) => {
    expect(matchHeaders(table, headers)).toBe(expected);
  });

  it('agrees with the definition', () => {
    fc.assert(
      fc.property(headersBinding, messageHeaders, (table, headers) => {
        expect(matchHeaders(table, headers)).toBe(headersByDefinition(table, headers));
      }),
      { numRuns: 3000 },
    );
  });
});
