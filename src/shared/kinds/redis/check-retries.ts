import type { Problem } from '@shared/flow/problem';
import { endNode, type Flow } from '@shared/flow/schema';
import { longestRetryMs, type RetryPolicy, retryPolicyOf } from '@shared/kinds/common/retry';
import { docs } from './docs';
import { linksAt, problem, type RedisRule } from './finding';
import { streamOfGroup } from './resolve';
import { streamSettingsSchema } from './schema';

/** Publishers send one message a second unless they say otherwise. */
const USUAL_RATE = 1;

/** Nothing is stored on a channel, so nothing can be tried again; and leases need Redis 6.2. */
export const checkRetries: RedisRule = ({ flow, nodes, facts }) => {
  const found: Problem[] = [];
  for (const { id, node } of nodes) {
    for (const link of linksAt(flow, id, 'from', 'redis.subscribe')) {
      if (flow.links[link]?.settings.retry === undefined) continue;
      found.push(
        problem(
          'retry-on-channel',
          'error',
          { type: 'link', id: link },
          `“${node.name}” cannot try a message again: Redis keeps nothing of what is published to a channel. Use a stream with a group.`,
          { field: 'settings.retry', docsUrl: docs.pubSub },
        ),
      );
    }
    if (node.type !== 'redis.group' || !isOlder(facts?.version, 6, 2)) continue;
    for (const link of linksAt(flow, id, 'from', 'consume')) {
      if (!policyOf(flow, link)) continue;
      const message = `Trying entries of “${node.name}” again needs Redis 6.2; this one is ${facts?.version}.`;
      found.push(problem('retry-needs-6.2', 'error', { type: 'link', id: link }, message, { docsUrl: docs.pending }));
    }
  }
  return found;
};

/** A stream that is trimmed before its groups can have finished loses entries. */
export const checkBacklog: RedisRule = ({ flow, nodes }) =>
  nodes.flatMap(({ id, node }): Problem[] => {
    const trim = streamSettingsSchema.safeParse(node.settings).data?.trim;
    if (node.type !== 'redis.stream' || !trim || trim.by === 'none') return [];
    const groups = nodes.filter((other) => other.node.type === 'redis.group' && streamOfGroup(flow, other.id) === id);
    const links = groups.flatMap((group) => linksAt(flow, group.id, 'from', 'consume'));
    const retrySeconds = Math.max(0, ...links.map((link) => longestRetryMs(policyOf(flow, link) ?? ONCE) / 1000));
    const subject = { type: 'node', id } as const;
    if (trim.by === 'age') {
      if (trim.seconds > retrySeconds) return [];
      const message = `“${node.name}” forgets entries after ${trim.seconds} s, while trying one again takes up to ${Math.ceil(retrySeconds)} s: entries still being tried are lost.`;
      return [
        problem('trimmed-too-soon', 'warning', subject, message, {
          field: 'settings.trim.seconds',
          docsUrl: docs.trimming,
        }),
      ];
    }
    const held = links.reduce((sum, link) => sum + prefetchOf(flow, link), 0);
    const backlog = Math.max(held, Math.ceil(rateInto(flow, id) * retrySeconds));
    if (trim.entries >= backlog) return [];
    const message = `“${node.name}” keeps about ${trim.entries.toLocaleString('en')} entries, while its groups may have ${backlog.toLocaleString('en')} unfinished: those beyond are lost.`;
    return [
      problem('trimmed-too-short', 'warning', subject, message, {
        field: 'settings.trim.entries',
        docsUrl: docs.trimming,
      }),
    ];
  });

const ONCE: RetryPolicy = {
  attempts: 1,
  wait: 'queues',
  backoff: 'fixed',
  firstDelayMs: 1,
  factor: 1,
  maxDelayMs: 1,
  jitter: false,
  only: [],
  never: [],
};

const policyOf = (flow: Flow, link: string) => retryPolicyOf(flow.links[link]?.settings ?? {});

function prefetchOf(flow: Flow, link: string): number {
  const to = flow.links[link]?.to;
  const handler = flow.nodes[(to && endNode(to)) ?? ''];
  return typeof handler?.settings.prefetch === 'number' ? handler.settings.prefetch : 10;
}

/** Messages a second that drawn publishers send to a node while the flow runs. */
function rateInto(flow: Flow, node: string): number {
  return linksAt(flow, node, 'to', 'publish').reduce((sum, link) => {
    const from = flow.links[link]?.from;
    const publisher = flow.nodes[(from && endNode(from)) ?? ''];
    if (publisher?.type !== 'publisher') return sum;
    const rate = publisher.settings.ratePerSecond;
    return sum + (typeof rate === 'number' ? rate : USUAL_RATE);
  }, 0);
}

function isOlder(version: string | undefined, major: number, minor: number): boolean {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (first === undefined) return false;
  return Number(first) < major || (Number(first) === major && Number(second) < minor);
}
