import { canonicalJson } from '@shared/canonical';
import type { Subject } from '@shared/flow/problem';
import {
  type Flow,
  type FlowLink,
  type FlowNode,
  type LinkEnd,
  type Ownership,
  ownershipSchema,
} from '@shared/flow/schema';
import type { ArgumentTable, BindingObject, ExchangeObject, PolicyObject, QueueObject, Topology } from './objects';
import { drawnDeadLetter, retriedQueues, retryObjects, retryRoute } from './retry';
import {
  bindingSettingsSchema,
  deadLetterSettingsSchema,
  exchangeSettingsSchema,
  queueSettingsSchema,
  rabbitBrokerSettingsSchema,
} from './schema';

/** What a flow wants of one broker, with where each object was drawn. Keys: see `topologyKey` and `bindingKey`. */
export interface ResolvedTopology {
  topology: Topology;
  origins: Record<string, Subject>;
  ownership: Record<string, Ownership>;
  /** Keys of objects that are not drawn but follow from a retry policy; their origin is its consume link. */
  derived: ReadonlySet<string>;
}

export interface ResolveOptions {
  /** Vhost of nodes that name none: that of the connection's URL. */
  defaultVhost: string;
}

/** Key of an object within a broker: `queue\0/\0orders`. */
export function topologyKey(objectType: string, vhost: string, name: string): string {
  return `${objectType}\u0000${vhost}\u0000${name}`;
}

/** Key of a binding: its whole identity, arguments included. */
export function bindingKey(binding: BindingObject): string {
  const { vhost, source, destinationType, destination, routingKey } = binding;
  const parts = [source, destinationType, destination, routingKey, canonicalJson(binding.arguments)];
  return topologyKey('binding', vhost, parts.join('\u0000'));
}

interface NamedEnd {
  type: 'exchange' | 'queue';
  vhost: string;
  name: string;
  /** Of drawn ends only. */
  ownership?: Ownership;
}

/**
 * Turns the drawn nodes and links of one broker into the objects it should have. Pure: the same code in the window, on the
 * command line and in tests. Invalid settings are left to the check; here they fall back to their defaults.
 */
