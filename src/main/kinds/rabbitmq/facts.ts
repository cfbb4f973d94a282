import { Failure } from '@shared/failure';
import type { RabbitFacts, VhostObject } from '@shared/kinds/rabbitmq/objects';
import type { ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../driver';
import {
  type ApiFeatureFlag,
  type ApiOverview,
  type ApiPolicy,
  type ApiVhost,
  type ApiVhostLimits,
  toPolicy,
  toVhost,
} from './api-shapes';
import type { ManagementClient } from './management';
import { defaultVhost } from './target';

/** What the broker tells about itself when a client connects. */
export function factsOf({ connection }: ChannelModel, vhost: string): RabbitFacts {
  const {
    version,
    product,
    cluster_name: clusterName,
  } = connection.serverProperties as { version?: string; product?: string; cluster_name?: string };
  return { version, product, clusterName, defaultVhost: vhost };
}

/** Facts from the management API, with the vhosts; null where the user may not read them. @throws Failure */
export async function readBroker(
  client: ManagementClient,
  target: ConnectionTarget,
  signal?: AbortSignal,
): Promise<{ facts: RabbitFacts; vhosts: VhostObject[] | null }> {
  const [overview, apiVhosts, limits] = await Promise.all([
    client.get<ApiOverview>('/api/overview?disable_stats=true', signal),
    client.list<ApiVhost>('/api/vhosts', signal).catch(unlessRefused),
    client.list<ApiVhostLimits>('/api/vhost-limits', signal).catch(unlessRefused),
  ]);
  const limitsOf = (name: string) => (limits ? (limits.find(({ vhost }) => vhost === name)?.value ?? {}) : undefined);
  const vhosts = apiVhosts?.map((vhost) => toVhost(vhost, limitsOf(vhost.name))) ?? null;
  const facts: RabbitFacts = {
    version: overview.rabbitmq_version ?? overview.product_version,
    product: overview.product_name,
    clusterName: overview.cluster_name,
    exchangeTypes: overview.exchange_types?.filter(({ enabled }) => enabled !== false).map(({ name }) => name),
    defaultVhost: defaultVhost(target),
    defaultQueueTypes: Object.fromEntries(
      (vhosts ?? []).flatMap(({ name, defaultQueueType }) => (defaultQueueType ? [[name, defaultQueueType]] : [])),
    ),
  };
  return { facts, vhosts };
}

/** All facts, with the policies of every vhost the user may see and the feature flags. @throws Failure */
export async function readFacts(
  client: ManagementClient,
  target: ConnectionTarget,
  signal?: AbortSignal,
): Promise<RabbitFacts> {
  const [{ facts }, policies, operatorPolicies, flags] = await Promise.all([
    readBroker(client, target, signal),
    client.list<ApiPolicy>('/api/policies', signal).catch(unlessRefused),
    client.list<ApiPolicy>('/api/operator-policies', signal).catch(unlessRefused),
    client.list<ApiFeatureFlag>('/api/feature-flags', signal).catch(unlessRefused),
  ]);
  return {
    ...facts,
    ...(policies ? { policies: policies.map(toPolicy) } : {}),
    ...(operatorPolicies ? { operatorPolicies: operatorPolicies.map(toPolicy) } : {}),
    ...(flags ? { featureFlags: flags.filter(({ state }) => state === 'enabled').map(({ name }) => name) } : {}),
  };
}

/** A list the user may not read is unknown, not empty; anything else is an error. */
export function unlessRefused(error: unknown): null {
  if (error instanceof Failure && ['management/unauthorized', 'management/not-found'].includes(error.code)) return null;
  throw error;
}
