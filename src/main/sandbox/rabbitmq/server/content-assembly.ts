import { type AmqpError, closesConnection, precondition } from '../broker/errors';
import { BASIC_CLASS } from '../codec/content';
import type { MethodArguments } from '../codec/methods';

/** Content where none was announced. */
export const NOT_A_METHOD = 'expected method frame, got non method frame instead';

/** Header frame: class id, weight, body size, then the properties. */
const HEADER_PREFIX = 12;

/** A publish whose header and body frames are still coming in. One buffer holds properties and body: one copy a message. */
export class ContentAssembly {
  private properties: Buffer | undefined;
  private body: Buffer | undefined;
  private received = 0;

  constructor(readonly method: MethodArguments<'basic.publish'>) {}

  /** True when the message is complete (it had no body). Refuses sizes above `maxBytes` before anything is allocated. */
  header(payload: Buffer, maxBytes: number): boolean {
    if (this.body) throw this.unexpected();
    const classId = payload.length < 2 ? 0 : payload.readUInt16BE(0);
    if (classId !== BASIC_CLASS)
      throw closesConnection(
        505,
        `expected content header for class ${BASIC_CLASS}, got one for class ${classId} instead`,
      );
    if (payload.length < HEADER_PREFIX + 2) throw closesConnection(502, 'content header is too short');
    const size = Number(payload.readBigUInt64BE(4));
    if (size > maxBytes) throw precondition(`message size ${size} is larger than configured max size ${maxBytes}`);
    const propertiesLength = payload.length - HEADER_PREFIX;
    const own = Buffer.allocUnsafe(propertiesLength + size);
    payload.copy(own, 0, HEADER_PREFIX);
    this.properties = own.subarray(0, propertiesLength);
    this.body = own.subarray(propertiesLength);
    return size === 0;
  }

  /** True when the body is complete. */
  append(payload: Buffer): boolean {
    if (!this.body) throw this.unexpected();
    payload.copy(this.body, this.received);
    this.received += payload.length;
    // A longer body than announced never completes, and whatever follows is refused: RabbitMQ's answer too.
    return this.received === this.body.length;
  }

  /** 505 for a frame other than the one that must follow. */
  unexpected(): AmqpError {
    return closesConnection(
      505,
      this.body
        ? 'expected content body, got non content body frame instead'
        : `expected content header for class ${BASIC_CLASS}, got non content header frame instead`,
    );
  }

  content(): { properties: Buffer; body: Buffer } {
    if (!this.properties || !this.body) throw new Error('the message is not complete');
    return { properties: this.properties, body: this.body };
  }
}
