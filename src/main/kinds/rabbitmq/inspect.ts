import type {
  BindingObject,
  ConsumerInfo,
  ExchangeObject,
  FoundTopology,
  ParameterObject,
  PolicyObject,
  QueueObject,
  QueueStats,
  Topology,
} from '@shared/kinds/rabbitmq/objects';
import { objectKey } from '@shared/kinds/rabbitmq/objects';
import type { ConnectionTarget, OwnedObjects } from '../driver';
import {
  type ApiBinding,
  type ApiConsumer,
  type ApiExchange,
  type ApiPolicy,
  type ApiQueue,
  toBinding,
  toConsumer,
  toExchange,
  toPolicy,
  toQueue,
  toStats,
} from './api-shapes';
import { readBroker, unlessRefused } from './facts';
import { inspectPassively } from './inspect-passive';
import { findManagement, type ManagementClient } from './management';
import { defaultVhost } from './target';

export interface InspectRequest {
  /** What is drawn, and what Tapline made: the vhosts of these are looked into; without the management API only these names. */
  wanted: Topology;
  owned: OwnedObjects;
  signal?: AbortSignal;
}

/** Reads what a broker has. Changes nothing. @throws Failure when it cannot be reached at all */
export async function inspect(target: ConnectionTarget, request: InspectRequest): Promise<FoundTopology> {
  const management = await findManagement(target, request.signal);
  if (!management.client) return inspectPassively(target, request, management.reason);
  try {
    return await inspectFully(target, management.client, request);
  } finally {
    management.client.close();
  }
}

async function inspectFully(
  target: ConnectionTarget,
  client: ManagementClient,
  request: InspectRequest,
): Promise<FoundTopology> {
  const found = await readTopology(target, client, vhostsOf(request, defaultVhost(target)), request.signal);
  return { ...found, cannotSee: unreadable(request, found) };
}

/** Everything in these vhosts, or in all that the user may see. @throws Failure */
export async function readTopology(
  target: ConnectionTarget,
  client: ManagementClient,
  names: readonly string[] | 'all',
  signal?: AbortSignal,
): Promise<FoundTopology> {
  const { facts, vhosts } = await readBroker(client, target, signal);
  const known = vhosts?.map(({ name }) => name);
  const asked = names === 'all' ? (known ?? [defaultVhost(target)]) : names;
  const visible = asked.filter((name) => known?.includes(name) ?? true);
  const [parts, parameters] = await Promise.all([
    Promise.all(visible.map((vhost) => inspectVhost(client, vhost, facts.defaultQueueTypes?.[vhost], signal))),
    client.list<ParameterObject>('/api/parameters', signal).catch(unlessRefused),
  ]);
  const merge = <T>(pick: (part: VhostPart) => T[] | null): T[] | null => {
    const lists = parts.map(pick);
    return lists.includes(null) ? null : lists.flatMap((list) => list ?? []);
  };
  const policies = merge((part) => part.policies);
  const operatorPolicies = merge((part) => part.operatorPolicies);
  return {
    facts: { ...facts, ...(policies ? { policies } : {}), ...(operatorPolicies ? { operatorPolicies } : {}) },
    vhosts,
    exchanges: parts.flatMap(({ exchanges }) => exchanges),
    queues: parts.flatMap(({ queues }) => queues),
    bindings: parts.flatMap(({ bindings }) => bindings),
    policies,
    operatorPolicies,
    parameters:
      parameters
        ?.filter(({ vhost, component }) => visible.includes(vhost) && component !== 'operator_policy')
        .map(({ vhost, component, name, value }) => ({ vhost, component, name, value })) ?? null,
    queueStats: Object.assign({}, ...parts.map(({ stats }) => stats)),
    consumers: parts.flatMap(({ consumers }) => consumers),
    visibility: 'full',
    cannotSee: [],
    differences: {},
  };
}

/** Vhosts that matter: of everything drawn, everything owned, and the connection's own. */
function vhostsOf({ wanted, owned }: InspectRequest, fallback: string): string[] {
  const { vhosts, exchanges, queues, bindings, policies, operatorPolicies, parameters } = wanted;
  const drawn = [...exchanges, ...queues, ...bindings, ...policies, ...operatorPolicies, ...parameters];
  const ours = [...owned].flatMap((key) => key.split('\u0000')[1] ?? []);
  return [...new Set([fallback, ...vhosts.map(({ name }) => name), ...drawn.map(({ vhost }) => vhost), ...ours])];
}

/** Lists the user may not read, as far as they matter: what is neither drawn nor ours need not be seen. */
function unreadable({ wanted, owned }: InspectRequest, found: FoundTopology): string[] {
  const isOwned = (objectType: string) => [...owned].some((key) => key.startsWith(`${objectType}\u0000`));
  const lists = [
    ['vhosts', found.vhosts, wanted.vhosts.length > 0 || isOwned('vhost')],
    ['policies', found.policies, wanted.policies.length > 0 || isOwned('policy')],
    ['operator policies', found.operatorPolicies, wanted.operatorPolicies.length > 0 || isOwned('operator-policy')],
    ['parameters', found.parameters, wanted.parameters.length > 0 || isOwned('parameter')],
  ] as const;
  const hidden = lists.filter(([, list, matters]) => list === null && matters).map(([what]) => what);
  return hidden.length > 0 ? [`The user may not read ${hidden.join(', ')} through the management API.`] : [];
}

interface VhostPart {
  exchanges: ExchangeObject[];
  queues: QueueObject[];
  bindings: BindingObject[];
  policies: PolicyObject[] | null;
  operatorPolicies: PolicyObject[] | null;
  stats: Record<string, QueueStats>;
  consumers: ConsumerInfo[];
}

async function inspectVhost(
  client: ManagementClient,
  vhost: string,
  defaultType: string | undefined,
  signal?: AbortSignal,
): Promise<VhostPart> {
  const path = encodeURIComponent(vhost);
  const [exchanges, queues, bindings, policies, operatorPolicies, consumers] = await Promise.all([
    client.list<ApiExchange>(`/api/exchanges/${path}?disable_stats=true`, signal),
    // With the totals of the queues themselves: those of the statistics lag by seconds.
    client.list<ApiQueue>(`/api/queues/${path}?disable_stats=true&enable_queue_totals=true`, signal),
    client.list<ApiBinding>(`/api/bindings/${path}`, signal),
    client.list<ApiPolicy>(`/api/policies/${path}`, signal).catch(unlessRefused),
    client.list<ApiPolicy>(`/api/operator-policies/${path}`, signal).catch(unlessRefused),
    client.list<ApiConsumer>(`/api/consumers/${path}`, signal),
  ]);
  const perQueue = new Map<string, number>();
  for (const { queue } of consumers) perQueue.set(queue.name, (perQueue.get(queue.name) ?? 0) + 1);
  return {
    exchanges: exchanges.filter(({ name }) => name !== '').map(toExchange),
    // Exclusive queues belong to a connection and go with it: they are nobody's topology.
    queues: queues.filter(({ exclusive }) => !exclusive).map((queue) => toQueue(queue, defaultType)),
    bindings: bindings.filter(({ source }) => source !== '').map(toBinding),
    policies: policies?.map(toPolicy) ?? null,
    operatorPolicies: operatorPolicies?.map(toPolicy) ?? null,
    stats: Object.fromEntries(
      queues.map((queue) => [objectKey(vhost, queue.name), toStats(queue, perQueue.get(queue.name) ?? 0)]),
    ),
    consumers: consumers.map(toConsumer),
  };
}
