import type { DeadLetter } from '@shared/dead-letters/dead-letter';
import type { Json } from '@shared/flow/schema';
import { isDeathField } from '@shared/kinds/redis/death-fields';
import type { LetterEdit } from '../../dead-letters';
import { BODY, HEADER, headerText, isHeaderField } from '../entry';
import { REDRIVEN_AT_HEADER, REDRIVEN_HEADER } from './letter';

/** Fields of a dead letter as it is added again: without those of its death, marked as redriven, else as they were. */
export function toRedriven(
  fields: readonly Buffer[],
  letter: DeadLetter,
  edit: LetterEdit | undefined,
  now: number,
): (string | Buffer)[] {
  const hasBody = fields.some((field, index) => index % 2 === 0 && field.toString() === BODY);
  const left = new Map(Object.entries(edit?.headers ?? {}));
  const kept: (string | Buffer)[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [field, value] = [fields[index] ?? '', fields[index + 1] ?? ''];
    const name = field.toString();
    const header = name.startsWith(HEADER) ? name.slice(HEADER.length) : name;
    if (isDeathField(name) || isMark(header)) continue;
    if (edit?.body !== undefined && (name === BODY || !hasBody)) continue;
    if (edit?.headers && hasBody && isHeaderField(name)) {
      const wanted = left.get(header);
      left.delete(header);
      if (wanted === undefined) continue;
      kept.push(field, isSame(wanted, letter.headers[header]) ? value : headerText(wanted));
    } else kept.push(field, value);
  }
  for (const [name, value] of left) if (!isMark(name)) kept.push(`${HEADER}${name}`, headerText(value));
  return [
    ...(edit?.body === undefined ? [] : [BODY, edit.body]),
    ...kept,
    `${HEADER}${REDRIVEN_HEADER}`,
    String((letter.redriven?.times ?? 0) + 1),
    `${HEADER}${REDRIVEN_AT_HEADER}`,
    new Date(now).toISOString(),
  ];
}

const isMark = (header: string) => header === REDRIVEN_HEADER || header === REDRIVEN_AT_HEADER;
const isSame = (a: Json, b: Json | undefined) => JSON.stringify(a) === JSON.stringify(b);
