import { theme } from './behaviour';
import type { Session } from './session';

/** A queue bound once for each pattern; answers who got what of `keys`. */
async function routed(session: Session, type: string, patterns: string[], keys: string[]) {
  await session.exchange('x', type);
  for (const pattern of patterns) {
    await session.queue(`q:${pattern}`);
    await session.main.bindQueue(`q:${pattern}`, 'x', pattern);
  }
  for (const key of keys) await session.publish('x', key, key || '(empty)');
  return Object.fromEntries(
    await Promise.all(patterns.map(async (pattern) => [pattern, await session.bodies(`q:${pattern}`)])),
  );
}

export const exchanges = theme('exchanges', {
  'a direct exchange compares the whole key': (s) =>
    routed(s, 'direct', ['a', 'b', 'a.b', ''], ['a', 'b', 'a.b', '', 'A']),
  'a fanout exchange ignores the key': (s) => routed(s, 'fanout', ['a', 'b'], ['a', '', 'c.d']),
  'a topic exchange matches words, stars and hashes': (s) =>
    routed(
      s,
      'topic',
      ['a.#', '*.b.*', '#', '#.c', 'a.*.c', '#.b.#', '', '*', '*.*', '#.#', 'a..c', '*.#.c'],
      ['a.b.c', 'a', 'x.b.c', 'a.b', '', 'a..c', '.', 'b', 'a.c', '#', 'a.*.c'],
    ),
  'a headers exchange matches all, any, nothing and presence': async (s) => {
    await s.exchange('x', 'headers');
    const bindings: Record<string, object> = {
      all: { 'x-match': 'all', a: 1, b: 'z' },
      any: { 'x-match': 'any', a: 1, b: 'z' },
      byDefault: { a: 1 },
      noArguments: {},
      onlyMatch: { 'x-match': 'any' },
      presence: { 'x-match': 'all', a: null },
      ignoresX: { 'x-match': 'all', 'x-foo': 1 },
      allWithX: { 'x-match': 'all-with-x', 'x-foo': 1 },
      anyWithX: { 'x-match': 'any-with-x', 'x-foo': 1, b: 'z' },
      otherType: { a: '1' },
      double: { a: 1.5 },
      flag: { b: true },
    };
    for (const [name, args] of Object.entries(bindings)) {
      await s.queue(name);
      await s.main.bindQueue(name, 'x', '', args);
    }
    const messages: Record<string, object> = {
      both: { a: 1, b: 'z' },
      one: { a: 1 },
      text: { a: '1' },
      other: { a: 2, b: true },
      none: {},
      custom: { 'x-foo': 1 },
      half: { a: 1.5 },
      nothing: { a: null },
    };
    for (const [body, headers] of Object.entries(messages)) await s.publish('x', 'any key', body, { headers });
    const got: Record<string, unknown> = {};
    for (const name of Object.keys(bindings)) got[name] = await s.bodies(name);
    return got;
  },
  'a headers exchange refuses an x-match it does not know': async (s) => {
    await s.exchange('x', 'headers');
    await s.queue('q');
    return [
      await s.attemptApart((channel) => channel.bindQueue('q', 'x', '', { 'x-match': 'some' })),
      await s.attemptApart((channel) => channel.bindQueue('q', 'x', '', { 'x-match': 1 })),
      await s.attemptApart((channel) => channel.bindQueue('q', 'x', '', { 'x-match': true })),
    ];
  },
  'other exchanges take any x-match': async (s) => {
    await s.exchange('x', 'direct');
    await s.queue('q');
    return s.attemptApart((channel) => channel.bindQueue('q', 'x', '', { 'x-match': 'some' }));
  },
  'the default exchange routes by the name of the queue': async (s) => {
    await s.queue('q');
    await s.publish('', 'q', 'direct');
    return s.take('q');
  },
  'the default exchange refuses bindings, deletion and declaration': async (s) => {
    await s.queue('q');
    return [
      await s.attemptApart((channel) => channel.bindQueue('q', '', 'k')),
      await s.attemptApart((channel) => channel.unbindQueue('q', '', 'k')),
      await s.attemptApart((channel) => channel.deleteExchange('')),
      await s.attemptApart((channel) => channel.assertExchange('', 'direct')),
      await s.attemptApart((channel) => channel.bindExchange('', 'amq.topic', 'k')),
      await s.attemptApart((channel) => channel.unbindExchange('amq.topic', '', 'k')),
      await s.attemptApart((channel) => channel.checkExchange('')),
    ];
  },
  'amq.* exchanges are there from the start': async (s) => {
    const names = [
      'amq.direct',
      'amq.fanout',
      'amq.topic',
      'amq.headers',
      'amq.match',
      'amq.rabbitmq.trace',
      'amq.none',
    ];
    const found: Record<string, boolean> = {};
    for (const name of names) found[name] = await s.exists('exchange', name);
    return found;
  },
  'amq.* names are reserved': async (s) => [
    await s.attemptApart((channel) => channel.assertExchange('amq.mine', 'direct')),
    await s.attemptApart((channel) => channel.assertExchange('amq.direct', 'direct')),
    await s.attemptApart((channel) => channel.assertExchange('amq.direct', 'topic')),
    await s.attemptApart((channel) => channel.deleteExchange('amq.direct')),
    await s.attemptApart((channel) => channel.deleteExchange('amq.none')),
    await s.attemptApart((channel) => channel.assertQueue('amq.mine')),
  ],
  'an unroutable message goes to the alternate exchange and is not returned': async (s) => {
    await s.exchange('spare', 'fanout');
    await s.exchange('x', 'direct', { alternateExchange: 'spare' });
    await s.queue('q');
    await s.main.bindQueue('q', 'spare', '');
    await s.publish('x', 'nowhere', 'kept', { mandatory: true });
    return { got: await s.take('q'), returned: await s.takeReturned() };
  },
  'alternate exchanges chain, and end where one is missing': async (s) => {
    await s.exchange('last', 'fanout', { alternateExchange: 'missing' });
    await s.exchange('middle', 'direct', { alternateExchange: 'last' });
    await s.exchange('x', 'direct', { alternateExchange: 'middle' });
    await s.queue('q');
    await s.main.bindQueue('q', 'middle', 'm');
    await s.publish('x', 'm', 'by middle', { mandatory: true });
    await s.publish('x', 'z', 'lost', { mandatory: true });
    return { got: await s.bodies('q'), returned: await s.takeReturned() };
  },
  'alternate exchanges in a circle end': async (s) => {
    await s.exchange('x', 'direct', { alternateExchange: 'y' });
    await s.exchange('y', 'direct', { alternateExchange: 'x' });
    await s.publish('x', 'z', 'round', { mandatory: true });
    return s.takeReturned();
  },
  'an alternate exchange must be text': (s) =>
    s.attemptApart((channel) => channel.assertExchange('x', 'direct', { arguments: { 'alternate-exchange': 5 } })),
  'redeclaring with another alternate exchange is refused': async (s) => {
    await s.exchange('x', 'direct', { alternateExchange: 'spare' });
    return [
      await s.attemptApart((channel) => channel.assertExchange('x', 'direct', { alternateExchange: 'other' })),
      await s.attemptApart((channel) => channel.assertExchange('x', 'direct')),
      await s.attemptApart((channel) => channel.assertExchange('x', 'direct', { alternateExchange: 'spare' })),
    ];
  },
  'an exchange bound to an exchange hands messages on': async (s) => {
    await s.exchange('a', 'topic');
    await s.exchange('b', 'direct');
    await s.queue('q');
    await s.main.bindExchange('b', 'a', 'k.#');
    await s.main.bindQueue('q', 'b', 'k.1');
    await s.publish('a', 'k.1', 'both match');
    await s.publish('a', 'k.2', 'second does not');
    await s.main.unbindExchange('b', 'a', 'k.#');
    await s.publish('a', 'k.1', 'unbound');
    return s.take('q');
  },
  'exchanges bound in a circle deliver once': async (s) => {
    await s.exchange('a', 'fanout');
    await s.exchange('b', 'fanout');
    await s.queue('q');
    await s.main.bindExchange('b', 'a', '');
    await s.main.bindExchange('a', 'b', '');
    for (const [source, key] of [
      ['a', ''],
      ['b', ''],
      ['b', 'z'],
    ] as const)
      await s.main.bindQueue('q', source, key);
    await s.publish('a', '', 'once');
    return s.bodies('q');
  },
  'an alternate exchange is used for an exchange in the middle of the way': async (s) => {
    await s.exchange('spare', 'fanout');
    await s.exchange('b', 'direct', { alternateExchange: 'spare' });
    await s.exchange('a', 'fanout');
    await s.queue('q');
    await s.queue('kept');
    await s.main.bindExchange('b', 'a', '');
    await s.main.bindQueue('q', 'b', 'k');
    await s.main.bindQueue('kept', 'spare', '');
    await s.publish('a', 'k', 'routed');
    await s.publish('a', 'other', 'spared', { mandatory: true });
    return { q: await s.bodies('q'), kept: await s.bodies('kept'), returned: await s.takeReturned() };
  },
  'two matching bindings of one queue deliver once': async (s) => {
    await s.exchange('x', 'topic');
    await s.queue('q');
    await s.main.bindQueue('q', 'x', 'a.*');
    await s.main.bindQueue('q', 'x', '#');
    await s.publish('x', 'a.b', 'once');
    return s.bodies('q');
  },
  'bindings that differ in arguments are two': async (s) => {
    await s.exchange('x', 'direct');
    await s.queue('q');
    await s.main.bindQueue('q', 'x', 'k');
    await s.main.bindQueue('q', 'x', 'k', { z: 1 });
    await s.main.unbindQueue('q', 'x', 'k');
    await s.publish('x', 'k', 'still bound');
    await s.main.unbindQueue('q', 'x', 'k', { z: 1 });
    await s.publish('x', 'k', 'unbound');
    return s.bodies('q');
  },
  'an internal exchange refuses publishers and takes bindings': async (s) => {
    await s.exchange('inner', 'fanout', { internal: true });
    await s.exchange('x', 'fanout');
    await s.queue('q');
    await s.main.bindExchange('inner', 'x', '');
    await s.main.bindQueue('q', 'inner', '');
    await s.publish('x', '', 'through');
    return [await s.attemptApart((channel) => s.publishQuietly(channel, 'inner')), await s.bodies('q')];
  },
  'an auto-delete exchange goes with its last binding': async (s) => {
    await s.exchange('x', 'fanout', { autoDelete: true });
    await s.queue('q');
    const before = await s.exists('exchange', 'x');
    await s.main.bindQueue('q', 'x', '');
    await s.main.unbindQueue('q', 'x', '');
    return { before, after: await s.exists('exchange', 'x') };
  },
  'auto-delete exchanges go one after the other when a queue goes': async (s) => {
    await s.exchange('a', 'fanout', { autoDelete: true });
    await s.exchange('b', 'fanout', { autoDelete: true });
    await s.queue('q');
    await s.main.bindExchange('b', 'a', '');
    await s.main.bindQueue('q', 'b', '');
    await s.main.deleteQueue('q');
    return { a: await s.exists('exchange', 'a'), b: await s.exists('exchange', 'b') };
  },
  'redeclaring an exchange with another flag is refused': async (s) => {
    await s.exchange('x', 'direct', { durable: true });
    return [
      await s.attemptApart((channel) => channel.assertExchange('x', 'fanout', { durable: false })),
      await s.attemptApart((channel) => channel.assertExchange('x', 'direct', { durable: false })),
      await s.attemptApart((channel) => channel.assertExchange('x', 'direct', { autoDelete: true })),
      await s.attemptApart((channel) => channel.assertExchange('x', 'direct', { internal: true })),
      await s.attemptApart((channel) => channel.assertExchange('x', 'direct', { arguments: { 'x-unknown': 1 } })),
    ];
  },
  'a missing exchange is not found': async (s) => {
    await s.queue('q');
    return [
      await s.attemptApart((channel) => channel.checkExchange('nope')),
      await s.attemptApart((channel) => channel.bindQueue('q', 'nope', '')),
      await s.attemptApart((channel) => channel.bindExchange('nope', 'amq.topic', '')),
      await s.attemptApart((channel) => channel.bindExchange('amq.topic', 'nope', '')),
      await s.attemptApart((channel) => s.publishQuietly(channel, 'nope')),
      await s.attemptApart((channel) => channel.deleteExchange('nope')),
      await s.attemptApart((channel) => channel.unbindQueue('q', 'nope', '')),
      await s.attemptApart((channel) => channel.unbindExchange('nope', 'amq.topic', '')),
      await s.attemptApart((channel) => channel.unbindExchange('amq.topic', 'nope', '')),
    ];
  },
  'deleting an exchange in use is refused if it must be unused': async (s) => {
    await s.exchange('x', 'fanout');
    await s.queue('q');
    await s.main.bindQueue('q', 'x', '');
    const inUse = await s.attemptApart((channel) => channel.deleteExchange('x', { ifUnused: true }));
    await s.main.unbindQueue('q', 'x', '');
    return [
      inUse,
      await s.attemptApart((channel) => channel.deleteExchange('x', { ifUnused: true })),
      await s.exists('exchange', 'x'),
    ];
  },
  'an exchange type nobody knows is refused': (s) =>
    s.attemptAlone((channel) =>
      channel.assertExchange('x', 'x-delayed-message', { arguments: { 'x-delayed-type': 'direct' } }),
    ),
  'deleting an exchange takes its bindings away': async (s) => {
    await s.exchange('a', 'fanout');
    await s.exchange('x', 'fanout');
    await s.queue('q');
    await s.main.bindExchange('x', 'a', '');
    await s.main.bindQueue('q', 'x', '');
    await s.main.deleteExchange('x');
    await s.exchange('x', 'fanout');
    await s.publish('a', '', 'not handed on');
    await s.publish('x', '', 'not bound');
    return s.bodies('q');
  },
});
