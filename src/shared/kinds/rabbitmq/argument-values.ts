import type { Json } from '@shared/flow/schema';
import type { QueueType, ValueRule } from './arguments';

/** The plain value of an argument, typed or not: integers of `$type` long may be strings. */
export function plainArgument(value: Json | undefined): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('$type' in value)) return value;
  const inner = value['value'];
  const isWhole = ['byte', 'short', 'int', 'long', 'timestamp'].includes(String(value['$type']));
  return isWhole && typeof inner === 'string' && /^-?\d+$/.test(inner) ? Number(inner) : inner;
}

/** What is wrong with an argument's value, as the end of a sentence (`must be …`), or undefined. */
export function findValueFault(rule: ValueRule, raw: Json, queueType?: QueueType): string | undefined {
  const value = plainArgument(raw);
  switch (rule.type) {
    case 'integer': {
      const range = describeRange(rule);
      if (typeof value !== 'number' || !Number.isInteger(value))
        return `must be a whole number${range.startsWith('from') ? ' ' : ' of '}${range}`;
      const isInside = value >= (rule.min ?? -Infinity) && value <= (rule.max ?? Infinity);
      return isInside ? undefined : `must be ${range}`;
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'choice': {
      const options = rule.options.filter(
        ({ queueTypes }) => !queueType || !queueTypes || queueTypes.includes(queueType),
      );
      if (options.some((option) => option.value === value)) return undefined;
      return `must be ${listWords(options.filter(({ deprecated }) => !deprecated).map((option) => option.value))}`;
    }
    case 'text':
      if (typeof value !== 'string') return 'must be text';
      return !rule.pattern || rule.pattern.test(value) ? undefined : `must be ${rule.expected ?? 'of another form'}`;
  }
}

function describeRange({ min, max, unit }: { min?: number; max?: number; unit?: string }): string {
  const unitText = unit ? ` ${unit}` : '';
  if (min !== undefined && max !== undefined) return `from ${format(min)} to ${format(max)}${unitText}`;
  return `at least ${format(min ?? 0)}${unitText}`;
}

function format(value: number): string {
  return value.toLocaleString('en-US');
}

function listWords(words: string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}
