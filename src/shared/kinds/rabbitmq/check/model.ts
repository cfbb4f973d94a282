import type { Flow, FlowLink, FlowNode, LinkEnd, Ownership } from '@shared/flow/schema';
import { plainArgument } from '../argument-values';
import { QUEUE_TYPES, type QueueType } from '../arguments';
import {
  type BindingObject,
  type ExchangeObject,
  objectKey,
  type ParameterObject,
  type PolicyObject,
  type QueueObject,
  type RabbitFacts,
  type VhostObject,
} from '../objects';
import { type EffectiveSetting, findEffective, PolicyIndex } from '../policies';
import { resolveTopology, topologyKey } from '../resolve';
import { PREDECLARED_EXCHANGES } from '../route/exchange-index';
import { compileRouter, type Router } from '../route/router';
import { type Feeds, findFeeds } from './feeds';
import { type LinkIndex, readLinks } from './links';
import { isTable } from './settings';

interface CheckedNode {
  id: string;
  node: FlowNode;
  ownership: Ownership;
  policy: PolicyObject | undefined;
  operatorPolicy: PolicyObject | undefined;
}

export interface CheckedExchange extends CheckedNode {
  objectType: 'exchange';
  object: ExchangeObject;
}

export interface CheckedQueue extends CheckedNode {
  objectType: 'queue';
  object: QueueObject;
  /** Undefined for a type RabbitMQ does not have. */
  queueType: QueueType | undefined;
}

/** One row of a binding link. */
export interface CheckedBinding {
  linkId: string;
  row: number;
  binding: BindingObject;
  ownership: Ownership;
}

/** What a link's end names, drawn or not. */
export interface ObjectReference {
  objectType: 'exchange' | 'queue';
  vhost: string;
  name: string;
}

/** One broker of a flow, indexed for the rules; every lookup is by key. */
export interface BrokerModel {
  id: string;
  flow: Flow;
  facts: RabbitFacts | undefined;
  /** `3.10.8`, undefined when not known. */
  version: string | undefined;
  exchanges: CheckedExchange[];
  queues: CheckedQueue[];
  /** By vhost and name. */
  exchangeAt: ReadonlyMap<string, CheckedExchange>;
  queueAt: ReadonlyMap<string, CheckedQueue>;
  bindings: CheckedBinding[];
  bindingsFrom: ReadonlyMap<string, CheckedBinding[]>;
  /** By `topologyKey` of the destination. */
  bindingsTo: ReadonlyMap<string, CheckedBinding[]>;
  links: LinkIndex;
  feeds: Feeds;
  policies: PolicyObject[];
  operatorPolicies: PolicyObject[];
  parameters: ParameterObject[];
  vhosts: VhostObject[];
  router: Router;
  /** The drawn object or named end that a link end stands for. */
  refer: (end: LinkEnd, other?: LinkEnd) => ObjectReference | undefined;
}

/** Vhost assumed for nodes that name none while the connection's is not known. */
const USUAL_VHOST = '/';

/** Policies of the flow win over those found, being what will be there after deploying. */
function mergePolicies(drawn: PolicyObject[], found: PolicyObject[] | undefined): PolicyObject[] {
  const names = new Set(drawn.map(({ vhost, name }) => objectKey(vhost, name)));
  return [...drawn, ...(found ?? []).filter(({ vhost, name }) => !names.has(objectKey(vhost, name)))];
}

function pushTo<K, T>(map: Map<K, T[]>, key: K, item: T): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}

