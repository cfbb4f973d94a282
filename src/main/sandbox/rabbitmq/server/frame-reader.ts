import { erlangBinary } from '../broker/erlang-text';
import { type AmqpError, closesConnection, SilentClose } from '../broker/errors';
import { FRAME_OVERHEAD } from '../codec/content';
import { FRAME_END, WrongLength } from '../codec/fields';
import { decodeMethod, type Method } from '../codec/methods';

/** The smallest frame size that may be agreed on; until then clients may send this much. */
export const MIN_FRAME_MAX = 4096;

/** 501 for a frame that is none, in RabbitMQ's words. */
export function frameError(type: number, payload: Buffer, reason: string): AmqpError {
  return closesConnection(501, `type ${type}, all octets = ${erlangBinary(payload)}: ${reason}`);
}

/** Cuts the stream into frames. Payloads are views into the input: they must be copied if they are kept. */
export class FrameReader {
  private rest: Buffer | undefined;

  constructor(private readonly onFrame: (type: number, channel: number, payload: Buffer) => void) {}

  /** Hands on each whole frame of `chunk` and what was left before it. Refuses frames above `frameMax` and broken ends. */
  push(chunk: Buffer, frameMax: number): void {
    const input = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    this.rest = undefined;
    let offset = 0;
    while (input.length - offset >= FRAME_OVERHEAD) {
      const type = input.readUInt8(offset);
      const size = input.readUInt32BE(offset + 3);
      if (size + FRAME_OVERHEAD > Math.max(frameMax, MIN_FRAME_MAX))
        throw closesConnection(
          501,
          `type ${type}, all octets = <<>>: {frame_too_large,${size},${frameMax - FRAME_OVERHEAD}}`,
        );
      const end = offset + 7 + size;
      if (input.length <= end) break;
      if (input[end] !== FRAME_END)
        throw frameError(type, input.subarray(offset + 7, end), `{invalid_frame_end_marker,${input[end]}}`);
      this.onFrame(type, input.readUInt16BE(offset + 1), input.subarray(offset + 7, end));
      offset = end + 1;
    }
    if (offset < input.length) this.rest = Buffer.from(input.subarray(offset));
  }
}

/** The method in a frame's payload. Throws what RabbitMQ answers where it is broken. */
export function readMethod(payload: Buffer): Method {
  try {
    const method = decodeMethod(payload);
    if (method) return method;
  } catch (error) {
    if (error instanceof WrongLength)
      throw closesConnection(501, `cannot decode <<${[...payload.subarray(4)].join(',')}>>`);
    throw error;
  }
  throw new SilentClose(`unknown method ${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}`);
}
