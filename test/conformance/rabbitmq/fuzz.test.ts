import { EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FRAME_BODY, FRAME_HEADER, FRAME_METHOD } from '@main/sandbox/rabbitmq/codec/fields';
import { encodeMethod } from '@main/sandbox/rabbitmq/codec/methods';
import { Connection } from '@main/sandbox/rabbitmq/server/connection';
import { connect as connectClient } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentHeader, frame, PROTOCOL_HEADER } from './raw-client';
import { startSandboxTarget } from './targets';

/** How many mutated frames the server must have read. */
const MUTATED_FRAMES = Number(process.env.TAPLINE_FUZZ ?? 100_000);
const SEED = Number(process.env.TAPLINE_SEED ?? Date.now() % 1_000_000);
const FRAMES_PER_SESSION = 50;
/** The first of SOUND are the handshake and the opening of channel 1. */
const HANDSHAKE_FRAMES = 4;
const CONNECTION_CLOSE = (10 << 16) + 50;
const CHANNEL_CLOSE = (20 << 16) + 40;
/** Reply codes RabbitMQ has; another would be our own invention. 541 would be a bug of ours. */
const REPLY_CODES = new Set([200, 320, 403, 404, 405, 406, 501, 502, 503, 504, 505, 530, 540]);
const GROWTH_ALLOWED = 300 * 1024 * 1024;

/** A small generator of numbers below 1 that repeats with its seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const flags = { passive: false, durable: false, exclusive: false, autoDelete: false, noWait: false };
/** Sound frames of every kind; the mutations begin from these. */
const SOUND: Buffer[] = [
  encodeMethod(0, 'connection.start-ok', {
    clientProperties: { capabilities: { 'basic.nack': true } },
    mechanism: 'PLAIN',
    response: Buffer.from('\0guest\0guest'),
    locale: 'en_US',
  }),
  encodeMethod(0, 'connection.tune-ok', { channelMax: 100, frameMax: 131_072, heartbeat: 0 }),
  encodeMethod(0, 'connection.open', { virtualHost: '/' }),
  encodeMethod(1, 'channel.open', {}),
  encodeMethod(1, 'exchange.declare', {
    ...flags,
    exchange: 'x',
    type: 'topic',
    internal: false,
    arguments: { a: 'b' },
  }),
  encodeMethod(1, 'queue.declare', {
    ...flags,
    queue: 'q',
    arguments: { 'x-max-length': 5, t: { u: [1, true, null] } },
  }),
  encodeMethod(1, 'queue.bind', { queue: 'q', exchange: 'x', routingKey: 'a.#', noWait: false, arguments: {} }),
  encodeMethod(1, 'queue.delete', { queue: 'q', ifUnused: false, ifEmpty: false, noWait: false }),
  encodeMethod(1, 'queue.purge', { queue: 'q', noWait: false }),
  encodeMethod(1, 'basic.consume', {
    queue: 'q',
    consumerTag: 't',
    noLocal: false,
    noAck: false,
    exclusive: false,
    noWait: false,
    arguments: {},
  }),
  encodeMethod(1, 'basic.get', { queue: 'q', noAck: false }),
  encodeMethod(1, 'basic.ack', { deliveryTag: 1, multiple: true }),
  encodeMethod(1, 'basic.nack', { deliveryTag: 1, multiple: false, requeue: true }),
  encodeMethod(1, 'basic.qos', { prefetchSize: 0, prefetchCount: 3, global: true }),
  encodeMethod(1, 'confirm.select', { noWait: false }),
  encodeMethod(1, 'tx.select', {}),
  encodeMethod(1, 'tx.commit', {}),
  encodeMethod(1, 'channel.close', { replyCode: 200, replyText: '', classId: 0, methodId: 0 }),
  Buffer.concat([
    encodeMethod(1, 'basic.publish', { exchange: 'x', routingKey: 'a.b', mandatory: true, immediate: false }),
    frame(FRAME_HEADER, 1, contentHeader(3, Buffer.from([0x20, 0, 0, 0, 0, 7, 1, 0x61, 0x49, 0, 0, 0, 1]))),
    frame(FRAME_BODY, 1, Buffer.from('abc')),
  ]),
];

let target: Awaited<ReturnType<typeof startSandboxTarget>>;
beforeAll(async () => {
  target = await startSandboxTarget('3.10');
});
afterAll(() => target.close());

function mutate(bytes: Buffer, random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  let mutated = Buffer.from(bytes);
  for (let change = 0; change <= below(3); change++) {
    const at = below(mutated.length);
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        mutated[at] = below(256);
        break;
      case 3:
        mutated[at] = (mutated[at] ?? 0) ^ (1 << below(8));
        break;
      case 4:
        mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + 1 + below(4))]);
        break;
      case 5:
        mutated = Buffer.concat([
          mutated.subarray(0, at),
          Buffer.alloc(1 + below(8), below(256)),
          mutated.subarray(at),
        ]);
        break;
      case 6: // a length field that promises too much
        if (mutated.length >= 11) mutated.writeUInt32BE(below(2 ** 32), below(mutated.length - 3));
        break;
      default:
        mutated = Buffer.concat([mutated, mutated.subarray(at)]);
    }
    if (mutated.length === 0) mutated = Buffer.of(below(256));
  }
  return mutated;
}

