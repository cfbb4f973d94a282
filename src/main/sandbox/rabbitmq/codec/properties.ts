import {
  BASIC_PROPERTIES,
  joinProperties,
  type PropertyName,
  type RawProperties,
  splitProperties,
} from '../../../amqp/raw-properties';
import { valueLength } from '../../../amqp/raw-table';
import { shortString } from './fields';
import { decodeTable, encodeTable, type FieldTable } from './table';

export function readShortString(raw: Buffer | undefined): string | undefined {
  return raw?.toString('utf8', 1);
}

/** The headers table decoded; empty when there is none. */
export function readHeaders(raw: Buffer | undefined): FieldTable {
  return raw ? decodeTable(raw, 4, raw.length) : {};
}

/** Headers as raw tagged values by key, so that single ones can be replaced while the rest keep their exact bytes. */
export function splitHeaders(raw: Buffer | undefined): Map<string, Buffer> {
  const entries = new Map<string, Buffer>();
  if (!raw) return entries;
  for (let offset = 4; offset < raw.length; ) {
    const keyLength = raw.readUInt8(offset);
    const key = raw.toString('utf8', offset + 1, offset + 1 + keyLength);
    offset += 1 + keyLength;
    const length = valueLength(raw, offset);
    entries.set(key, raw.subarray(offset, offset + length));
    offset += length;
  }
  return entries;
}

export function joinHeaders(entries: Map<string, Buffer>): Buffer {
  const parts: Buffer[] = [Buffer.alloc(4)];
  let length = 0;
  for (const [key, value] of entries) {
    const name = Buffer.from(key);
    parts.push(Buffer.of(name.length), name, value);
    length += 1 + name.length + value.length;
  }
  parts[0]?.writeUInt32BE(length, 0);
  return Buffer.concat(parts);
}

/** All properties as JSON, by AMQP name; for events and snapshots, never on the delivery path. */
export function describeProperties(bytes: Buffer): Record<string, FieldTable | string | number> {
  const described: Record<string, FieldTable | string | number> = {};
  for (const [name, raw] of Object.entries(splitProperties(bytes)) as [PropertyName, Buffer][]) {
    if (name === 'headers') described[name] = readHeaders(raw);
    else if (name === 'timestamp') described[name] = Number(raw.readBigUInt64BE(0));
    else if (name === 'deliveryMode' || name === 'priority') described[name] = raw.readUInt8(0);
    else described[name] = raw.toString('utf8', 1);
  }
  return described;
}

/** The wire form of properties given as JSON by AMQP name; what is of the wrong type is left out. */
export function encodeProperties(values: Record<string, unknown>): Buffer {
  const raw: RawProperties = {};
  for (const [name, , layout] of BASIC_PROPERTIES) {
    const value = values[name];
    if (layout === 'shortstr' && typeof value === 'string') raw[name] = shortString(value);
    else if (layout === 'octet' && typeof value === 'number') raw[name] = Buffer.of(value);
    else if (layout === 'longlong' && typeof value === 'number') {
      raw[name] = Buffer.alloc(8);
      raw[name].writeBigUInt64BE(BigInt(Math.trunc(value)));
    } else if (layout === 'table' && typeof value === 'object' && value !== null)
      raw[name] = encodeTable(value as FieldTable);
  }
  return joinProperties(raw);
}
