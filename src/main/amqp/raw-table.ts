/** Length of a tagged value, tag included; throws RangeError for a tag that does not exist. Grammar: RabbitMQ's amqp-0-9-1 errata, section 3. */
export function valueLength(buffer: Buffer, offset: number): number {
  switch (String.fromCharCode(buffer.readUInt8(offset))) {
    case 'V':
      return 1;
    case 't':
    case 'b':
    case 'B':
      return 2;
    case 's':
    case 'u':
      return 3;
    case 'I':
    case 'i':
    case 'f':
      return 5;
    case 'D':
      return 6;
    case 'l':
    case 'L':
    case 'd':
    case 'T':
      return 9;
    case 'S':
    case 'x':
    case 'F':
    case 'A':
      return 5 + buffer.readUInt32BE(offset + 1);
    default:
      throw new RangeError(`no field value type ${buffer.readUInt8(offset)}`);
  }
}

/** The entries of a table (length prefix included) whose key `isKept`, as a table: keys and values byte for byte, in their order. */
export function filterTable(raw: Buffer, isKept: (key: string) => boolean): Buffer {
  const kept = Buffer.allocUnsafe(raw.length);
  let length = 4;
  for (let start = 4; start < raw.length; ) {
    const keyEnd = start + 1 + raw.readUInt8(start);
    const end = keyEnd + valueLength(raw, keyEnd);
    if (isKept(raw.toString('utf8', start + 1, keyEnd))) length += raw.copy(kept, length, start, end);
    start = end;
  }
  return withLength(kept.subarray(0, length));
}

/** Is every value of a table (length prefix included) a text in ASCII, under a name that plain objects keep in its place? */
export function holdsPlainTexts(raw: Buffer): boolean {
  for (let start = 4; start < raw.length; ) {
    const keyEnd = start + 1 + raw.readUInt8(start);
    if (raw[keyEnd] !== TEXT_TAG || !isAscii(raw, start + 1, keyEnd)) return false;
    // Numbers come first in objects, and `__proto__` is none of their own names.
    if (/^\d|^__proto__$/.test(raw.toString('latin1', start + 1, keyEnd))) return false;
    const textAt = keyEnd + 5;
    start = textAt + raw.readUInt32BE(keyEnd + 1);
    if (!isAscii(raw, textAt, start)) return false;
  }
  return true;
}

const TEXT_TAG = 'S'.charCodeAt(0);

/** Bytes below 128 only. */
export function isAscii(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((buffer[at] ?? 0) > 127) return false;
  return true;
}

/** The entries of both tables, length prefixes included, as one table. */
export function joinTables(one: Buffer, other: Buffer): Buffer {
  return withLength(Buffer.concat([one, other.subarray(4)]));
}

/** Gives 64-bit integers of the tag `L` (py-amqp's, so Celery's) the tag `l` of the same layout, in place, in nested tables too. */
export function retagLongs(raw: Buffer): void {
  retag(raw, 4, raw.length, true);
}

function retag(raw: Buffer, start: number, end: number, hasKeys: boolean): void {
  for (let offset = start; offset < end; ) {
    if (hasKeys) offset += 1 + raw.readUInt8(offset);
    const next = offset + valueLength(raw, offset);
    const tag = String.fromCharCode(raw.readUInt8(offset));
    if (tag === 'L') raw.write('l', offset, 'latin1');
    else if (tag === 'F' || tag === 'A') retag(raw, offset + 5, next, tag === 'F');
    offset = next;
  }
}

function withLength(table: Buffer): Buffer {
  table.writeUInt32BE(table.length - 4, 0);
  return table;
}
