import type { Problem } from '@shared/flow/problem';
import type { Flow } from '@shared/flow/schema';
import type { BrokerFacts } from '@shared/kinds/facts';
import { checkBacklog, checkRetries } from './check-retries';
import { docs } from './docs';
import { linksAt, problem, type RedisModel, type RedisRule } from './finding';
import { compileGlob } from './glob';
import { deadStreamOf, hashTag, isStream, streamOfGroup } from './resolve';

const ofType = ({ nodes }: RedisModel, ...types: string[]) => nodes.filter(({ node }) => types.includes(node.type));

const checkNames: RedisRule = (model) => {
  const seen = new Map<string, string>();
  return model.nodes.flatMap(({ id, node }): Problem[] => {
    const subject = { type: 'node', id } as const;
    if (node.name === '') return [problem('no-name', 'error', subject, 'Give it a name.', { field: 'name' })];
    const space =
      node.type === 'redis.group'
        ? `group of ${streamOfGroup(model.flow, id) ?? id}`
        : isStream(node)
          ? 'key'
          : node.type;
    const key = `${space}\u0000${node.name}`;
    const first = seen.get(key);
    seen.set(key, id);
    if (first === undefined) return [];
    return [problem('duplicate', 'error', subject, `“${node.name}” is drawn twice in this Redis.`, { field: 'name' })];
  });
};

const checkGroups: RedisRule = (model) =>
  ofType(model, 'redis.group').flatMap(({ id, node }): Problem[] => {
    const { flow } = model;
    const subject = { type: 'node', id } as const;
    const streams = linksAt(flow, id, 'to', 'redis.read');
    const found: Problem[] = [];
    if (streams.length === 0) {
      found.push(
        problem(
          'group-without-stream',
          'error',
          subject,
          `The group “${node.name}” reads no stream: connect one to it.`,
        ),
      );
    } else if (streams.length > 1) {
      found.push(
        problem(
          'group-of-two',
          'error',
          subject,
          `The group “${node.name}” reads ${streams.length} streams: a group belongs to one.`,
        ),
      );
    }
    if (linksAt(flow, id, 'from', 'consume').length === 0) {
      found.push(
        problem(
          'group-without-consumers',
          'warning',
          subject,
          `Nobody consumes the group “${node.name}”: its stream’s entries wait for it.`,
          { docsUrl: docs.groups },
        ),
      );
    }
    const { start } = node.settings;
    if (start !== undefined && !/^(\$|0|\d+(-\d+)?)$/.test(String(start))) {
      found.push(
        problem(
          'group-start',
          'error',
          subject,
          `“${String(start)}” is no start: use $, 0 or the id of an entry such as 1700000000000-0.`,
          { field: 'settings.start', docsUrl: docs.groups },
        ),
      );
    }
    return found;
  });

const checkDeadLetters: RedisRule = (model) =>
  ofType(model, 'redis.group').flatMap(({ id }): Problem[] => {
    const stream = model.flow.nodes[streamOfGroup(model.flow, id) ?? '']?.name;
    const dead = deadStreamOf(model.flow, id);
    const [link] = linksAt(model.flow, id, 'from', 'redis.dead-letter');
    if (stream === undefined || dead === undefined || link === undefined) return [];
    const subject = { type: 'link', id: link } as const;
    if (dead === stream) {
      return [
        problem(
          'dead-letters-to-itself',
          'error',
          subject,
          `“${stream}” takes its own dead letters: the group would read them again for ever.`,
        ),
      ];
    }
    if (hashTag(stream) === hashTag(dead)) return [];
    return [
      problem(
        'other-slot',
        'hint',
        subject,
        `In a cluster “${stream}” and “${dead}” lie in different slots, and a dead letter could not be moved at once: name it “{${hashTag(stream)}}:dead”.`,
        { docsUrl: docs.hashTags },
      ),
    ];
  });

const checkPatterns: RedisRule = (model) => {
  const channels = ofType(model, 'redis.channel');
  return ofType(model, 'redis.pattern').flatMap(({ id, node }): Problem[] => {
    const matches = compileGlob(node.name);
    if (channels.length === 0 || channels.some(({ node: channel }) => matches(channel.name))) return [];
    return [
      problem(
        'pattern-matches-nothing',
        'warning',
        { type: 'node', id },
        `The glob “${node.name}” matches none of the channels drawn.`,
        { field: 'name', docsUrl: docs.patterns },
      ),
    ];
  });
};

const checkChannels: RedisRule = (model) => {
  const globs = ofType(model, 'redis.pattern').map(({ node }) => compileGlob(node.name));
  return ofType(model, 'redis.channel').flatMap(({ id, node }): Problem[] => {
    const isFilled = linksAt(model.flow, id, 'to', 'publish').length > 0;
    const isHeard =
      linksAt(model.flow, id, 'from', 'redis.subscribe').length > 0 || globs.some((matches) => matches(node.name));
    const subject = { type: 'node', id } as const;
    if (isFilled && !isHeard) {
      return [
        problem(
          'nobody-listens',
          'warning',
          subject,
          `Nobody drawn listens to “${node.name}”: what is published there is lost unless a service of yours listens.`,
          { docsUrl: docs.pubSub },
        ),
      ];
    }
    return [];
  });
};

const checkStreams: RedisRule = (model) =>
  ofType(model, 'redis.stream', 'redis.dead-stream').flatMap(({ id, node }): Problem[] => {
    const { trim } = node.settings;
    const isTrimmed = typeof trim === 'object' && trim !== null && 'by' in trim && trim.by !== 'none';
    const isFilled = linksAt(model.flow, id, 'to', 'publish').length > 0;
    if (isTrimmed || node.type === 'redis.dead-stream' || !isFilled) return [];
    return [
      problem(
        'never-trimmed',
        'hint',
        { type: 'node', id },
        `Nobody trims the stream “${node.name}”: it grows until memory is full.`,
        { field: 'settings.trim.by', docsUrl: docs.trimming },
      ),
    ];
  });

/** Drawn objects that say no broker, or one that is no Redis. */
function checkHomes(flow: Flow): Problem[] {
  return Object.entries(flow.nodes).flatMap(([id, node]): Problem[] => {
    if (!node.type.startsWith('redis.') || node.ownership === 'ignored') return [];
    if (node.broker !== undefined && flow.brokers[node.broker]?.kind === 'redis') return [];
    return [
      problem(
        'no-broker',
        'error',
        { type: 'node', id },
        `“${node.name}” belongs to no Redis of this flow: choose one.`,
        { field: 'broker' },
      ),
    ];
  });
}

const RULES: readonly RedisRule[] = [
  checkNames,
  checkGroups,
  checkDeadLetters,
  checkPatterns,
  checkChannels,
  checkStreams,
  checkRetries,
  checkBacklog,
];

/** Every problem of the flow's Redis nodes and links. */
export function checkRedis(flow: Flow, facts: Record<string, BrokerFacts | undefined>): Problem[] {
  const found = checkHomes(flow);
  for (const [broker, { kind }] of Object.entries(flow.brokers)) {
    if (kind !== 'redis') continue;
    const nodes = Object.entries(flow.nodes)
      .filter(([, node]) => node.broker === broker && node.ownership !== 'ignored')
      .map(([id, node]) => ({ id, node }));
    const model: RedisModel = { flow, broker, nodes, facts: facts[broker] };
    for (const rule of RULES) found.push(...rule(model));
  }
  return found;
}
