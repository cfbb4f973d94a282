import { joinProperties, type RawProperties, splitProperties } from '@main/amqp/raw-properties';
import { valueLength } from '@main/amqp/raw-table';
import { FRAME_BODY, FRAME_HEADER } from '@main/sandbox/rabbitmq/codec/fields';
import fc from 'fast-check';
import { contentHeader, frame, RawClient } from '../../../conformance/rabbitmq/raw-client';

/** Headers as their bytes: key, and tagged value. */
export type RawHeaders = Map<string, Buffer>;

export interface RawMessage {
  headers: RawHeaders;
  others: RawProperties;
}

/** Of all messages: a text that is no UTF-8, and a time that JavaScript has no number for. */
export const OTHER_PROPERTIES: RawProperties = {
  deliveryMode: Buffer.of(2),
  correlationId: Buffer.of(3, 0xff, 0x00, 0xfe),
  timestamp: Buffer.from('7fffffffffffffff', 'hex'),
};

const bytesOf = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map(Buffer.from);
const tagged = (tag: string, value: fc.Arbitrary<Buffer>) =>
  value.map((bytes) => Buffer.concat([Buffer.from(tag), bytes]));
const sized = (value: fc.Arbitrary<Buffer>) =>
  value.map((bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
/** Not all bytes are a number: Erlang has neither infinity nor NaN. */
const finite = (size: 4 | 8) =>
  bytesOf(size).filter((bytes) => Number.isFinite(size === 4 ? bytes.readFloatBE() : bytes.readDoubleBE()));
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((string) => Buffer.from(string)),
  fc.uint8Array({ maxLength: 12 }).map(Buffer.from),
);
const key = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((name) => !/^(x-|B?CC$|tapline-)/.test(name)),
  fc.constantFrom('__proto__', '!', 'value', '7', 'constructor'),
);

const { table } = fc.letrec<{ value: Buffer; table: RawHeaders }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constant(Buffer.from('V')),
    tagged('t', fc.constantFrom(Buffer.of(0), Buffer.of(1))),
    tagged('b', bytesOf(1)),
    tagged('B', bytesOf(1)),
    tagged('s', bytesOf(2)),
    tagged('u', bytesOf(2)),
    tagged('I', bytesOf(4)),
    tagged('i', bytesOf(4)),
    tagged('l', bytesOf(8)),
    tagged('f', finite(4)),
    tagged('d', finite(8)),
    tagged('D', bytesOf(5)),
    tagged('T', bytesOf(8)),
    tagged('S', sized(text)),
    tagged('x', sized(text)),
    tagged('A', sized(fc.array(tie('value'), { maxLength: 4 }).map((values) => Buffer.concat(values)))),
    tagged('F', sized(tie('table').map(entries))),
  ),
  table: fc.array(fc.tuple(key, tie('value')), { maxLength: 8 }).map((pairs) => new Map(pairs)),
}));

/** Headers of all types, nested too. */
export const typedHeaders: fc.Arbitrary<RawHeaders> = table;

function entries(headers: RawHeaders): Buffer {
  return Buffer.concat(
    [...headers].flatMap(([name, value]) => [Buffer.of(Buffer.byteLength(name)), Buffer.from(name), value]),
  );
}

/** Publishes to a queue, confirmed. Bodies are the numbers of the messages. */
export async function publishRaw(target: { url: string }, queue: string, sent: readonly RawHeaders[]): Promise<void> {
  const client = await RawClient.open(target);
  await client.call('confirm.select', { noWait: false }, 'confirm.select-ok');
  for (const [number, headers] of sent.entries()) {
    const body = Buffer.from(String(number));
    const list = entries(headers);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(list.length);
    const properties = joinProperties({ ...OTHER_PROPERTIES, headers: Buffer.concat([length, list]) });
    client.send(1, 'basic.publish', { exchange: '', routingKey: queue, mandatory: false, immediate: false });
    client.write(frame(FRAME_HEADER, 1, contentHeader(body.length, properties)));
    client.write(frame(FRAME_BODY, 1, body));
  }
  for (let confirmed = 0; confirmed < sent.length; ) {
    const { deliveryTag, multiple } = await client.expect('basic.ack');
    confirmed = multiple ? deliveryTag : confirmed + 1;
  }
  client.end();
}

/** What a queue holds, by the number in the body. It stays there, as soon as the broker has noticed that this client is gone. */
export async function readRaw(target: { url: string }, queue: string): Promise<Map<number, RawMessage>> {
  const client = await RawClient.open(target);
  const read = new Map<number, RawMessage>();
  for (;;) {
    client.send(1, 'basic.get', { queue, noAck: false });
    const got = await client.next();
    if (got === 'closed' || got.name !== 'basic.get-ok') break;
    const header = await client.next();
    const body = await client.next();
    if (header === 'closed' || header.name !== 'frame' || body === 'closed' || body.name !== 'frame')
      throw new Error('no content');
    const { headers, ...others } = splitProperties(header.payload.subarray(12));
    read.set(Number(body.payload.toString()), { headers: split(headers), others });
  }
  client.end();
  return read;
}

function split(raw: Buffer | undefined): RawHeaders {
  const headers: RawHeaders = new Map();
  for (let start = 4; raw && start < raw.length; ) {
    const keyEnd = start + 1 + raw.readUInt8(start);
    const end = keyEnd + valueLength(raw, keyEnd);
    headers.set(raw.toString('utf8', start + 1, keyEnd), raw.subarray(keyEnd, end));
    start = end;
  }
  return headers;
}
