import type { ArgumentTable, ArgumentValue } from '@shared/kinds/rabbitmq/objects';
import { valueLength } from '../../../amqp/raw-table';

/**
 * A decoded field table in the flow's own notation: plain JSON for natural types, `{ $type, value }` where JSON cannot
 * tell types apart. Widths survive, since header matching and equivalence look at types.
 */
export type FieldTable = ArgumentTable;

/** Reads the entries of a table between two offsets (the length prefix excluded). Throws RangeError on broken lengths. */
export function decodeTable(buffer: Buffer, start: number, end: number): FieldTable {
  const table: FieldTable = {};
  let offset = start;
  while (offset < end) {
    const keyLength = buffer.readUInt8(offset);
    const key = buffer.toString('utf8', offset + 1, offset + 1 + keyLength);
    offset += 1 + keyLength;
    const length = valueLength(buffer, offset);
    if (offset + length > end) throw new RangeError('table entry runs past the end of its table');
    table[key] = decodeValue(buffer, offset);
    offset += length;
  }
  return table;
}

function decodeValue(buffer: Buffer, offset: number): ArgumentValue {
  const at = offset + 1;
  switch (String.fromCharCode(buffer.readUInt8(offset))) {
    case 't':
      return buffer.readUInt8(at) !== 0;
    case 'b':
      return { $type: 'byte', value: buffer.readInt8(at) };
    case 'B':
      return { $type: 'short', value: buffer.readUInt8(at) };
    case 's':
      return { $type: 'short', value: buffer.readInt16BE(at) };
    case 'u':
      return { $type: 'int', value: buffer.readUInt16BE(at) };
    case 'I':
      return { $type: 'int', value: buffer.readInt32BE(at) };
    case 'i':
      return buffer.readUInt32BE(at);
    case 'l':
    case 'L':
      return wholeNumber(buffer.readBigInt64BE(at));
    case 'f':
      return { $type: 'float', value: buffer.readFloatBE(at) };
    case 'd':
      return doubleValue(buffer.readDoubleBE(at));
    case 'D':
      return decimalValue(buffer.readInt32BE(at + 1), buffer.readUInt8(at));
    case 'T':
      return { $type: 'timestamp', value: Number(buffer.readBigUInt64BE(at)) };
    case 'S':
      return buffer.toString('utf8', at + 4, at + 4 + buffer.readUInt32BE(at));
    case 'x':
      return { $type: 'bytes', value: buffer.toString('base64', at + 4, at + 4 + buffer.readUInt32BE(at)) };
    case 'F':
      return decodeTable(buffer, at + 4, at + 4 + buffer.readUInt32BE(at));
    case 'A':
      return decodeArray(buffer, at + 4, at + 4 + buffer.readUInt32BE(at));
    default:
      return null; // 'V'; valueLength refused every other tag
  }
}

function decodeArray(buffer: Buffer, start: number, end: number): ArgumentValue[] {
  const values: ArgumentValue[] = [];
  for (let offset = start; offset < end; offset += valueLength(buffer, offset))
    values.push(decodeValue(buffer, offset));
  return values;
}

/** Its scale is kept: 1.50 is not 1.5. */
function decimalValue(digits: number, scale: number): ArgumentValue {
  const value = digits / 10 ** scale;
  return { $type: 'decimal', value: scale <= 100 ? value.toFixed(scale) : String(value) };
}

function wholeNumber(value: bigint): ArgumentValue {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : { $type: 'long', value: String(value) };
}

function doubleValue(value: number): ArgumentValue {
  return Number.isFinite(value) && !Number.isInteger(value) ? value : { $type: 'double', value: String(value) };
}

/** Writes a table with its length prefix; used for what the server itself says, so only natural types and longs occur. */
export function encodeTable(table: FieldTable): Buffer {
  const parts: Buffer[] = [];
  for (const [key, value] of Object.entries(table)) {
    const name = Buffer.from(key);
    parts.push(Buffer.of(name.length), name, encodeValue(value));
  }
  return withLength(Buffer.concat(parts));
}

/** Writes one tagged value. */
export function encodeValue(value: ArgumentValue): Buffer {
  if (value === null) return Buffer.from('V');
  if (typeof value === 'string') return Buffer.concat([Buffer.from('S'), withLength(Buffer.from(value))]);
  if (typeof value === 'boolean') return Buffer.from([0x74, value ? 1 : 0]);
  if (typeof value === 'number') return Number.isInteger(value) ? tagged64('l', BigInt(value)) : taggedDouble(value);
  if (Array.isArray(value)) return Buffer.concat([Buffer.from('A'), withLength(Buffer.concat(value.map(encodeValue)))]);
  if (value.$type === 'timestamp') return tagged64('T', BigInt(Number(value.value)));
  if (value.$type === 'long') return tagged64('l', BigInt(String(value.value)));
  return Buffer.concat([Buffer.from('F'), encodeTable(value)]);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function tagged64(tag: string, value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes.write(tag, 0, 'latin1');
  bytes.writeBigInt64BE(value, 1);
  return bytes;
}

function taggedDouble(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes.write('d', 0, 'latin1');
  bytes.writeDoubleBE(value, 1);
  return bytes;
}
