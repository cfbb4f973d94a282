import type { Problem } from '@shared/flow/problem';
import type { FlowNode, Json } from '@shared/flow/schema';
import { retryPolicyOf } from '@shared/kinds/common/retry';
import { docs } from '../docs';
import { groupBy } from '../group';
import { type ArgumentTable, objectKey } from '../objects';
import { topologyKey } from '../resolve';
import { linkSubject, nodeSubject, type Rule, say, sayList } from './finding';
import type { EndpointLink } from './links';
import { type BrokerModel, findSetting, findText, type ObjectReference } from './model';
import { isTable } from './settings';

/** A publish link with what it sends. Parts that are templates are undefined: known only when sent. */
interface Publishing {
  link: EndpointLink;
  target: ObjectReference;
  routingKey: string | undefined;
  headers: ArgumentTable | undefined;
}

const isTemplate = (value: Json): boolean => JSON.stringify(value).includes('{{');

function readPublishings(model: BrokerModel): Publishing[] {
  return model.links.publishes.flatMap((link): Publishing[] => {
    const target = model.refer(link.link.to);
    if (!target) return [];
    if (link.node.type !== 'publisher') return [{ link, target, routingKey: handlerKey(link), headers: undefined }];
    const chosen = link.link.settings['routingKey'] ?? link.node.settings['routingKey'] ?? '';
    const headers = link.node.settings['headers'] ?? {};
    const routingKey = typeof chosen === 'string' && !isTemplate(chosen) ? chosen : undefined;
    return [{ link, target, routingKey, headers: isTable(headers) && !isTemplate(headers) ? headers : undefined }];
  });
}

/** A handler sends what it got or made: its key is known only where the link gives one and no script can choose another. */
function handlerKey({ link, node }: EndpointLink): string | undefined {
  const { routingKey } = link.settings;
  const isKnown = typeof routingKey === 'string' && node.settings['behaviour'] !== 'script' && runsHere(node);
  return isKnown ? routingKey : undefined;
}

const runsHere = (node: FlowNode) => node.settings['runsIn'] !== 'elsewhere';

/** `Publisher orders`, `Handler router`. */
function sayOrigin({ node }: EndpointLink): string {
  return `${node.type === 'publisher' ? 'Publisher' : 'Handler'} ${say(node.name)}`;
}

/** Messages that no binding takes are lost: with `mandatory` they come back, else nobody hears of it. */
export const checkLostMessages: Rule = (model) =>
  readPublishings(model).flatMap(({ link, target, routingKey, headers }): Problem[] => {
    if (target.objectType !== 'exchange' || target.name === '' || routingKey === undefined) return [];
    const exchange = model.exchangeAt.get(objectKey(target.vhost, target.name));
    if (!exchange || exchange.ownership === 'ignored') return [];
    if ((model.bindingsFrom.get(objectKey(target.vhost, target.name)) ?? []).length === 0) return [];
    const message = { vhost: target.vhost, exchange: target.name, routingKey };
    const outcome = model.router.route({ ...message, headers: headers ?? {} });
    if (!outcome.unroutable || (headers === undefined && usesHeaders(model, target))) return [];
    const why =
      outcome.alternates.length > 0
        ? 'and the alternate exchange leads to no queue'
        : 'and there is no alternate exchange';
    return [
      {
        code: 'publish/lost',
        severity: exchange.ownership === 'managed' ? 'error' : 'warning',
        subject: linkSubject(link.id),
        field: 'settings.routingKey',
        message: `${sayOrigin(link)} sends the key “${routingKey}” to exchange ${say(target.name)}, where no binding matches it ${why}: the messages are lost.`,
        docsUrl: docs.unroutable,
      },
    ];
  });

function usesHeaders(model: BrokerModel, { vhost, name }: ObjectReference): boolean {
  const seen = new Set([name]);
  for (const current of seen) {
    const exchange = model.exchangeAt.get(objectKey(vhost, current));
    if (exchange?.object.type === 'headers') return true;
    for (const { binding } of model.bindingsFrom.get(objectKey(vhost, current)) ?? []) {
      if (binding.destinationType === 'exchange') seen.add(binding.destination);
    }
    const alternate = exchange && findText(exchange, 'alternate-exchange');
    if (alternate) seen.add(alternate);
  }
  return false;
}

