import { holdsPlainTexts, isAscii } from './raw-table';

/**
 * Basic properties in wire order, with their flag bit and how they are laid out. The publisher's bytes are kept as they
 * came and sent on unchanged; only dead-lettering, BCC and direct reply-to replace single properties.
 */
export const BASIC_PROPERTIES = [
  ['contentType', 15, 'shortstr'],
  ['contentEncoding', 14, 'shortstr'],
  ['headers', 13, 'table'],
  ['deliveryMode', 12, 'octet'],
  ['priority', 11, 'octet'],
  ['correlationId', 10, 'shortstr'],
  ['replyTo', 9, 'shortstr'],
  ['expiration', 8, 'shortstr'],
  ['messageId', 7, 'shortstr'],
  ['timestamp', 6, 'longlong'],
  ['type', 5, 'shortstr'],
  ['userId', 4, 'shortstr'],
  ['appId', 3, 'shortstr'],
  ['clusterId', 2, 'shortstr'],
] as const;

export type PropertyName = (typeof BASIC_PROPERTIES)[number][0];

/** Flag bit of each property in the first two bytes. */
export const PROPERTY_FLAG = Object.fromEntries(BASIC_PROPERTIES.map(([name, bit]) => [name, 1 << bit])) as Record<
  PropertyName,
  number
>;

/** Each property that is present, as its raw bytes. Throws RangeError when they are broken. */
export type RawProperties = Partial<Record<PropertyName, Buffer>>;

export function splitProperties(bytes: Buffer): RawProperties {
  const flags = bytes.readUInt16BE(0);
  const raw: RawProperties = {};
  let offset = 2;
  for (const [name, bit, layout] of BASIC_PROPERTIES) {
    if (!(flags & (1 << bit))) continue;
    const length = propertyLength(bytes, offset, layout);
    if (offset + length > bytes.length) throw new RangeError(`property ${name} runs past the end of its frame`);
    raw[name] = bytes.subarray(offset, offset + length);
    offset += length;
  }
  return raw;
}

/**
 * Are these the same bytes again when a client that knows plain values only has read and written them? So are texts in ASCII,
 * as property or header, the usual delivery modes and times below 2⁵³. Throws RangeError when they are broken.
 */
export function survivesPlainValues(bytes: Buffer): boolean {
  const flags = bytes.readUInt16BE(0);
  let offset = 2;
  for (const [name, bit, layout] of BASIC_PROPERTIES) {
    if (!(flags & (1 << bit))) continue;
    const end = offset + propertyLength(bytes, offset, layout);
    if (layout === 'shortstr' && !isAscii(bytes, offset + 1, end)) return false;
    if (layout === 'table' && !holdsPlainTexts(bytes.subarray(offset, end))) return false;
    if (layout === 'longlong' && bytes.readUInt32BE(offset) >= 2 ** 21) return false;
    if (name === 'deliveryMode' && bytes[offset] !== 1 && bytes[offset] !== 2) return false;
    offset = end;
  }
  return true;
}

function propertyLength(bytes: Buffer, offset: number, layout: 'shortstr' | 'table' | 'octet' | 'longlong'): number {
  switch (layout) {
    case 'shortstr':
      return 1 + bytes.readUInt8(offset);
    case 'table':
      return 4 + bytes.readUInt32BE(offset);
    case 'octet':
      return 1;
    case 'longlong':
      return 8;
  }
}

export function joinProperties(raw: RawProperties): Buffer {
  let flags = 0;
  const parts: Buffer[] = [Buffer.alloc(2)];
  for (const [name, bit] of BASIC_PROPERTIES) {
    const bytes = raw[name];
    if (!bytes) continue;
    flags |= 1 << bit;
    parts.push(bytes);
  }
  parts[0]?.writeUInt16BE(flags, 0);
  return Buffer.concat(parts);
}
