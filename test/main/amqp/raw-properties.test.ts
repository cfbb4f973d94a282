import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { survivesPlainValues } from '@main/amqp/raw-properties';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typedHeaders } from '../kinds/rabbitmq/typed-headers';

/** amqplib exports no codec: its file is read. */
const DEFINITIONS = resolve(import.meta.dirname, '../../../node_modules/amqplib/lib/defs.js');
const { decode, encodeProperties } = createRequire(import.meta.url)(DEFINITIONS) as {
  decode: (id: number, bytes: Buffer) => Record<string, unknown>;
  encodeProperties: (id: number, channel: number, bodyBytes: number, fields: object) => Buffer;
};
const BASIC_PROPERTIES = 60;
const PROPERTIES_AT = 19;

const again = (bytes: Buffer) =>
  encodeProperties(BASIC_PROPERTIES, 1, 0, decode(BASIC_PROPERTIES, bytes)).subarray(PROPERTIES_AT, -1);

/** Flags, headers, delivery mode, and a time. */
function laidOut(headers: ReadonlyMap<string, Buffer>, mode: number, time: bigint): Buffer {
  const pairs = [...headers].flatMap(([name, value]) => {
    const key = Buffer.from(name);
    return [Buffer.of(key.length), key, value];
  });
  const table = Buffer.concat(pairs);
  const head = Buffer.alloc(6);
  head.writeUInt16BE((1 << 13) | (1 << 12) | (1 << 6), 0);
  head.writeUInt32BE(table.length, 2);
  const tail = Buffer.alloc(9);
  tail.writeUInt8(mode, 0);
  tail.writeBigUInt64BE(time, 1);
  return Buffer.concat([head, table, tail]);
}

const asciiText = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => {
  const value = Buffer.alloc(5 + text.length, text);
  value.write('S', 0);
  value.writeUInt32BE(text.length, 1);
  value.write(text, 5);
  return value;
});
const plainHeaders = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z_][a-z0-9_-]{0,12}$/), asciiText), {
    selector: ([name]) => name,
    maxLength: 6,
  })
  .map((pairs) => new Map(pairs));
const time = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 40n }), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }));

describe('properties that survive plain values', () => {
  it('are the same bytes when amqplib has read and written them', () => {
    let survivors = 0;
    fc.assert(
      fc.property(fc.oneof(plainHeaders, typedHeaders), fc.constantFrom(1, 2, 7), time, (headers, mode, at) => {
        const bytes = laidOut(headers, mode, at);
        if (!survivesPlainValues(bytes)) return;
        survivors += 1;
        expect(again(bytes).toString('hex')).toBe(bytes.toString('hex'));
      }),
      { numRuns: 1000 },
    );
    expect(survivors).toBeGreaterThan(50);
  });

  it.each([
    ['text past ASCII', new Map([['name', Buffer.from('5300000002c3a9', 'hex')]])],
    ['a number', new Map([['name', Buffer.from('4900000001', 'hex')]])],
    ['a name that objects do not keep', new Map([['__proto__', Buffer.from('530000000178', 'hex')]])],
  ])('are not said to when they hold %s', (_what, headers) => {
    expect(survivesPlainValues(laidOut(headers, 2, 0n))).toBe(false);
  });
});