/** What Connection needs of a socket, in memory: bytes are fed, what is written is kept, `isEnded` once the server ended it. */
class MemorySocket extends EventEmitter {
  readonly remoteAddress = 'memory';
  readonly remotePort = 1;
  readonly localAddress = 'memory';
  readonly localPort = 2;
  readonly writableLength = 0;
  readonly written: Buffer[] = [];
  isEnded = false;

  get writable(): boolean {
    return !this.isEnded;
  }

  setNoDelay(): this {
    return this;
  }

  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  cork(): void {}

  uncork(): void {}

  write(bytes: Buffer): boolean {
    this.written.push(bytes);
    return true;
  }

  end(): this {
    return this.destroy();
  }

  destroy(): this {
    if (!this.isEnded) {
      this.isEnded = true;
      this.emit('close');
    }
    return this;
  }
}

/** Reply codes in what a server wrote. */
function codesIn(written: Buffer): number[] {
  const codes: number[] = [];
  for (let at = 0; at + 8 <= written.length; at += written.readUInt32BE(at + 3) + 8) {
    if (written.readUInt8(at) === 0x41) break; // the protocol header, which is no frame
    const id = written.readUInt8(at) === FRAME_METHOD ? written.readUInt32BE(at + 7) : 0;
    if (id === CONNECTION_CLOSE || id === CHANNEL_CLOSE) codes.push(written.readUInt16BE(at + 11));
  }
  return codes;
}

/** One connection fed frame by frame until the server ends it; answers how many mutated frames it read and its reply codes. */
async function session(random: () => number): Promise<{ mutated: number; codes: number[] }> {
  const socket = new MemorySocket();
  const connection = new Connection(
    { broker: target.broker, product: 'fuzz', reportBug: (error) => target.bugs.push(error) },
    socket as unknown as Socket,
  );
  let mutated = 0;
  let wasOpen = false;
  const feed = (bytes: Buffer, sound: number) => {
    wasOpen ||= connection.isOpen;
    if (socket.isEnded || (wasOpen && !connection.isOpen)) return;
    const isMutated = random() >= sound;
    if (isMutated) mutated++;
    socket.emit('data', isMutated ? mutate(bytes, random) : bytes);
  };
  for (const bytes of [PROTOCOL_HEADER, ...SOUND.slice(0, HANDSHAKE_FRAMES)]) feed(bytes, 0.97);
  for (let sent = 0; sent < FRAMES_PER_SESSION; sent++) {
    feed(SOUND[Math.floor(random() * SOUND.length)] as Buffer, 0.4);
    if (random() < 0.2) feed(SOUND[HANDSHAKE_FRAMES - 1] as Buffer, 1);
  }
  // Output leaves at the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  return { mutated, codes: codesIn(Buffer.concat(socket.written)) };
}

async function isAlive(): Promise<boolean> {
  const connection = await connectClient(target.url);
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  channel.sendToQueue(queue, Buffer.from('alive'));
  await channel.waitForConfirms();
  const got = await channel.get(queue, { noAck: true });
  await connection.close();
  return got !== false && got.content.toString() === 'alive';
}

it(`lives through ${MUTATED_FRAMES} mutated frames (seed ${SEED})`, { timeout: 600_000 }, async () => {
  const random = randomOf(SEED);
  const codes = new Map<number, number>();
  const before = process.memoryUsage.rss();
  let mutated = 0;
  while (mutated < MUTATED_FRAMES) {
    const outcome = await session(random);
    mutated += outcome.mutated;
    for (const code of outcome.codes) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  console.log(`reply codes given, seed ${SEED}:`, Object.fromEntries(codes));
  expect(target.bugs).toEqual([]);
  expect([...codes.keys()].filter((code) => !REPLY_CODES.has(code))).toEqual([]);
  expect(await isAlive()).toBe(true);
  expect(process.memoryUsage.rss() - before).toBeLessThan(GROWTH_ALLOWED);
});

it('lives through streams of noise', async () => {
  const random = randomOf(SEED);
  for (let stream = 0; stream < 200; stream++) {
    const socket = connect(Number(new URL(target.url).port), '127.0.0.1');
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {});
    socket.resume();
    const noise = Buffer.from(Array.from({ length: 400 }, () => Math.floor(random() * 256)));
    socket.end(stream % 2 ? noise : Buffer.concat([PROTOCOL_HEADER, noise]));
    await ended;
  }
  expect(target.bugs).toEqual([]);
  expect(await isAlive()).toBe(true);
});