export function resolveTopology(flow: Flow, brokerId: string, { defaultVhost }: ResolveOptions): ResolvedTopology {
  const broker = flow.brokers[brokerId];
  const topology: Topology = {
    vhosts: [],
    exchanges: [],
    policies: [],
    operatorPolicies: [],
    parameters: [],
    globalParameters: [],
    queues: [],
    bindings: [],
  };
  const origins: Record<string, Subject> = {};
  const ownership: Record<string, Ownership> = {};
  const nodeEnds = new Map<string, NamedEnd>();
  const exchangesById = new Map<string, ExchangeObject>();
  const queuesById = new Map<string, QueueObject>();
  const links = Object.entries(flow.links);

  for (const [id, node] of Object.entries(flow.nodes)) {
    if (node.broker !== brokerId) continue;
    const object = nodeObject(node, defaultVhost);
    if (!object) continue;
    const owned = node.ownership ?? 'managed';
    const key = topologyKey(object.type, object.value.vhost, object.value.name);
    nodeEnds.set(id, { type: object.type, vhost: object.value.vhost, name: object.value.name, ownership: owned });
    origins[key] = { type: 'node', id };
    ownership[key] = owned;
    if (object.type === 'exchange') {
      exchangesById.set(id, object.value);
      if (object.value.name !== '') topology.exchanges.push(object.value);
    } else {
      queuesById.set(id, object.value);
      topology.queues.push(object.value);
    }
  }

  const endOf = (end: LinkEnd, otherVhost: string | undefined): NamedEnd | undefined => {
    if ('node' in end) return nodeEnds.get(end.node);
    const vhost = end.vhost ?? otherVhost ?? defaultVhost;
    return { type: end.objectType, vhost, name: end.name };
  };

  for (const [id, link] of links) {
    const isHere = linkBroker(flow, link) === brokerId;
    if (!isHere) continue;
    const fromVhost = 'node' in link.from ? nodeEnds.get(link.from.node)?.vhost : link.from.vhost;
    const toVhost = 'node' in link.to ? nodeEnds.get(link.to.node)?.vhost : link.to.vhost;
    const from = endOf(link.from, toVhost);
    const to = endOf(link.to, fromVhost);
    if (!from || !to) continue;
    if (link.type === 'binding') {
      for (const binding of linkBindings(link, from, to)) {
        const key = bindingKey(binding);
        topology.bindings.push(binding);
        origins[key] = { type: 'link', id };
        ownership[key] = bindingOwnership(from, to);
      }
    } else if ('node' in link.from && link.settings.via !== 'policy') {
      if (link.type === 'dead-letter') addDeadLetter(queuesById.get(link.from.node), link, to);
      if (link.type === 'alternate') addAlternate(exchangesById.get(link.from.node), to);
    }
  }

  addBrokerSettings(topology, origins, ownership, broker?.settings ?? {}, brokerId, defaultVhost);
  const derived = new Set<string>();
  for (const queue of retriedQueues(flow, (node) => queuesById.get(node))) {
    if (flow.nodes[queue.node]?.ownership === 'ignored') continue;
    const drawn = drawnDeadLetter(flow, queue.node, (end) => {
      const to = endOf(end, queue.vhost);
      return to && { objectType: to.type, name: to.name };
    });
    const route = retryRoute(queue, drawn);
    if (!route) continue;
    const objects = retryObjects(route);
    const derive = <T>(list: T[], made: T[], keyOf: (object: T) => string) => {
      for (const object of made) {
        const key = keyOf(object);
        // Drawn since, after an import of the broker perhaps: then the drawing counts.
        if (key in origins) continue;
        list.push(object);
        derived.add(key);
        origins[key] = { type: 'link', id: queue.link };
        ownership[key] = 'managed';
      }
    };
    derive(topology.exchanges, objects.exchanges, ({ vhost, name }) => topologyKey('exchange', vhost, name));
    derive(topology.queues, objects.queues, ({ vhost, name }) => topologyKey('queue', vhost, name));
    derive(topology.bindings, objects.bindings, bindingKey);
  }
  return { topology, origins, ownership, derived };
}

/**
 * Whose a binding is follows from its drawn ends: ignored where one is ignored, ours where one is ours, and only referred to
 * between objects that are only referred to. Between ends that are merely named it is ours.
 */
function bindingOwnership(...ends: NamedEnd[]): Ownership {
  const drawn = ends.flatMap(({ ownership }) => ownership ?? []);
  if (drawn.includes('ignored')) return 'ignored';
  return drawn.length === 0 || drawn.includes('managed') ? 'managed' : 'referenced';
}

/** The broker a link belongs to: that of a drawn end that lives in one, else its own. */
function linkBroker(flow: Flow, link: FlowLink): string | undefined {
  for (const end of [link.from, link.to]) {
    const broker = 'node' in end ? flow.nodes[end.node]?.broker : undefined;
    if (broker !== undefined) return broker;
  }
  return link.broker;
}

function nodeObject(
  node: FlowNode,
  defaultVhost: string,
): { type: 'exchange'; value: ExchangeObject } | { type: 'queue'; value: QueueObject } | undefined {
  if (node.type === 'rabbitmq.exchange') {
    const parsed = exchangeSettingsSchema.safeParse(node.settings);
    const settings = parsed.success ? parsed.data : exchangeSettingsSchema.parse({});
    const { exchangeType, durable, autoDelete, internal } = settings;
    const value: ExchangeObject = {
      vhost: settings.vhost ?? defaultVhost,
      name: node.name,
      type: exchangeType,
      durable,
      autoDelete,
      internal,
      arguments: { ...settings.arguments } as ArgumentTable,
    };
    return { type: 'exchange', value };
  }
  if (node.type === 'rabbitmq.queue') {
    const parsed = queueSettingsSchema.safeParse(node.settings);
    const settings = parsed.success ? parsed.data : queueSettingsSchema.parse({});
    const { durable, autoDelete } = settings;
    const value: QueueObject = {
      vhost: settings.vhost ?? defaultVhost,
      name: node.name,
      durable,
      autoDelete,
      exclusive: false,
      arguments: { ...settings.arguments } as ArgumentTable,
    };
    return { type: 'queue', value };
  }
  return undefined;
}

