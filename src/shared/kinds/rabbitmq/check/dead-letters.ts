import type { Problem, Subject } from '@shared/flow/problem';
import { docs } from '../docs';
import { objectKey } from '../objects';
import type { EffectiveSetting } from '../policies';
import { linkSubject, nodeSubject, type Rule, say } from './finding';
import {
  type BrokerModel,
  type CheckedExchange,
  type CheckedQueue,
  findSetting,
  findText,
  isExchangeKnown,
} from './model';

/** The link a setting was drawn as, else the node (a policy or a plain argument gave it). */
function subjectOf(model: BrokerModel, checked: CheckedQueue | CheckedExchange, { origin }: EffectiveSetting): Subject {
  const links = checked.objectType === 'queue' ? model.links.deadLettersOf : model.links.alternatesOf;
  const [link] = origin.from === 'argument' ? (links.get(checked.id) ?? []) : [];
  return link ? linkSubject(link.id) : nodeSubject(checked.id);
}

function sayOrigin({ origin }: EffectiveSetting): string {
  if (origin.from === 'argument') return '';
  return ` (set by ${origin.from === 'policy' ? 'policy' : 'operator policy'} ${say(origin.policy.name)})`;
}

/** Dead letters to an exchange or queue that is not there are dropped without a trace. */
export const checkDeadLetterTargets: Rule = (model) =>
  model.queues.flatMap((queue): Problem[] => {
    const setting = queue.ownership === 'ignored' ? undefined : findSetting(queue, 'x-dead-letter-exchange');
    if (!setting || typeof setting.value !== 'string' || queue.queueType === 'stream') return [];
    const { vhost, name } = queue.object;
    const exchange = setting.value;
    const common = {
      severity: queue.ownership === 'managed' ? ('error' as const) : ('warning' as const),
      subject: subjectOf(model, queue, setting),
      docsUrl: docs.deadLettering,
    };
    if (!isExchangeKnown(model, vhost, exchange)) {
      const message = `Queue ${say(name)} sends its dead letters to exchange ${say(exchange)}${sayOrigin(setting)}, which is not drawn: unless it exists, they are silently dropped.`;
      return [{ ...common, code: 'queue/dead-letter-exchange-missing', message }];
    }
    const key = findText(queue, 'x-dead-letter-routing-key');
    if (exchange !== '' || key === undefined || model.queueAt.has(objectKey(vhost, key))) return [];
    const message = `Queue ${say(name)} sends its dead letters to queue ${say(key)}${sayOrigin(setting)}, which is not drawn: unless it exists, they are silently dropped.`;
    return [{ ...common, code: 'queue/dead-letter-queue-missing', message }];
  });

/** A dead-letter exchange that passes nothing on drops dead letters, too. */
export const checkDeadLetterRoutes: Rule = (model) =>
  model.queues.flatMap((queue): Problem[] => {
    const setting = queue.ownership === 'ignored' ? undefined : findSetting(queue, 'x-dead-letter-exchange');
    if (!setting || typeof setting.value !== 'string' || setting.value === '' || queue.queueType === 'stream')
      return [];
    const { vhost, name } = queue.object;
    const exchange = setting.value;
    const key = findText(queue, 'x-dead-letter-routing-key');
    const hasBindings = (model.bindingsFrom.get(objectKey(vhost, exchange)) ?? []).length > 0;
    if (key === undefined || !hasBindings || !isExchangeKnown(model, vhost, exchange)) return [];
    const readsHeaders = model.exchangeAt.get(objectKey(vhost, exchange))?.object.type === 'headers';
    if (readsHeaders || !model.router.route({ vhost, exchange, routingKey: key }).unroutable) return [];
    return [
      {
        code: 'queue/dead-letters-unroutable',
        severity: queue.ownership === 'managed' ? 'error' : 'warning',
        subject: subjectOf(model, queue, setting),
        field: 'settings.routingKey',
        message: `Dead letters of queue ${say(name)} get the key “${key}”, which no binding of exchange ${say(exchange)} matches: they are silently dropped.`,
        docsUrl: docs.deadLettering,
      },
    ];
  });

/** An alternate exchange that is not there loses what it should catch. */
export const checkAlternates: Rule = (model) =>
  model.exchanges.flatMap((exchange): Problem[] => {
    const setting = exchange.ownership === 'ignored' ? undefined : findSetting(exchange, 'alternate-exchange');
    if (!setting || typeof setting.value !== 'string') return [];
    const { vhost, name } = exchange.object;
    const alternate = setting.value;
    const common = { subject: subjectOf(model, exchange, setting), docsUrl: docs.alternateExchange };
    if (alternate === '') {
      const message = `Exchange ${say(name)} has the default exchange as its alternate${sayOrigin(setting)}, which routes nothing in that place: unmatched messages are lost.`;
      return [{ ...common, code: 'exchange/alternate-default', severity: 'warning', message }];
    }
    if (alternate === name) {
      const message = `Exchange ${say(name)} is its own alternate${sayOrigin(setting)}; that has no effect.`;
      return [{ ...common, code: 'exchange/alternate-itself', severity: 'warning', message }];
    }
    if (isExchangeKnown(model, vhost, alternate)) return [];
    const message = `Exchange ${say(name)} sends what no binding matches to exchange ${say(alternate)}${sayOrigin(setting)}, which is not drawn: unless it exists, those messages are lost.`;
    const severity = exchange.ownership === 'managed' ? 'error' : 'warning';
    return [{ ...common, code: 'exchange/alternate-missing', severity, message }];
  });