/** Indexes everything that rules ask of one broker. Costs one pass over nodes and links. */
export function buildModel(flow: Flow, brokerId: string, facts: RabbitFacts | undefined): BrokerModel {
  const defaultVhost = facts?.defaultVhost ?? USUAL_VHOST;
  const { topology } = resolveTopology(flow, brokerId, { defaultVhost });
  const policies = mergePolicies(topology.policies, facts?.policies);
  const operatorPolicies = mergePolicies(topology.operatorPolicies, facts?.operatorPolicies);
  const policyIndex = new PolicyIndex(policies);
  const operatorIndex = new PolicyIndex(operatorPolicies);
  const defaultTypes = { ...facts?.defaultQueueTypes };
  for (const { name, defaultQueueType } of topology.vhosts) if (defaultQueueType) defaultTypes[name] = defaultQueueType;

  const exchangeObjects = new Map(topology.exchanges.map((object) => [objectKey(object.vhost, object.name), object]));
  const queueObjects = new Map(topology.queues.map((object) => [objectKey(object.vhost, object.name), object]));
  const exchanges: CheckedExchange[] = [];
  const queues: CheckedQueue[] = [];
  for (const [id, node] of Object.entries(flow.nodes)) {
    if (node.broker !== brokerId) continue;
    const key = objectKey(vhostOf(node, defaultVhost), node.name);
    const ownership = node.ownership ?? 'managed';
    if (node.type === 'rabbitmq.exchange') {
      const object = exchangeObjects.get(key);
      if (!object) continue;
      const subject = { vhost: object.vhost, name: object.name, objectType: 'exchange' as const };
      const policy = policyIndex.find(subject);
      exchanges.push({ id, node, ownership, policy, operatorPolicy: undefined, objectType: 'exchange', object });
    } else if (node.type === 'rabbitmq.queue') {
      const object = queueObjects.get(key);
      if (!object) continue;
      const chosen = plainArgument(object.arguments['x-queue-type']) ?? defaultTypes[object.vhost] ?? 'classic';
      const queueType = QUEUE_TYPES.find((type) => type === chosen);
      const subject = { vhost: object.vhost, name: object.name, objectType: 'queue' as const, queueType };
      const policy = policyIndex.find(subject);
      const operatorPolicy = operatorIndex.find(subject);
      queues.push({ id, node, ownership, policy, operatorPolicy, objectType: 'queue', object, queueType });
    }
  }

  const nodeAt = new Map([...exchanges, ...queues].map((checked) => [checked.id, checked]));
  const refer = (end: LinkEnd, other?: LinkEnd): ObjectReference | undefined => {
    if ('node' in end) {
      const checked = nodeAt.get(end.node);
      if (checked) return { objectType: checked.objectType, vhost: checked.object.vhost, name: checked.object.name };
      const node = flow.nodes[end.node];
      const isDefaultExchange = node?.type === 'rabbitmq.exchange' && node.broker === brokerId && node.name === '';
      return isDefaultExchange ? { objectType: 'exchange', vhost: vhostOf(node, defaultVhost), name: '' } : undefined;
    }
    const otherVhost = other && 'node' in other ? nodeAt.get(other.node)?.object.vhost : other?.vhost;
    return { objectType: end.objectType, vhost: end.vhost ?? otherVhost ?? defaultVhost, name: end.name };
  };

  const links = readLinks(flow, brokerId);
  const bindings: CheckedBinding[] = [];
  const bindingsFrom = new Map<string, CheckedBinding[]>();
  const bindingsTo = new Map<string, CheckedBinding[]>();
  for (const { id, link } of links.bindings) {
    const source = refer(link.from, link.to);
    const destination = refer(link.to, link.from);
    if (!source || !destination || source.objectType !== 'exchange') continue;
    const ownership = ownershipOf(flow, link);
    rowsOf(link).forEach(({ routingKey, arguments: table }, row) => {
      const binding: BindingObject = {
        vhost: source.vhost,
        source: source.name,
        destination: destination.name,
        destinationType: destination.objectType,
        routingKey,
        arguments: table,
      };
      const checked = { linkId: id, row, binding, ownership };
      bindings.push(checked);
      pushTo(bindingsFrom, objectKey(source.vhost, source.name), checked);
      pushTo(bindingsTo, topologyKey(destination.objectType, destination.vhost, destination.name), checked);
    });
  }

  return {
    id: brokerId,
    flow,
    facts,
    version: facts?.version,
    exchanges,
    queues,
    exchangeAt: new Map(exchanges.map((checked) => [objectKey(checked.object.vhost, checked.object.name), checked])),
    queueAt: new Map(queues.map((checked) => [objectKey(checked.object.vhost, checked.object.name), checked])),
    bindings,
    bindingsFrom,
    bindingsTo,
    links,
    feeds: findFeeds({ links, queues, exchanges, refer }),
    policies,
    operatorPolicies,
    parameters: topology.parameters,
    vhosts: topology.vhosts,
    router: compileRouter({ ...topology, policies }),
    refer,
  };
}

function vhostOf(node: FlowNode, defaultVhost: string): string {
  const vhost = node.settings['vhost'];
  return typeof vhost === 'string' ? vhost : defaultVhost;
}

/** A link is of no concern when either end is ignored. */
function ownershipOf(flow: Flow, link: FlowLink): Ownership {
  const ends = [link.from, link.to].map((end) => ('node' in end ? flow.nodes[end.node]?.ownership : undefined));
  return ends.includes('ignored') ? 'ignored' : 'managed';
}

function rowsOf(link: FlowLink): { routingKey: string; arguments: BindingObject['arguments'] }[] {
  const rows = link.settings['rows'] ?? [{}];
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row) => {
    if (!isTable(row)) return [];
    const { routingKey = '', arguments: table = {} } = row;
    return typeof routingKey === 'string' && isTable(table) ? [{ routingKey, arguments: table }] : [];
  });
}

/** The value of an argument in effect: the queue's or exchange's own, or that of a policy. */
export function findSetting(checked: CheckedQueue | CheckedExchange, key: string): EffectiveSetting | undefined {
  const { objectType, object, policy, operatorPolicy } = checked;
  return findEffective(key, objectType, object.arguments, policy, operatorPolicy);
}

/** A setting in effect when it is a number, else undefined. */
export function findNumber(checked: CheckedQueue, key: string): number | undefined {
  const value = findSetting(checked, key)?.value;
  return typeof value === 'number' ? value : undefined;
}

/** A setting in effect when it is text, else undefined. */
export function findText(checked: CheckedQueue | CheckedExchange, key: string): string | undefined {
  const value = findSetting(checked, key)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Is an exchange of this name drawn, predeclared, or the default one? */
export function isExchangeKnown(model: BrokerModel, vhost: string, name: string): boolean {
  return name === '' || PREDECLARED_EXCHANGES.has(name) || model.exchangeAt.has(objectKey(vhost, name));
}
