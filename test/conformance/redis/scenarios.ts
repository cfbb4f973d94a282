import type { Answer, Scenario, Stage } from './transcript';

/** Waits until the connection is blocked in the server. */
async function untilBlocked(stage: Stage, name: string): Promise<void> {
  await stage.until(async () =>
    String(await stage.quietly('janitor', 'CLIENT', 'LIST'))
      .split('\n')
      .some((line) => line.includes(`name=conformance-${name} `) && line.includes('flags=b')),
  );
}

/** Fields of a flat `[name, value, …]` reply that do not depend on time. */
function pick(answer: Answer, ...names: string[]): Answer {
  const flat = answer as Answer[];
  return names.map((name) => flat[flat.indexOf(name) + 1] ?? null);
}

/** `[id, consumer, idle, deliveries]` without the idle time. */
const withoutIdle = (answer: Answer): Answer =>
  (answer as Answer[][]).map(([id, consumer, , count]) => [id!, consumer!, count!]);

async function threeEntries({ quietly }: Stage, key = 'orders'): Promise<void> {
  for (const ms of [1, 2, 3]) await quietly('a', 'XADD', key, `${ms}-1`, 'n', ms);
}

/** Behaviours every Redis 7.0 shows; names are sentences. */
export const SCENARIOS: Record<string, Scenario> = {
  'channels: a message reaches subscribers and patterns, a client that matches twice twice': async (stage) => {
    const { run, pushed } = stage;
    await run('a', 'PUBLISH', 'user-activity', 'nobody');
    await run('s', 'SUBSCRIBE', 'user-activity', 'other');
    await run('s', 'PSUBSCRIBE', 'user-*');
    await run('a', 'PUBLISH', 'user-activity', 'hello');
    await pushed('s', 2);
    await run('a', 'PUBSUB', 'CHANNELS', 'user*');
    await run('a', 'PUBSUB', 'NUMSUB', 'user-activity', 'nothing');
    await run('a', 'PUBSUB', 'NUMPAT');
    await run('s', 'GET', 'x');
    await run('s', 'UNSUBSCRIBE', 'user-activity');
    await run('a', 'PUBLISH', 'user-activity', 'again');
    await pushed('s', 1);
  },
  'channels: globs with sets, escapes and questions': async ({ run, pushed }) => {
    for (const pattern of ['h?llo', 'h[ae]y', 'h[^x-z]t', 'a\\*b', '*.end', '[0-9]*'])
      await run('s', 'PSUBSCRIBE', pattern);
    const channels = ['hello', 'hllo', 'hey', 'hoy', 'hat', 'hxt', 'a*b', 'axb', 'the.end', '7up', 'x7'];
    for (const channel of channels) await run('a', 'PUBLISH', channel, 'x');
    await pushed('s', 6);
  },
  'keys: texts, conditions, counters and binary values': async ({ run }) => {
    await run('a', 'SET', 'k', 'v');
    await run('a', 'SET', 'k', 'w', 'NX');
    await run('a', 'SET', 'k', 'w', 'XX', 'GET');
    await run('a', 'GET', 'k');
    await run('a', 'SET', 'k', 'w', 'WRONG');
    await run('a', 'SET', 'k', 'w', 'EX', '0');
    await run('a', 'INCR', 'k');
    await run('a', 'INCR', 'n');
    await run('a', 'INCRBY', 'n', 41);
    await run('a', 'SET', 'bytes', '\x00\xff\r\n\x80');
    await run('a', 'GET', 'bytes');
    await run('a', 'TYPE', 'n');
    await run('a', 'TYPE', 'none');
    await run('a', 'EXISTS', 'n', 'n', 'none');
    await run('a', 'DEL', 'n', 'none');
    await run('a', 'TTL', 'k');
    await run('a', 'TTL', 'none');
    await run('a', 'EXPIRE', 'k', 100);
    await run('a', 'TTL', 'k');
    await run('a', 'PERSIST', 'k');
    await run('a', 'GET');
    await run('a', 'NOSUCH', 'x', 'y');
  },
  'keys: a time to live ends a key': async ({ run, until, quietly }) => {
    await run('a', 'SET', 'k', 'v', 'PX', 20);
    await until(async () => (await quietly('a', 'EXISTS', 'k')) === 0);
    await run('a', 'GET', 'k');
  },
  'keys: hashes and sorted sets': async ({ run }) => {
    await run('a', 'HSET', 'h', 'f', '1', 'g', '2');
    await run('a', 'HSET', 'h', 'f', '3');
    await run('a', 'HGET', 'h', 'f');
    await run('a', 'HGETALL', 'h');
    await run('a', 'HSET', 'h', 'f');
    await run('a', 'ZADD', 'z', '2', 'b', '1', 'a', '3', 'c');
    await run('a', 'ZRANGEBYSCORE', 'z', '-inf', '(3');
    await run('a', 'ZRANGEBYSCORE', 'z', '1', '+inf', 'LIMIT', 1, 1);
    await run('a', 'ZREM', 'z', 'a', 'none');
    await run('a', 'ZCARD', 'z');
    await run('a', 'GET', 'z');
  },
  'keys: scanning by type and pattern': async (stage) => {
    const { run, note, quietly } = stage;
    await threeEntries(stage);
    await run('a', 'SET', 'text', 'v');
    note(((await quietly('a', 'SCAN', 0, 'TYPE', 'stream')) as Answer[])[1]!);
    note(((await quietly('a', 'SCAN', 0, 'MATCH', 'te*', 'COUNT', 100)) as Answer[])[1]!);
    await run('a', 'SCAN', 'x');
    await run('a', 'SCAN', 0, 'WHAT', 'x');
  },
  'streams: ids rise, and what is not above the last is refused': async ({ run }) => {
    await run('a', 'XADD', 's', '5-3', 'a', '1');
    await run('a', 'XADD', 's', '5-3', 'a', '1');
    await run('a', 'XADD', 's', '5-2', 'a', '1');
    await run('a', 'XADD', 's', '5-*', 'a', '2');
    await run('a', 'XADD', 's', '6', 'a', '3');
    await run('a', 'XADD', 's', '0-0', 'a', '3');
    await run('a', 'XADD', 's', 'x-1', 'a', '3');
    await run('a', 'XADD', 's', '7-1', 'a');
    await run('a', 'XADD', 'none', 'NOMKSTREAM', '*', 'a', '1');
    await run('a', 'EXISTS', 'none');
    await run('a', 'XLEN', 's');
    await run('a', 'XLEN', 'none');
    await run('a', 'SET', 'text', 'v');
    await run('a', 'XADD', 'text', '*', 'a', '1');
    await run('a', 'XRANGE', 'text', '-', '+');
  },
  'streams: ranges, reversed, exclusive and counted': async (stage) => {
    await threeEntries(stage);
    const { run } = stage;
    await run('a', 'XRANGE', 'orders', '-', '+');
    await run('a', 'XRANGE', 'orders', '2', '3');
    await run('a', 'XRANGE', 'orders', '(1-1', '+', 'COUNT', 1);
    await run('a', 'XREVRANGE', 'orders', '+', '-', 'COUNT', 2);
    await run('a', 'XREVRANGE', 'orders', '(3-1', '(1-1');
    await run('a', 'XRANGE', 'orders', 'a', 'b');
    await run('a', 'XRANGE', 'orders', '-', '+', 'COUNT');
    await run('a', 'XRANGE', 'orders', '-', '+', 'COUNT', 0);
    await run('a', 'XRANGE', 'none', '-', '+');
  },
  'streams: deleting and trimming': async (stage) => {
    await threeEntries(stage);
    const { run } = stage;
    await run('a', 'XDEL', 'orders', '2-1', '9-9');
    await run('a', 'XLEN', 'orders');
    await run('a', 'XTRIM', 'orders', 'MAXLEN', 1);
    await run('a', 'XADD', 'orders', 'MAXLEN', '=', 1, '4-1', 'n', 4);
    await run('a', 'XRANGE', 'orders', '-', '+');
    await run('a', 'XADD', 'orders', 'MINID', '5', '5-1', 'n', 5);
    await run('a', 'XLEN', 'orders');
    await run('a', 'XADD', 'orders', 'MAXLEN', '~', 1, '6-1', 'n', 6);
    await run('a', 'XLEN', 'orders');
    await run('a', 'XTRIM', 'orders', 'MAXLEN', -1);
    await run('a', 'XTRIM', 'orders', 'NOTHING', 1);
    await run('a', 'XTRIM', 'orders', 'MAXLEN', '=', 1, 'LIMIT', 1);
    await run('a', 'XTRIM', 'none', 'MAXLEN', 0);
  },
  'streams: approximate trimming takes whole blocks': async ({ run, quietly }) => {
    for (let index = 1; index <= 250; index += 1) await quietly('a', 'XADD', 's', `${index}-0`, 'n', index);
    await run('a', 'XTRIM', 's', 'MAXLEN', '~', 120);
    await run('a', 'XLEN', 's');
  },
  'streams: reading after an id, from several, and in a form that is wrong': async (stage) => {
    await threeEntries(stage);
    const { run } = stage;
    await run('a', 'XREAD', 'STREAMS', 'orders', '1');
    await run('a', 'XREAD', 'COUNT', 1, 'STREAMS', 'none', 'orders', '0', '0');
    await run('a', 'XREAD', 'STREAMS', 'orders', '$');
    await run('a', 'XREAD', 'STREAMS', 'orders', '>');
    await run('a', 'XREAD', 'STREAMS', 'orders', 'more', '0');
    await run('a', 'XREAD', 'NOACK', 'STREAMS', 'orders', '0');
    await run('a', 'XREAD', 'COUNT', 'x', 'STREAMS', 'orders', '0');
    await run('a', 'XREAD', 'BLOCK', -1, 'STREAMS', 'orders', '0');
    await run('a', 'XREAD', 'BLOCK', 1, 'STREAMS', 'orders', '$');
  },
  'streams: a blocked read gets the next entry': async (stage) => {
    const { run, begin } = stage;
    const waiting = begin('b', 'XREAD', 'BLOCK', 0, 'STREAMS', 'orders', '$');
    await untilBlocked(stage, 'b');
    await run('a', 'XADD', 'orders', '1-1', 'n', 1);
    await waiting.settle();
  },
  'groups: made once, with or without their stream': async ({ run }) => {
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '$');
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '$', 'MKSTREAM');
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '0');
    await run('a', 'XGROUP', 'CREATE', 'orders', 'others', 'x');
    await run('a', 'XGROUP', 'CREATECONSUMER', 'orders', 'workers', 'ann');
    await run('a', 'XGROUP', 'CREATECONSUMER', 'orders', 'workers', 'ann');
    await run('a', 'XGROUP', 'SETID', 'orders', 'none', '0');
    await run('a', 'XGROUP', 'SETID', 'orders', 'workers', '0');
    await run('a', 'XGROUP', 'DELCONSUMER', 'orders', 'workers', 'ann');
    await run('a', 'XGROUP', 'DESTROY', 'orders', 'workers');
    await run('a', 'XGROUP', 'DESTROY', 'orders', 'workers');
    await run('a', 'XGROUP', 'NONSENSE', 'orders', 'workers');
    await run('a', 'XREADGROUP', 'GROUP', 'none', 'ann', 'STREAMS', 'orders', '>');
    await run('a', 'XACK', 'orders', 'none', '1-1');
    await run('a', 'XPENDING', 'orders', 'none');
  },
  'groups: consumers share, owe and acknowledge': async (stage) => {
    await threeEntries(stage);
    const { run, note, quietly } = stage;
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '0');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'ann', 'COUNT', 2, 'STREAMS', 'orders', '>');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'bob', 'STREAMS', 'orders', '>');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'bob', 'STREAMS', 'orders', '>');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'bob', 'STREAMS', 'orders', '$');
    await run('a', 'XPENDING', 'orders', 'workers');
    note(withoutIdle(await quietly('a', 'XPENDING', 'orders', 'workers', '-', '+', 10)));
    note(withoutIdle(await quietly('a', 'XPENDING', 'orders', 'workers', '(1-1', '+', 10, 'ann')));
    await run('a', 'XPENDING', 'orders', 'workers', 'IDLE', 60000, '-', '+', 10);
    await run('a', 'XACK', 'orders', 'workers', '1-1', '1-1', '9-9');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'ann', 'STREAMS', 'orders', '0');
    note(withoutIdle(await quietly('a', 'XPENDING', 'orders', 'workers', '-', '+', 10)));
    await run('a', 'XDEL', 'orders', '2-1');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'ann', 'STREAMS', 'orders', '0');
    await run('a', 'XACK', 'orders', 'workers', '2-1', '3-1');
    await run('a', 'XPENDING', 'orders', 'workers');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'ann', 'NOACK', 'STREAMS', 'orders', '>');
  },
  'groups: NOACK owes nothing': async (stage) => {
    await threeEntries(stage);
    const { run } = stage;
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '0');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'ann', 'NOACK', 'STREAMS', 'orders', '>');
    await run('a', 'XPENDING', 'orders', 'workers');
  },
  'groups: a blocked consumer gets the next entry, the one that waited longest first': async (stage) => {
    const { run, begin } = stage;
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '$', 'MKSTREAM');
    const first = begin('b', 'XREADGROUP', 'GROUP', 'workers', 'bob', 'BLOCK', 0, 'STREAMS', 'orders', '>');
    await untilBlocked(stage, 'b');
    const second = begin('c', 'XREADGROUP', 'GROUP', 'workers', 'cid', 'BLOCK', 0, 'STREAMS', 'orders', '>');
    await untilBlocked(stage, 'c');
    await run('a', 'XADD', 'orders', '1-1', 'n', 1);
    await first.settle();
    await run('a', 'XADD', 'orders', '2-1', 'n', 2);
    await second.settle();
  },
  'groups: a blocked consumer is told when its stream or group goes': async (stage) => {
    const { run, begin } = stage;
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '$', 'MKSTREAM');
    const first = begin('b', 'XREADGROUP', 'GROUP', 'workers', 'bob', 'BLOCK', 0, 'STREAMS', 'orders', '>');
    await untilBlocked(stage, 'b');
    await run('a', 'DEL', 'orders');
    await first.settle();
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '$', 'MKSTREAM');
    const second = begin('c', 'XREADGROUP', 'GROUP', 'workers', 'cid', 'BLOCK', 0, 'STREAMS', 'orders', '>');
    await untilBlocked(stage, 'c');
    await run('a', 'XGROUP', 'DESTROY', 'orders', 'workers');
    await second.settle();
  },
  'claims: by id, with the count of deliveries rising': async (stage) => {
    await threeEntries(stage);
    const { run, note, quietly } = stage;
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '0');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'ann', 'STREAMS', 'orders', '>');
    await run('a', 'XCLAIM', 'orders', 'workers', 'bob', 60000, '1-1');
    await run('a', 'XCLAIM', 'orders', 'workers', 'bob', 0, '1-1', '9-9');
    await run('a', 'XCLAIM', 'orders', 'workers', 'bob', 0, '2-1', 'JUSTID');
    await run('a', 'XCLAIM', 'orders', 'workers', 'bob', 0, '3-1', 'RETRYCOUNT', 7);
    note(withoutIdle(await quietly('a', 'XPENDING', 'orders', 'workers', '-', '+', 10)));
    await run('a', 'XACK', 'orders', 'workers', '1-1');
    await run('a', 'XCLAIM', 'orders', 'workers', 'cid', 0, '1-1');
    await run('a', 'XCLAIM', 'orders', 'workers', 'cid', 0, '1-1', 'FORCE');
    await run('a', 'XDEL', 'orders', '2-1');
    await run('a', 'XCLAIM', 'orders', 'workers', 'cid', 0, '2-1');
    note(withoutIdle(await quietly('a', 'XPENDING', 'orders', 'workers', '-', '+', 10)));
    await run('a', 'XCLAIM', 'orders', 'workers', 'cid', 'x', '1-1');
    await run('a', 'XCLAIM', 'orders', 'workers', 'cid', 0, 'x');
    await run('a', 'XCLAIM', 'orders', 'none', 'cid', 0, '1-1');
  },
  'claims: all that is idle, in pages, with what was deleted': async (stage) => {
    await threeEntries(stage);
    const { run } = stage;
    await run('a', 'XGROUP', 'CREATE', 'orders', 'workers', '0');
    await run('a', 'XREADGROUP', 'GROUP', 'workers', 'ann', 'STREAMS', 'orders', '>');
    await run('a', 'XAUTOCLAIM', 'orders', 'workers', 'bob', 60000, '0');
    await run('a', 'XAUTOCLAIM', 'orders', 'workers', 'bob', 0, '0', 'COUNT', 1);
    await run('a', 'XAUTOCLAIM', 'orders', 'workers', 'bob', 0, '2-1', 'COUNT', 10, 'JUSTID');
    await run('a', 'XDEL', 'orders', '2-1');
    await run('a', 'XAUTOCLAIM', 'orders', 'workers', 'bob', 0, '-');
    await run('a', 'XPENDING', 'orders', 'workers');
    await run('a', 'XAUTOCLAIM', 'orders', 'workers', 'bob', 0, '0', 'COUNT', 0);
    await run('a', 'XAUTOCLAIM', 'orders', 'none', 'bob', 0, '0');
  },
  'information: of streams, groups and consumers': async (stage) => {
    await threeEntries(stage);
    const { run, note, quietly } = stage;
    await run('a', 'XGROUP', 'CREATE', 'orders', 'late', '$');
    await run('a', 'XGROUP', 'CREATE', 'orders', 'early', '0');
    await run('a', 'XREADGROUP', 'GROUP', 'early', 'ann', 'COUNT', 1, 'STREAMS', 'orders', '>');
    const stream = await quietly('a', 'XINFO', 'STREAM', 'orders');
    note(
      pick(
        stream,
        'length',
        'last-generated-id',
        'max-deleted-entry-id',
        'entries-added',
        'groups',
        'first-entry',
        'last-entry',
      ),
    );
    for (const group of (await quietly('a', 'XINFO', 'GROUPS', 'orders')) as Answer[]) {
      note(pick(group, 'name', 'consumers', 'pending', 'last-delivered-id', 'lag'));
    }
    for (const consumer of (await quietly('a', 'XINFO', 'CONSUMERS', 'orders', 'early')) as Answer[]) {
      note(pick(consumer, 'name', 'pending'));
    }
    // Asking in vain makes no consumer known; asking for what it owes does.
    await run('a', 'XREADGROUP', 'GROUP', 'late', 'bob', 'STREAMS', 'orders', '>');
    note(((await quietly('a', 'XINFO', 'CONSUMERS', 'orders', 'late')) as Answer[]).length);
    await run('a', 'XREADGROUP', 'GROUP', 'late', 'bob', 'STREAMS', 'orders', '0');
    note(((await quietly('a', 'XINFO', 'CONSUMERS', 'orders', 'late')) as Answer[]).length);
    await run('a', 'XINFO', 'STREAM', 'none');
    await run('a', 'XINFO', 'GROUPS', 'none');
    await run('a', 'XINFO', 'CONSUMERS', 'orders', 'none');
    await run('a', 'XDEL', 'orders', '2-1');
    for (const group of (await quietly('a', 'XINFO', 'GROUPS', 'orders')) as Answer[]) note(pick(group, 'name', 'lag'));
  },
  'transactions: all or nothing of what could be queued': async (stage) => {
    await threeEntries(stage);
    const { run } = stage;
    await run('a', 'MULTI');
    await run('a', 'MULTI');
    await run('a', 'XADD', 'orders', '4-1', 'n', 4);
    await run('a', 'XACK', 'orders', 'none', '4-1');
    await run('a', 'GET', 'orders');
    await run('a', 'EXEC');
    await run('a', 'EXEC');
    await run('a', 'DISCARD');
    await run('a', 'MULTI');
    await run('a', 'XADD', 'orders');
    await run('a', 'SET', 'k', 'v');
    await run('a', 'EXEC');
    await run('a', 'GET', 'k');
    await run('a', 'MULTI');
    await run('a', 'SET', 'k', 'v');
    await run('a', 'DISCARD');
    await run('a', 'GET', 'k');
    await run('a', 'MULTI');
    await run('a', 'XREAD', 'BLOCK', 0, 'STREAMS', 'orders', '$');
    await run('a', 'EXEC');
  },
  'notifications: keyspace events, where they are on': async ({ run, pushed, quietly }) => {
    await run('a', 'CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
    await run('s', 'PSUBSCRIBE', '__key*__:*');
    await run('a', 'SET', 'k', 'v');
    await run('a', 'XADD', 's', '1-1', 'a', 'b');
    await run('a', 'DEL', 'k');
    await pushed('s', 6);
    await quietly('a', 'CONFIG', 'SET', 'notify-keyspace-events', '');
  },
  'connections: names, databases, unknown protocols': async ({ run }) => {
    await run('a', 'PING');
    await run('a', 'PING', 'hello');
    await run('a', 'ECHO', 'hello');
    await run('a', 'SELECT', 0);
    await run('a', 'SELECT', 99);
    await run('a', 'CLIENT', 'SETNAME', 'me');
    await run('a', 'CLIENT', 'GETNAME');
    await run('a', 'CLIENT', 'SETNAME', 'not me');
    await run('a', 'HELLO', 9);
  },
};
