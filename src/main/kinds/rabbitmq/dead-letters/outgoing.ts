import type { DeadLetter, Home } from '@shared/dead-letters/dead-letter';
import type { Json } from '@shared/flow/schema';
import { isDeathHeader, REDRIVEN_AT_HEADER, REDRIVEN_HEADER } from '@shared/kinds/rabbitmq/death/headers';
import type { Message, Options } from 'amqplib';
import type { LetterEdit } from '../../dead-letters';
import { type AmqpValue, toAmqpTable } from '../arguments';
import { copyOptions } from '../exact-copies';

/** A message ready to be published. */
export interface Outgoing {
  exchange: string;
  routingKey: string;
  content: Buffer;
  options: Options.Publish;
}

/**
 * A dead letter as it is published again: without what speaks of death and retries, marked as redriven, else as it was. `user` is
 * who publishes: a `user-id` of somebody else would make the broker close the channel.
 */
export function toOutgoing(
  message: Message,
  letter: DeadLetter,
  home: Home,
  edit: LetterEdit | undefined,
  { user, now }: { user: string; now: number },
): Outgoing {
  const { properties, content } = message;
  const strips = (name: string) => isDeathHeader(name) || (home.reach === 'queue' && isCopyHeader(name));
  const { isKept, changed } = readEdit(letter.headers, edit?.headers);
  const added: Record<string, AmqpValue> = {};
  for (const [name, value] of Object.entries(toAmqpTable(changed))) if (!strips(name)) added[name] = value;
  added[REDRIVEN_HEADER] = { '!': 'int', value: (letter.redriven?.times ?? 0) + 1 };
  added[REDRIVEN_AT_HEADER] = new Date(now).toISOString();
  return {
    exchange: home.exchange,
    routingKey: home.routingKey,
    content: edit?.body === undefined ? content : Buffer.from(edit.body),
    options: copyOptions(message, {
      without: properties.userId === user ? ['clusterId'] : ['userId', 'clusterId'],
      keeps: (name) => !strips(name) && isKept(name),
      added,
    }),
  };
}

/** `CC` and `BCC` name further keys: on the way into one queue they would lead to others. */
export function isCopyHeader(name: string): boolean {
  return name === 'CC' || name === 'BCC';
}

/** Headers that were not changed stay as they came, even where JSON shows less than there is. */
function readEdit(
  shown: Record<string, Json>,
  edited: Record<string, Json> | undefined,
): { isKept: (name: string) => boolean; changed: Record<string, Json> } {
  if (!edited) return { isKept: () => true, changed: {} };
  const changed: Record<string, Json> = {};
  const kept = new Set<string>();
  for (const [name, value] of Object.entries(edited))
    if (JSON.stringify(shown[name]) === JSON.stringify(value)) kept.add(name);
    else changed[name] = value;
  return { isKept: (name) => kept.has(name), changed };
}
