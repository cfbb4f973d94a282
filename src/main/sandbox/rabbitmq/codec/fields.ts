import { decodeTable, encodeTable, type FieldTable } from './table';

/** Every frame ends with this octet. */
export const FRAME_END = 0xce;
export const FRAME_METHOD = 1;
export const FRAME_HEADER = 2;
export const FRAME_BODY = 3;
export const FRAME_HEARTBEAT = 8;

/** The arguments of a method are longer or shorter than their frame. */
export class WrongLength extends RangeError {}

/** Reads method arguments one after another; throws WrongLength past the end, RangeError for a table that cannot be read. */
export class FieldReader {
  private bits = 0;
  private bitMask = 0;

  constructor(
    private readonly buffer: Buffer,
    private offset: number,
  ) {}

  read(type: string): unknown {
    if (type === 'bit') return this.readBit();
    this.bitMask = 0;
    switch (type) {
      case 'octet':
        return this.buffer.readUInt8(this.advance(1));
      case 'short':
        return this.buffer.readUInt16BE(this.advance(2));
      case 'long':
        return this.buffer.readUInt32BE(this.advance(4));
      case 'longlong':
        return Number(this.buffer.readBigUInt64BE(this.advance(8)));
      case 'shortstr': {
        const length = this.buffer.readUInt8(this.advance(1));
        const start = this.advance(length);
        return this.buffer.toString('utf8', start, start + length);
      }
      case 'longstr': {
        const length = this.buffer.readUInt32BE(this.advance(4));
        const start = this.advance(length);
        return this.buffer.subarray(start, start + length);
      }
      case 'table': {
        const length = this.buffer.readUInt32BE(this.advance(4));
        const start = this.advance(length);
        return decodeTable(this.buffer, start, start + length);
      }
      default:
        throw new Error(`no field type ${type}`);
    }
  }

  /** All is read: throws WrongLength when something is left. */
  finish(): void {
    if (this.offset !== this.buffer.length) throw new WrongLength('something follows the last field');
  }

  private readBit(): boolean {
    if (this.bitMask === 0 || this.bitMask === 0x100) {
      this.bits = this.buffer.readUInt8(this.advance(1));
      this.bitMask = 1;
    }
    const value = (this.bits & this.bitMask) !== 0;
    this.bitMask <<= 1;
    return value;
  }

  private advance(length: number): number {
    const start = this.offset;
    this.offset += length;
    if (this.offset > this.buffer.length) throw new WrongLength('field runs past the end of its frame');
    return start;
  }
}

/** Builds one method frame. */
export class FieldWriter {
  private readonly parts: Buffer[] = [];
  private length = 0;
  private bits = 0;
  private bitMask = 0;

  constructor(channel: number, classId: number, methodId: number) {
    const head = Buffer.allocUnsafe(11);
    head[0] = FRAME_METHOD;
    head.writeUInt16BE(channel, 1);
    head.writeUInt16BE(classId, 7);
    head.writeUInt16BE(methodId, 9);
    this.push(head);
  }

  write(type: string, value: unknown): void {
    if (type === 'bit') {
      this.writeBit(Boolean(value));
      return;
    }
    this.flushBits();
    switch (type) {
      case 'octet':
        this.number(1, Number(value ?? 0));
        break;
      case 'short':
        this.number(2, Number(value ?? 0));
        break;
      case 'long':
        this.number(4, Number(value ?? 0));
        break;
      case 'longlong': {
        const part = Buffer.allocUnsafe(8);
        part.writeBigUInt64BE(BigInt(Number(value ?? 0)));
        this.push(part);
        break;
      }
      case 'shortstr':
        this.push(shortString(String(value ?? '')));
        break;
      case 'longstr': {
        const text = (value as Buffer | undefined) ?? Buffer.alloc(0);
        this.number(4, text.length);
        this.push(text);
        break;
      }
      case 'table':
        this.push(encodeTable((value as FieldTable | undefined) ?? {}));
        break;
      default:
        throw new Error(`no field type ${type}`);
    }
  }

  finish(): Buffer {
    this.flushBits();
    this.push(Buffer.of(FRAME_END));
    const frame = Buffer.concat(this.parts, this.length);
    frame.writeUInt32BE(this.length - 8, 3);
    return frame;
  }

  private writeBit(value: boolean): void {
    if (this.bitMask === 0x100) this.flushBits();
    this.bitMask ||= 1;
    if (value) this.bits |= this.bitMask;
    this.bitMask <<= 1;
  }

  private flushBits(): void {
    if (this.bitMask === 0) return;
    this.push(Buffer.of(this.bits));
    this.bits = 0;
    this.bitMask = 0;
  }

  private number(size: 1 | 2 | 4, value: number): void {
    const part = Buffer.allocUnsafe(size);
    part.writeUIntBE(value, 0, size);
    this.push(part);
  }

  private push(part: Buffer): void {
    this.parts.push(part);
    this.length += part.length;
  }
}

/** A short string with its length octet, cut at 255 bytes as the wire demands (reply texts may be longer). */
export function shortString(text: string): Buffer {
  let bytes = Buffer.from(text);
  if (bytes.length > 255) bytes = bytes.subarray(0, 255);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
