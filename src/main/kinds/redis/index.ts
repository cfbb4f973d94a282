import type { ConnectionReport } from '@shared/api/environment';
import { Failure } from '@shared/failure';
import type { RedisFacts } from '@shared/kinds/redis/objects';
import { planRedis } from '@shared/kinds/redis/plan';
import { resolveRedis } from '@shared/kinds/redis/resolve';
import type { ConnectionTarget, KindDriver, PlanRequest } from '../driver';
import { applySteps } from './apply';
import { readRedisAddress, withRedis } from './connect';
import { redisDeadLetters } from './dead-letters/index';
import { readFacts } from './facts';
import { importLive } from './import-live';
import { inspectKeys } from './inspect';
import { preflight } from './live/preflight';
import { openReceiver } from './live/receiver';
import { openSender } from './live/sender';
import { watchRedis } from './live/watch';

/** Redis as Tapline talks to it. */
export const redisDriver = {
  kind: 'redis',
  test,
  facts,
  plan,
  apply: applySteps,
  importLive,
  deadLetters: redisDeadLetters,
  live: { watch: watchRedis, send: openSender, receive: openReceiver, preflight },
} satisfies KindDriver;

/** Redis has no API beside its protocol. */
const NO_MANAGEMENT = { ok: true, message: 'Redis needs none.' };

async function test(target: ConnectionTarget): Promise<ConnectionReport> {
  const startedAt = performance.now();
  try {
    const { database } = readRedisAddress(target);
    const { version = '' } = await withRedis(target, 'test', readFacts);
    return {
      ok: true,
      message: `Connected to Redis ${version}, database ${database}.`,
      version,
      latencyMs: Math.round(performance.now() - startedAt),
      management: NO_MANAGEMENT,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ok: false, message: error.message, hint: error.hint, management: NO_MANAGEMENT };
  }
}

function facts(target: ConnectionTarget): Promise<RedisFacts> {
  return withRedis(target, 'inspect', readFacts);
}

/** Keys of streams that the ledger says are ours, or whose groups are. */
function ownedStreams(owned: ReadonlySet<string>): string[] {
  return [...owned].flatMap((key) => {
    const [objectType, , name = ''] = key.split('\u0000');
    if (objectType === 'stream') return [name];
    return objectType === 'group' ? [name.slice(0, Math.max(0, name.lastIndexOf(' → ')))] : [];
  });
}

async function plan(target: ConnectionTarget, request: PlanRequest): ReturnType<KindDriver['plan']> {
  const { flow, owned, prune, destroy = false } = request;
  const resolved = resolveRedis(flow, target.broker);
  const keys = new Set([
    ...resolved.topology.streams,
    ...resolved.topology.groups.map(({ stream }) => stream),
    ...ownedStreams(owned),
  ]);
  const found = await withRedis(target, 'inspect', (redis) => inspectKeys(redis, [...keys]));
  const { steps, unchanged, warnings, leftOver, fingerprint } = planRedis({
    broker: target.broker,
    resolved,
    found,
    owned,
    prune,
    destroy,
  });
  return {
    brokerPlan: {
      broker: target.broker,
      clusterName: null,
      version: found.facts.version ?? null,
      cannotSee: [],
      warnings,
      leftOver,
      foundFingerprint: fingerprint,
      unchanged,
    },
    steps,
  };
}
