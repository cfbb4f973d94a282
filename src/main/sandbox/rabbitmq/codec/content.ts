import { FRAME_BODY, FRAME_END, FRAME_HEADER } from './fields';

/** Bytes of a frame around its payload: type, channel, size, end octet. */
export const FRAME_OVERHEAD = 8;
/** Class of all content. */
export const BASIC_CLASS = 60;

/** Bodies up to this size are copied beside their headers: one small write is cheaper than several. */
const COPIED_BODY_BYTES = 4096;

/**
 * A method frame followed by header and body frames, in as few buffers as copying is worth. `frameMax` is the negotiated
 * size, overhead included. The body itself is not copied when it is large, so it must not change.
 */
export function encodeContent(
  channel: number,
  method: Buffer,
  properties: Buffer,
  body: Buffer,
  frameMax: number,
): Buffer[] {
  const chunk = frameMax - FRAME_OVERHEAD;
  const isCopied = body.length <= Math.min(COPIED_BODY_BYTES, chunk);
  const size = method.length + FRAME_OVERHEAD + 12 + properties.length;
  const bodyFrame = body.length === 0 ? 0 : isCopied ? FRAME_OVERHEAD + body.length : FRAME_OVERHEAD - 1;
  const head = Buffer.allocUnsafe(size + bodyFrame);
  method.copy(head, 0);
  let offset = beginFrame(head, method.length, FRAME_HEADER, channel, 12 + properties.length);
  head.writeUInt32BE(BASIC_CLASS << 16, offset);
  head.writeBigUInt64BE(BigInt(body.length), offset + 4);
  properties.copy(head, offset + 12);
  offset += 12 + properties.length;
  head[offset++] = FRAME_END;
  if (body.length === 0) return [head];
  offset = beginFrame(head, offset, FRAME_BODY, channel, Math.min(chunk, body.length));
  if (!isCopied) return [head, ...bodyParts(channel, body, chunk)];
  body.copy(head, offset);
  head[offset + body.length] = FRAME_END;
  return [head];
}

/** The body in chunks; between them, and after the last, the end of one frame and the beginning of the next. */
function bodyParts(channel: number, body: Buffer, chunk: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < body.length; start += chunk) {
    parts.push(body.subarray(start, start + chunk));
    const left = body.length - start - chunk;
    const between = Buffer.allocUnsafe(left > 0 ? FRAME_OVERHEAD : 1);
    between[0] = FRAME_END;
    if (left > 0) beginFrame(between, 1, FRAME_BODY, channel, Math.min(chunk, left));
    parts.push(between);
  }
  return parts;
}

function beginFrame(out: Buffer, offset: number, type: number, channel: number, size: number): number {
  out[offset] = type;
  out.writeUInt16BE(channel, offset + 1);
  out.writeUInt32BE(size, offset + 3);
  return offset + 7;
}

/** The three parts of a basic.deliver that vary least are pre-encoded per consumer; see `encodeDeliver`. */
const DELIVER_CLASS_AND_METHOD = (60 << 16) | 60;

/** basic.deliver written by hand: it is the hottest frame of all. `tag` and names are UTF-8 bytes of at most 255. */
export function encodeDeliver(
  channel: number,
  tag: Buffer,
  deliveryTag: number,
  redelivered: boolean,
  exchange: Buffer,
  routingKey: Buffer,
): Buffer {
  const size = 4 + 1 + tag.length + 8 + 1 + 1 + exchange.length + 1 + routingKey.length;
  const out = Buffer.allocUnsafe(size + FRAME_OVERHEAD);
  let offset = beginFrame(out, 0, 1, channel, size);
  out.writeUInt32BE(DELIVER_CLASS_AND_METHOD, offset);
  offset = writeShort(out, offset + 4, tag);
  out.writeUInt32BE(Math.floor(deliveryTag / 0x1_0000_0000), offset);
  out.writeUInt32BE(deliveryTag >>> 0, offset + 4);
  out[offset + 8] = redelivered ? 1 : 0;
  offset = writeShort(out, offset + 9, exchange);
  offset = writeShort(out, offset, routingKey);
  out[offset] = FRAME_END;
  return out;
}

function writeShort(out: Buffer, offset: number, bytes: Buffer): number {
  out[offset] = bytes.length;
  bytes.copy(out, offset + 1);
  return offset + 1 + bytes.length;
}
