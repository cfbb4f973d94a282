import type { Json } from '@shared/flow/schema';
import type { ChannelModel, Message, MessageProperties, Options } from 'amqplib';
import {
  joinProperties,
  type PropertyName,
  type RawProperties,
  splitProperties,
  survivesPlainValues,
} from '../../amqp/raw-properties';
import { filterTable, joinTables, retagLongs } from '../../amqp/raw-table';
import { toAmqpTable } from './arguments';

/**
 * amqplib reads headers as plain values: the width of numbers, integers past 2⁵³, text that is no UTF-8 are gone, so that a message
 * published again would be another one. Here the bytes of what came are kept beside what amqplib made of them, and put into the
 * copy as they are. What is not copied is read and written by amqplib alone.
 */

/** On the properties of a message that came: their bytes, flags first. */
const RECEIVED = Symbol('properties as they came');
/** On headers that amqplib is given. */
const EXACT = Symbol('what goes out byte for byte');

interface Exact {
  /** Sent as they are; `headers` hold those that are kept. */
  properties: RawProperties;
  /** Headers that amqplib encodes, and nothing else of the object that it is given. */
  added: object;
}

interface Received {
  [RECEIVED]?: Buffer;
}

interface Publishing {
  headers?: { [EXACT]?: Exact };
}

/** A connection of amqplib inside, as far as it is used here. */
interface Wire {
  /** What was read of the socket, and not yet taken apart. */
  rest: Buffer;
  /** Bytes of a frame. */
  frameMax: number;
  recvFrame: () => false | { size?: number; fields?: Received };
  sendMessage: (
    channel: number,
    method: number,
    fields: object,
    classId: number,
    properties: Publishing,
    body: Buffer,
  ) => boolean;
  sendContent: (channel: number, body: Buffer) => boolean;
  channels: Record<number, { buffer: { write: (bytes: Buffer) => boolean } } | undefined>;
}

const FRAME_HEADER = 2;
const FRAME_HEAD_BYTES = 7;
const FRAME_OVERHEAD_BYTES = 8;
/** Class, weight and body size, before the properties. */
const CONTENT_HEAD_BYTES = 12;
const PROPERTIES_AT = FRAME_HEAD_BYTES + CONTENT_HEAD_BYTES;
const NO_BODY = Buffer.alloc(0);
const EMPTY_TABLE = Buffer.alloc(4);

/** Makes a connection keep the bytes of properties, and send copies by them. Once for each connection. */
export function keepPropertyBytes(connection: ChannelModel): void {
  const wire = connection.connection as unknown as Wire;
  keepReceived(wire);
  sendExact(wire);
}

function keepReceived(wire: Wire): void {
  const receive = wire.recvFrame;
  wire.recvFrame = () => {
    const { rest } = wire;
    const frame = receiveReadable(wire, rest, receive);
    // It calls itself when it had to read more: then `rest` is too old, and the inner call has done this.
    if (frame && frame.size !== undefined && frame.fields && frame.fields[RECEIVED] === undefined)
      frame.fields[RECEIVED] = rest.subarray(PROPERTIES_AT, FRAME_HEAD_BYTES + rest.readUInt32BE(3));
    return frame;
  };
}

/** amqplib does not know all types of headers that brokers pass on, and gives the connection up at one. */
function receiveReadable(wire: Wire, rest: Buffer, receive: Wire['recvFrame']): ReturnType<Wire['recvFrame']> {
  try {
    return receive.call(wire);
  } catch (error) {
    const isContentHeader = rest.length > PROPERTIES_AT && rest.readUInt8(0) === FRAME_HEADER;
    const end = isContentHeader ? FRAME_OVERHEAD_BYTES + rest.readUInt32BE(3) : 0;
    if (!isContentHeader || rest.length < end) throw error;
    const frame = Buffer.from(rest.subarray(0, end));
    const { headers } = splitProperties(frame.subarray(PROPERTIES_AT, -1));
    if (headers) retagLongs(headers);
    wire.rest = Buffer.concat([frame, rest.subarray(end)]);
    return receive.call(wire);
  }
}

function sendExact(wire: Wire): void {
  const send = wire.sendMessage;
  wire.sendMessage = (channel, method, fields, classId, properties, body) => {
    const exact = properties.headers?.[EXACT];
    if (!exact) return send.call(wire, channel, method, fields, classId, properties, body);
    const written: Buffer[] = [];
    const collector = {
      channels: { [channel]: { buffer: { write: (bytes: Buffer) => written.push(bytes) > 0 } } },
      sendContent: () => true,
    };
    const encoded: Record<string, unknown> = { ...properties };
    for (const name in exact.properties) encoded[name] = undefined;
    encoded['headers'] = exact.added;
    send.call(collector as unknown as Wire, channel, method, fields, classId, encoded, NO_BODY);
    const [first = NO_BODY] = written;
    const encodedFrames = written.length === 1 ? first : Buffer.concat(written);
    const frames = insert(encodedFrames, exact.properties, body.length, wire.frameMax);
    const isRoomy = wire.channels[channel]?.buffer.write(frames) ?? true;
    return body.length === 0 ? isRoomy : wire.sendContent(channel, body);
  };
}

