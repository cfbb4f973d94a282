import type { Problem } from '@shared/flow/problem';
import { docs } from '../docs';
import { groupBy } from '../group';
import { topologyKey } from '../resolve';
import { PREDECLARED_EXCHANGES } from '../route/exchange-index';
import { nodeSubject, type Rule, say } from './finding';
import type { CheckedExchange, CheckedQueue } from './model';

const MAX_BYTES = 255;
const encoder = new TextEncoder();

function countBytes(text: string): number {
  return text.length * 3 <= MAX_BYTES ? text.length : encoder.encode(text).length;
}

function docsOf({ objectType }: CheckedExchange | CheckedQueue): string {
  return objectType === 'queue' ? docs.queueNames : docs.exchanges;
}

function findNameFault(checked: CheckedExchange | CheckedQueue): { code: string; message: string } | undefined {
  const { objectType, object } = checked;
  const { name } = object;
  if (name === '') return { code: 'name/empty', message: `A ${objectType} needs a name.` };
  const bytes = countBytes(name);
  if (bytes > MAX_BYTES) {
    const start = [...name].slice(0, 24).join('');
    return {
      code: 'name/too-long',
      message: `The name of ${objectType} “${start}…” has ${bytes} bytes; RabbitMQ allows ${MAX_BYTES}.`,
    };
  }
  const isPredeclared = objectType === 'exchange' && PREDECLARED_EXCHANGES.has(name);
  if (!name.startsWith('amq.') || isPredeclared) return undefined;
  return {
    code: 'name/reserved',
    message: `The name of ${objectType} ${say(name)} begins with “amq.”, which RabbitMQ keeps for itself: declaring it is refused.`,
  };
}

/** Names that RabbitMQ refuses: empty, longer than 255 bytes, or a new `amq.` one. */
export const checkNames: Rule = ({ exchanges, queues }) =>
  [...exchanges, ...queues].flatMap((checked): Problem[] => {
    const fault = checked.ownership === 'managed' ? findNameFault(checked) : undefined;
    if (!fault) return [];
    const { code, message } = fault;
    return [
      { code, severity: 'error', subject: nodeSubject(checked.id), field: 'name', message, docsUrl: docsOf(checked) },
    ];
  });

/** One name drawn twice as the same type of object in one virtual host. An exchange and a queue may share a name. */
export const checkDuplicates: Rule = ({ exchanges, queues }) => {
  const drawn = [...exchanges, ...queues].filter(({ ownership }) => ownership !== 'ignored');
  const groups = groupBy(drawn, ({ objectType, object }) => topologyKey(objectType, object.vhost, object.name));
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .flatMap((group) =>
      group.map((checked): Problem => {
        const { id, objectType, object } = checked;
        const times = group.length === 2 ? 'twice' : `${group.length} times`;
        return {
          code: 'name/duplicate',
          severity: 'error',
          subject: nodeSubject(id),
          field: 'name',
          message: `${objectType === 'queue' ? 'Queue' : 'Exchange'} ${say(object.name)} is drawn ${times} in virtual host ${say(object.vhost)}; they would be one and the same in the broker.`,
          docsUrl: docsOf(checked),
        };
      }),
    );
};
