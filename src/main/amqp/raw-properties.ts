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
