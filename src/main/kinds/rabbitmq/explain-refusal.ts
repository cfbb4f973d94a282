import type { Outcome } from '@shared/deploy/plan';
import type { Json } from '@shared/flow/schema';
import type { ConnectionTarget } from '../driver';
import type { RabbitStep } from './apply';
import { type BrokerReply, permissionHint } from './replies';
import { readAddress } from './target';

/** Refusals with 403 that no permission helps against. */
const NOT_PERMISSIONS = /reserved prefix|default exchange|system exchange/;

/** The broker's own sentence, and for a missing permission exactly what to grant. */
export function explainRefusal(
  { code, sentence }: BrokerReply,
  step: RabbitStep,
  target: ConnectionTarget,
): NonNullable<Outcome['error']> {
  const isPermission = code === 403 && !NOT_PERMISSIONS.test(sentence);
  const hint = isPermission
    ? permissionHint(neededPermissions(step), readAddress(target).username, step.vhost)
    : undefined;
  return { code: `broker/${code}`, message: sentence, ...(hint ? { hint } : {}) };
}

/** What RabbitMQ asks for. https://www.rabbitmq.com/docs/access-control#authorisation */
function neededPermissions({ object }: RabbitStep): { configure?: string[]; write?: string[]; read?: string[] } {
  switch (object.type) {
    case 'exchange':
      return declaring(object.exchange.name, object.exchange.arguments['alternate-exchange']);
    case 'queue':
      return declaring(object.queue.name, object.queue.arguments['x-dead-letter-exchange']);
    case 'binding':
      return { write: [object.binding.destination], read: [object.binding.source] };
    default:
      return {};
  }
}

/** Who lets messages go on to another exchange must be able to read here and write there. */
function declaring(name: string, onward: Json | undefined) {
  if (typeof onward !== 'string') return { configure: [name] };
  return { configure: [name], read: [name], write: [onward === '' ? 'amq.default' : onward] };
}
