import type { DeadLetterFilter } from '@shared/dead-letters/filter';
import { InvalidArgumentError } from 'commander';
import { duration, wholeNumber } from './option-values';

const FORM =
  'Write reason=…, from=…, key=…, type=…, exception=…, text=…, header.NAME=…, age>10m, age<2h or redriven<3.';

/** Reads `--filter`; repeatable, all must hold. Commander shows what is thrown. */
export function filterOption(text: string, previous: DeadLetterFilter = {}): DeadLetterFilter {
  const [, name = '', sign = '', value = ''] = /^([^=<>]+)([=<>])(.*)$/s.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError(`“${text}” is no filter. ${FORM}`);
  if (sign === '=') return { ...previous, ...equals(name.trim(), value) };
  if (name.trim() === 'age') return { ...previous, [sign === '>' ? 'olderThanMs' : 'newerThanMs']: duration(value) };
  if (name.trim() === 'redriven' && sign === '<')
    return { ...previous, maxRedriven: wholeNumber(1, 1_000_000)(value) - 1 };
  throw new InvalidArgumentError(`“${text}” is no filter. ${FORM}`);
}

function equals(name: string, value: string): DeadLetterFilter {
  switch (name) {
    case 'reason':
    case 'from':
    case 'key':
    case 'type':
    case 'exception':
    case 'text':
      return { [name]: value };
    default:
      if (name.startsWith('header.') && name.length > 7) return { header: { name: name.slice(7), value } };
      throw new InvalidArgumentError(`There is no filter “${name}”. ${FORM}`);
  }
}