/** Internal exchanges take messages from other exchanges only. */
export const checkInternalTargets: Rule = (model) =>
  readPublishings(model).flatMap(({ link, target }): Problem[] => {
    const exchange = model.exchangeAt.get(objectKey(target.vhost, target.name));
    if (target.objectType !== 'exchange' || !exchange?.object.internal || exchange.ownership === 'ignored') return [];
    const message = `${sayOrigin(link)} cannot publish to exchange ${say(target.name)}: it is internal, and RabbitMQ refuses it.`;
    return [
      {
        code: 'publish/internal-exchange',
        severity: 'error',
        subject: linkSubject(link.id),
        message,
        docsUrl: docs.exchanges,
      },
    ];
  });

/** Bindings that match nothing that the drawn publishers send, where these are all that feeds the exchange. */
export const checkUnmatchedBindings: Rule = (model) => {
  const byTarget = groupBy(readPublishings(model), ({ target }) =>
    topologyKey(target.objectType, target.vhost, target.name),
  );
  return model.exchanges.flatMap(({ object, ownership }): Problem[] => {
    const { vhost, name, type } = object;
    const key = topologyKey('exchange', vhost, name);
    const publishings = byTarget.get(key) ?? [];
    if (ownership !== 'managed' || publishings.length === 0 || !['direct', 'topic'].includes(type)) return [];
    const { deadLettered, alternate } = model.feeds;
    if (model.bindingsTo.has(key) || deadLettered.has(key) || alternate.has(key)) return [];
    const keys = publishings.flatMap(({ routingKey }) => (routingKey === undefined ? [] : [routingKey]));
    if (keys.length < publishings.length) return [];
    const used = new Set(
      keys.flatMap((routingKey) =>
        model.router.route({ vhost, exchange: name, routingKey }).bindings.map(({ binding }) => bindingName(binding)),
      ),
    );
    return (model.bindingsFrom.get(objectKey(vhost, name)) ?? []).flatMap(({ linkId, row, binding }): Problem[] => {
      if (used.has(bindingName(binding))) return [];
      const sent = sayList([...new Set(keys)].map((sentKey) => sentKey || '(empty)'));
      return [
        {
          code: 'binding/no-publisher-matches',
          severity: 'hint',
          subject: linkSubject(linkId),
          field: `settings.rows.${row}.routingKey`,
          message: `The binding ${say(name)} to ${say(binding.destination)} with the key “${binding.routingKey}” matches nothing that the drawn publishers send (${sent}).`,
          docsUrl: docs.bindings,
        },
      ];
    });
  });
};

function bindingName(binding: { destinationType: string; destination: string; routingKey: string }): string {
  return topologyKey(binding.destinationType, binding.destination, binding.routingKey);
}

/** Can a handler of these settings fail? One that only logs, or routes, cannot. */
function canFail({ behaviour, failureRate, failingKeys }: FlowNode['settings']): boolean {
  if (behaviour === 'script' || behaviour === 'http') return true;
  return (
    behaviour === 'simulate' && (Number(failureRate) > 0 || (Array.isArray(failingKeys) && failingKeys.length > 0))
  );
}

/** Handlers that reject into nothing: the failed messages are gone. */
export const checkDroppedRejects: Rule = (model) =>
  model.links.consumes.flatMap(({ link, node }): Problem[] => {
    const policy = retryPolicyOf(link.settings);
    // Such a policy sends what it gives up to dead letters of its own.
    if (policy && policy.attempts > 1 && policy.wait !== 'requeue') return [];
    const reference = model.refer(link.from);
    const queue = reference && model.queueAt.get(objectKey(reference.vhost, reference.name));
    if (
      !canFail(node.settings) ||
      node.settings['runsIn'] === 'elsewhere' ||
      !queue ||
      queue.ownership === 'ignored' ||
      queue.queueType === 'stream'
    )
      return [];
    if (findSetting(queue, 'x-dead-letter-exchange')) return [];
    const message = `Handler ${say(node.name)} rejects messages that it fails on, but queue ${say(queue.object.name)} has no dead-letter link: the rejected ones are lost.`;
    return [
      {
        code: 'queue/rejects-dropped',
        severity: 'warning',
        subject: nodeSubject(queue.id),
        message,
        docsUrl: docs.deadLettering,
      },
    ];
  });
