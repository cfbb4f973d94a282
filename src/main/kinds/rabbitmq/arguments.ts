import { Failure } from '@shared/failure';
import type { ArgumentTable, ArgumentType, ArgumentValue } from '@shared/kinds/rabbitmq/objects';

/** Values as amqplib encodes them; `!` forces a type. */
export type AmqpValue =
  | string
  | boolean
  | null
  | Buffer
  | AmqpValue[]
  | { [key: string]: AmqpValue | number | bigint | { places: number; digits: number } };

const MAX_SHORT_BYTES = 255;
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
/** Bounds are inclusive. */
const WHOLE: Partial<Record<ArgumentType, { min: bigint; max: bigint }>> = {
  byte: { min: -128n, max: 127n },
  short: { min: -32_768n, max: 32_767n },
  int: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  long: INT64,
  timestamp: { min: 0n, max: 2n ** 64n - 1n },
};

/**
 * Arguments of the flow as amqplib wants them. Whole numbers go out as `long` and others as `double`, as the import of definitions
 * does, so that a table means the same whichever way it was made. @throws Failure `deploy/bad-argument` for what AMQP cannot carry
 */
export function toAmqpTable(table: ArgumentTable): Record<string, AmqpValue> {
  return Object.fromEntries(
    Object.entries(table).map(([key, value]) => [assertShort(key, 'argument'), toAmqpValue(key, value)]),
  );
}

/** AMQP carries names and keys of at most 255 bytes. @throws Failure `deploy/name-too-long` */
export function assertShort(text: string, what: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_SHORT_BYTES) return text;
  throw new Failure(
    'deploy/name-too-long',
    `The ${what} “${text.slice(0, 40)}…” has ${bytes} bytes; AMQP carries 255.`,
  );
}

function toAmqpValue(key: string, value: ArgumentValue): AmqpValue {
  if (typeof value === 'number') return toAmqpNumber(value);
  if (Array.isArray(value)) return value.map((item) => toAmqpValue(key, item));
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.$type !== 'string') return toAmqpTable(value);
  return toTypedValue(key, value.$type, value.value ?? null);
}

function toAmqpNumber(value: number): AmqpValue {
  const isLong = Number.isInteger(value) && BigInt(value) >= INT64.min && BigInt(value) <= INT64.max;
  return isLong ? { '!': 'long', value: BigInt(value) } : { '!': 'double', value };
}

function toTypedValue(key: string, type: string, value: ArgumentValue): AmqpValue {
  const bad = (): never => {
    throw new Failure(
      'deploy/bad-argument',
      `The argument “${key}” cannot be sent: ${JSON.stringify(value)} is no ${type}.`,
    );
  };
  switch (type) {
    case 'void':
      return null;
    case 'bytes':
      return Buffer.from(String(value ?? ''), 'base64');
    case 'float':
    case 'double': {
      const number = Number(value);
      return Number.isNaN(number) ? bad() : { '!': type, value: number };
    }
    case 'decimal': {
      const match = /^(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? bad();
      const [, whole = '0', fraction = ''] = match;
      const digits = Number(whole + fraction);
      return digits < 2 ** 32 && fraction.length < 256
        ? { '!': 'decimal', value: { places: fraction.length, digits } }
        : bad();
    }
    default: {
      const range = WHOLE[type as ArgumentType];
      if (!range || !/^-?\d+$/.test(String(value))) return bad();
      const whole = BigInt(String(value));
      if (whole < range.min || whole > range.max) return bad();
      return { '!': type, value: type === 'long' || type === 'timestamp' ? whole : Number(whole) };
    }
  }
}
