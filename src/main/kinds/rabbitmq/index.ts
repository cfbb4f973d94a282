import type { ConnectionReport } from '@shared/api/environment';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import type { RabbitFacts } from '@shared/kinds/rabbitmq/objects';
import { planTopology } from '@shared/kinds/rabbitmq/plan/plan-topology';
import { type ResolvedTopology, resolveTopology } from '@shared/kinds/rabbitmq/resolve';
import type { ConnectionTarget, KindDriver, PlanRequest } from '../driver';
import { applySteps } from './apply';
import { closeQuietly } from './close';
import { openConnection } from './connect';
import { rabbitDeadLetters } from './dead-letters/index';
import { factsOf, readFacts } from './facts';
import { importLive } from './import-live';
import { inspect } from './inspect';
import { preflight } from './live/preflight';
import { openReceiver } from './live/receiver';
import { openSender } from './live/sender';
import { findManagement } from './management';
import { defaultVhost } from './target';
import { watchRabbit } from './watch';

/** RabbitMQ as Tapline talks to it. */
export const rabbitmqDriver = {
  kind: 'rabbitmq',
  test,
  facts,
  plan,
  apply: applySteps,
  importLive,
  live: { watch: watchRabbit, send: openSender, receive: openReceiver, preflight },
  deadLetters: rabbitDeadLetters,
} satisfies KindDriver;

async function test(target: ConnectionTarget): Promise<ConnectionReport> {
  const startedAt = performance.now();
  const management = await testManagement(target);
  try {
    const connection = await openConnection(target, { purpose: 'test' });
    const { version, clusterName } = factsOf(connection, defaultVhost(target));
    const latencyMs = Math.round(performance.now() - startedAt);
    await closeQuietly(connection);
    return {
      ok: true,
      message: `Connected to RabbitMQ ${version ?? ''}, vhost “${defaultVhost(target)}”.`,
      version,
      clusterName,
      latencyMs,
      management,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ok: false, message: error.message, hint: error.hint, management };
  }
}

async function testManagement(target: ConnectionTarget): Promise<ConnectionReport['management']> {
  try {
    const found = await findManagement(target);
    if (!found.client) return { ok: false, message: found.reason };
    const { origin } = found.client.baseUrl;
    found.client.close();
    return { ok: true, message: `The management API answers at ${origin}.` };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ok: false, message: error.message };
  }
}

async function facts(target: ConnectionTarget, signal?: AbortSignal): Promise<RabbitFacts> {
  const management = await findManagement(target, signal);
  if (management.client) {
    try {
      return await readFacts(management.client, target, signal);
    } finally {
      management.client.close();
    }
  }
  const connection = await openConnection(target, { purpose: 'inspect' });
  const known = factsOf(connection, defaultVhost(target));
  await closeQuietly(connection);
  return known;
}

async function plan(target: ConnectionTarget, request: PlanRequest): ReturnType<KindDriver['plan']> {
  const { flow, owned, prune, destroy = false, signal } = request;
  const resolved = resolveTopology(flow, target.broker, { defaultVhost: defaultVhost(target) });
  const found = await inspect(target, { wanted: resolved.topology, owned, signal });
  const formerNames = formerNamesOf(flow, resolved);
  const { steps, unchanged, warnings, leftOver, fingerprint } = planTopology({
    broker: target.broker,
    resolved,
    found,
    owned,
    prune,
    destroy,
    formerNames,
  });
  return {
    brokerPlan: {
      broker: target.broker,
      clusterName: found.facts.clusterName ?? null,
      version: found.facts.version ?? null,
      cannotSee: found.cannotSee,
      warnings,
      leftOver,
      foundFingerprint: fingerprint,
      unchanged,
    },
    steps,
  };
}

function formerNamesOf(flow: Flow, { origins }: ResolvedTopology): Map<string, string> {
  const names = new Map<string, string>();
  for (const [key, origin] of Object.entries(origins)) {
    const former = origin.type === 'node' ? flow.nodes[origin.id]?.formerName : undefined;
    if (former !== undefined) names.set(key, former);
  }
  return names;
}