/** One object per row. Bindings of the default exchange are implicit and never declared. */
function linkBindings(link: FlowLink, from: NamedEnd, to: NamedEnd): BindingObject[] {
  const parsed = bindingSettingsSchema.safeParse(link.settings);
  if (!parsed.success || from.type !== 'exchange' || from.name === '') return [];
  return parsed.data.rows.map((row) => ({
    vhost: from.vhost,
    source: from.name,
    destination: to.name,
    destinationType: to.type,
    routingKey: row.routingKey,
    arguments: { ...row.arguments } as ArgumentTable,
  }));
}

/** A dead-letter link to a queue goes through the default exchange, with the queue's name as key. */
function addDeadLetter(queue: QueueObject | undefined, link: FlowLink, to: NamedEnd): void {
  if (!queue) return;
  const parsed = deadLetterSettingsSchema.safeParse(link.settings);
  const routingKey = parsed.success ? parsed.data.routingKey : undefined;
  queue.arguments['x-dead-letter-exchange'] = to.type === 'queue' ? '' : to.name;
  const key = to.type === 'queue' ? to.name : routingKey;
  if (key !== undefined) queue.arguments['x-dead-letter-routing-key'] = key;
}

function addAlternate(exchange: ExchangeObject | undefined, to: NamedEnd): void {
  if (exchange) exchange.arguments['alternate-exchange'] = to.name;
}

/** Vhosts, policies and parameters kept in the broker's own settings. */
function addBrokerSettings(
  topology: Topology,
  origins: Record<string, Subject>,
  ownership: Record<string, Ownership>,
  settings: Record<string, unknown>,
  brokerId: string,
  defaultVhost: string,
): void {
  const parsed = rabbitBrokerSettingsSchema.safeParse(settings);
  if (!parsed.success) return;
  const own = (objectType: string, vhost: string, name: string, record: Record<string, unknown>) => {
    const key = topologyKey(objectType, vhost, name);
    origins[key] = { type: 'broker', id: brokerId };
    ownership[key] = ownershipSchema.safeParse(record.ownership).data ?? 'managed';
  };
  for (const [name, vhost] of Object.entries(parsed.data.vhosts)) {
    const { description, defaultQueueType, tags, limits } = vhost;
    topology.vhosts.push({ name, description, defaultQueueType, tags, limits } as Topology['vhosts'][number]);
    own('vhost', name, name, vhost);
  }
  const policies = (records: typeof parsed.data.policies, objectType: string): PolicyObject[] =>
    Object.values(records).map((policy) => {
      const vhost = policy.vhost ?? defaultVhost;
      own(objectType, vhost, policy.name, policy);
      const { name, pattern, applyTo, priority, definition } = policy;
      return { vhost, name, pattern, applyTo, priority, definition } as PolicyObject;
    });
  topology.policies = policies(parsed.data.policies, 'policy');
  topology.operatorPolicies = policies(parsed.data.operatorPolicies, 'operator-policy');
  topology.parameters = Object.values(parsed.data.parameters).map((parameter) => {
    const { vhost = defaultVhost, component, name, value } = parameter;
    own('parameter', vhost, `${component}/${name}`, parameter);
    return { vhost, component, name, value } as Topology['parameters'][number];
  });
  topology.globalParameters = Object.values(parsed.data.globalParameters).map((parameter) => {
    const { name, value } = parameter;
    own('global-parameter', '', name, parameter);
    return { name, value } as Topology['globalParameters'][number];
  });
}