/** A method frame and a content header with some properties more, for a body of so many bytes. @throws RangeError past one frame */
function insert(frames: Buffer, exact: RawProperties, bodyBytes: number, frameMax: number): Buffer {
  const methodBytes = FRAME_OVERHEAD_BYTES + frames.readUInt32BE(3);
  const head = frames.subarray(0, methodBytes + PROPERTIES_AT);
  const own = splitProperties(frames.subarray(head.length, -1));
  const headers = joinTables(exact.headers ?? EMPTY_TABLE, own.headers ?? EMPTY_TABLE);
  const properties = joinProperties({ ...own, ...exact, headers });
  const payloadBytes = CONTENT_HEAD_BYTES + properties.length;
  const frameBytes = payloadBytes + FRAME_OVERHEAD_BYTES;
  if (frameBytes > frameMax)
    throw new RangeError(
      `Its headers and properties take ${frameBytes} bytes; the broker takes ${frameMax} in one frame.`,
    );
  head.writeUInt32BE(payloadBytes, methodBytes + 3);
  head.writeBigUInt64BE(BigInt(bodyBytes), methodBytes + FRAME_HEAD_BYTES + 4);
  return Buffer.concat([head, properties, frames.subarray(-1)]);
}

export interface CopyChanges {
  /** Properties that the copy does not have. */
  without: readonly PropertyName[];
  /** Headers that stay as they are, unless `added` has them. */
  keeps: (header: string) => boolean;
  /** Headers as amqplib takes them. */
  added: Record<string, unknown>;
}

/**
 * Options for publishing a message again: its properties and headers byte for byte but for the changes. On another connection
 * than `openConnection`'s they are sent as amqplib reads and writes them.
 */
export function copyOptions({ properties }: Message, { without, keeps, added }: CopyChanges): Options.Publish {
  const stays = (header: string) => !Object.hasOwn(added, header) && keeps(header);
  const shown: Record<string, unknown> & { [EXACT]?: Exact } = {};
  for (const [name, value] of Object.entries(properties.headers ?? {})) if (stays(name)) shown[name] = value;
  Object.assign(shown, added);
  const kept: Record<string, unknown> = { ...properties };
  for (const name of without) kept[name] = undefined;
  const received = (properties as Received)[RECEIVED];
  if (received && !survivesPlainValues(received)) {
    const raw = splitProperties(received);
    for (const name of without) delete raw[name];
    if (raw.headers) raw.headers = filterTable(raw.headers, stays);
    shown[EXACT] = { properties: raw, added };
  }
  return { ...kept, headers: shown, mandatory: true };
}

/** A message that is handled, for those that follow from it. */
export class HandledProperties {
  constructor(
    readonly properties: MessageProperties,
    /** Its headers as the handler sees them. */
    readonly headers: Readonly<Record<string, Json>>,
  ) {}
}

/** Options with headers given as JSON. What is as it was in the handled message, `native` of it, keeps its bytes. */
export function followOptions(
  options: Options.Publish,
  headers: Readonly<Record<string, Json>>,
  native: unknown,
): Options.Publish {
  const handled = native instanceof HandledProperties ? native : undefined;
  const received = (handled?.properties as Received | undefined)?.[RECEIVED];
  if (!handled || !received || survivesPlainValues(received)) return { ...options, headers: toAmqpTable(headers) };
  const { headers: table, ...others } = splitProperties(received);
  const exact: RawProperties = {};
  for (const [name, bytes] of Object.entries(others) as [keyof typeof others, Buffer][])
    if (Object.hasOwn(options, name) && options[name as keyof Options.Publish] === handled.properties[name])
      exact[name] = bytes;
  const changed: Record<string, Json> = {};
  const unchanged = new Set<string>();
  for (const [name, value] of Object.entries(headers))
    if (isSame(handled.headers[name], value)) unchanged.add(name);
    else changed[name] = value;
  if (table) exact.headers = filterTable(table, (name) => unchanged.has(name));
  const added = toAmqpTable(changed);
  const shown: Record<string, unknown> & { [EXACT]?: Exact } = { ...headers, ...added };
  shown[EXACT] = { properties: exact, added };
  return { ...options, headers: shown };
}

function isSame(one: Json | undefined, other: Json): boolean {
  return one === other || (typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other));
}
