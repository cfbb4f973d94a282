import type { Problem } from '@shared/flow/problem';
import { findValueFault } from '../argument-values';
import { findArgument } from '../arguments';
import { docs } from '../docs';
import { PREDECLARED_EXCHANGES } from '../route/exchange-index';
import { isAtLeast } from '../version';
import { nodeSubject, type Rule, say } from './finding';
import type { BrokerModel, CheckedExchange } from './model';
import { ownArguments } from './settings';

const CORE_TYPES = new Set(['direct', 'topic', 'fanout', 'headers']);

/** Types outside the first four: the plugin that brings them, or the release that has them in its core. */
const OTHER_TYPES = new Map<string, { plugin?: string; coreSince?: string; docsUrl: string }>(
  Object.entries({
    'x-consistent-hash': { plugin: 'rabbitmq_consistent_hash_exchange', docsUrl: docs.consistentHash },
    'x-modulus-hash': { plugin: 'rabbitmq_sharding', coreSince: '4.3', docsUrl: docs.plugins },
    'x-random': { plugin: 'rabbitmq_random_exchange', docsUrl: docs.plugins },
    'x-local-random': { coreSince: '4.0', docsUrl: docs.localRandomExchange },
    'x-recent-history': { plugin: 'rabbitmq_recent_history_exchange', docsUrl: docs.recentHistory },
    'x-delayed-message': { plugin: 'rabbitmq_delayed_message_exchange', docsUrl: docs.delayedExchange },
    'x-jms-topic': { plugin: 'rabbitmq_jms_topic_exchange', docsUrl: docs.plugins },
  }),
);

function describeNeed(type: string): string {
  const other = OTHER_TYPES.get(type);
  if (!other) return 'a plugin that brings it';
  const { plugin, coreSince } = other;
  if (plugin && coreSince) return `RabbitMQ ${coreSince} or the plugin ${plugin}`;
  return plugin ? `the plugin ${plugin}` : `RabbitMQ ${coreSince}`;
}

function checkType({ id, object, ownership }: CheckedExchange, { facts, version }: BrokerModel): Problem[] {
  const { type, name } = object;
  if (ownership !== 'managed' || CORE_TYPES.has(type)) return [];
  const common = {
    subject: nodeSubject(id),
    field: 'settings.exchangeType',
    docsUrl: OTHER_TYPES.get(type)?.docsUrl ?? docs.plugins,
  };
  if (facts?.exchangeTypes) {
    if (facts.exchangeTypes.includes(type)) return [];
    const message = `The broker has no exchange type ${say(type)}, which exchange ${say(name)} needs; it takes ${describeNeed(type)}.`;
    return [{ ...common, code: 'exchange/type-missing', severity: 'error', message }];
  }
  const coreSince = OTHER_TYPES.get(type)?.coreSince;
  if (coreSince && version && isAtLeast(version, coreSince)) return [];
  const message = `Exchange ${say(name)} has the type ${say(type)}, which needs ${describeNeed(type)}.`;
  return [{ ...common, code: 'exchange/type-of-plugin', severity: 'hint', message }];
}

function checkPredeclared({ id, object, ownership }: CheckedExchange): Problem[] {
  const type = PREDECLARED_EXCHANGES.get(object.name);
  if (ownership !== 'managed' || type === undefined || type === object.type) return [];
  return [
    {
      code: 'exchange/predeclared-type',
      severity: 'error',
      subject: nodeSubject(id),
      field: 'settings.exchangeType',
      message: `Exchange ${object.name} is there in every virtual host as a ${type} exchange and cannot be ${say(object.type)}.`,
      docsUrl: docs.exchanges,
    },
  ];
}

function checkArguments({ id, node, object, ownership }: CheckedExchange): Problem[] {
  if (ownership !== 'managed') return [];
  const problems = ownArguments(node).flatMap(([key, value]): Problem[] => {
    const argument = findArgument('exchange', key);
    if (!argument) return [];
    const common = { subject: nodeSubject(id), field: `settings.arguments.${key}`, docsUrl: argument.docsUrl };
    const who = `Exchange ${say(object.name)}`;
    if (argument.link) {
      const message = `${who} has ${key} among its arguments; draw it as an alternate link, the only place Tapline keeps it.`;
      return [{ ...common, code: 'exchange/argument-is-link', severity: 'warning', message }];
    }
    if (argument.exchangeTypes && !argument.exchangeTypes.includes(object.type)) {
      const message = `${who}: ${key} has no effect on a ${say(object.type)} exchange; it belongs to ${argument.exchangeTypes.join(' and ')}.`;
      return [{ ...common, code: 'exchange/argument-ignored', severity: 'warning', message }];
    }
    const fault = findValueFault(argument.value, value);
    return fault
      ? [{ ...common, code: 'exchange/argument-value', severity: 'error', message: `${who}: ${key} ${fault}.` }]
      : [];
  });
  if (object.type === 'x-delayed-message' && object.arguments['x-delayed-type'] === undefined) {
    problems.push({
      code: 'exchange/delayed-type-missing',
      severity: 'error',
      subject: nodeSubject(id),
      field: 'settings.arguments.x-delayed-type',
      message: `Exchange ${say(object.name)} delays messages and needs x-delayed-type to say how it routes them then; without it, declaring is refused.`,
      docsUrl: docs.delayedExchange,
    });
  }
  return problems;
}

/** Exchange types that the broker may not have, and arguments that do not fit the type. */
export const checkExchanges: Rule = (model) =>
  model.exchanges.flatMap((exchange) => [
    ...checkType(exchange, model),
    ...checkPredeclared(exchange),
    ...checkArguments(exchange),
  ]);
