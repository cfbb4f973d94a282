import { SANDBOX_PRODUCT } from '@shared/kinds/rabbitmq/sandbox-gaps';
import type { SandboxBroker } from '../broker/broker';
import type { Vhost } from '../broker/vhost';
import { type Described, describeBindings, describeExchange, describeQueue } from './describe';
import { importFlag, importPlainTable } from './plain-table';

/** The definitions of one vhost or of all, as `GET /api/definitions` answers. Predeclared and exclusive objects are left out. */
export function exportDefinitions(broker: SandboxBroker, only?: Vhost): Described {
  const vhosts = only ? [only] : [...broker.vhosts.values()];
  const withoutVhost = (item: Described) => {
    const { vhost, ...rest } = item;
    return only ? rest : { ...rest, vhost };
  };
  const pick = (item: Described, keys: string[]) =>
    withoutVhost(Object.fromEntries(['vhost', ...keys].map((key) => [key, item[key]])));
  return {
    rabbit_version: broker.behaviour.serverVersion,
    rabbitmq_version: broker.behaviour.serverVersion,
    product_name: SANDBOX_PRODUCT,
    ...(only
      ? {}
      : {
          users: [],
          permissions: [],
          topic_permissions: [],
          global_parameters: [],
          vhosts: vhosts.map(({ name }) => ({ name })),
        }),
    parameters: [],
    policies: [],
    queues: vhosts.flatMap((vhost) =>
      [...vhost.queues.values()]
        .filter((queue) => !queue.owner)
        .map((queue) => pick(describeQueue(vhost, queue), ['name', 'durable', 'auto_delete', 'arguments'])),
    ),
    exchanges: vhosts.flatMap((vhost) =>
      [...vhost.exchanges.values()]
        .filter((exchange) => exchange.name !== '' && !exchange.name.startsWith('amq.'))
        .map((exchange) =>
          pick(describeExchange(vhost, exchange), ['name', 'type', 'durable', 'auto_delete', 'internal', 'arguments']),
        ),
    ),
    bindings: vhosts.flatMap((vhost) =>
      describeBindings(vhost)
        .filter((binding) => binding.source !== '')
        .map((binding) => pick(binding, ['source', 'destination', 'destination_type', 'routing_key', 'arguments'])),
    ),
  };
}

type Item = Record<string, unknown>;
const text = (value: unknown) => (typeof value === 'string' ? value : '');

/**
 * Merges definitions, as `POST /api/definitions` does: nothing is removed, what exists stays as it is. Throws AmqpError on the
 * first object that is refused; those before it stay.
 */
export function importDefinitions(broker: SandboxBroker, definitions: Record<string, unknown>, only?: Vhost): void {
  const items = (key: string) => (Array.isArray(definitions[key]) ? (definitions[key] as Item[]) : []);
  for (const { name } of items('vhosts')) if (!only && typeof name === 'string') broker.addVhost(name);
  const vhostOf = (item: Item) => only ?? broker.vhosts.get(text(item.vhost) || '/');
  for (const item of items('exchanges')) {
    const vhost = vhostOf(item);
    if (vhost?.exchanges.has(text(item.name))) continue;
    vhost?.declareExchange({
      name: text(item.name),
      type: text(item.type) || 'direct',
      durable: importFlag(item.durable, true),
      autoDelete: importFlag(item.auto_delete, false),
      internal: importFlag(item.internal, false),
      arguments: importPlainTable(item.arguments),
    });
  }
  for (const item of items('queues')) {
    const vhost = vhostOf(item);
    if (vhost?.queues.has(text(item.name))) continue;
    const args = importPlainTable(item.arguments);
    const declaration = {
      name: text(item.name),
      durable: importFlag(item.durable, true),
      autoDelete: importFlag(item.auto_delete, false),
      arguments: args,
      owner: null,
    };
    vhost?.declareQueue(declaration, { exclusiveQueues: new Set() });
  }
  for (const item of items('bindings')) {
    const vhost = vhostOf(item);
    const source = vhost?.exchanges.get(text(item.source));
    const type = item.destination_type === 'exchange' ? 'exchange' : 'queue';
    const exists =
      type === 'exchange' ? vhost?.exchanges.has(text(item.destination)) : vhost?.queues.has(text(item.destination));
    if (vhost && source && exists)
      vhost.bind(source, type, text(item.destination), text(item.routing_key), importPlainTable(item.arguments));
  }
}
