import { canonicalJson } from '@shared/canonical';
import type { Json } from '@shared/flow/schema';
import { readJson } from '@shared/kinds/rabbitmq/import/read-json';
import fc from 'fast-check';

type Entry = Record<string, Json>;
export type DefinitionsFile = Record<string, Entry[]>;

/** Lists that a round trip keeps, each as a sorted set of canonical entries; numbers compared exactly. */
export function objectSets(text: string, defaultVhost = '/'): Record<string, string[]> {
  const file = readJson(text).value as DefinitionsFile;
  const of = (list: string, normalise: (entry: Entry) => Entry) =>
    [...new Set((file[list] ?? []).map((entry) => canonicalJson(normalise(entry))))].sort();
  const table = (value: Json | undefined) => (value === undefined || Array.isArray(value) ? {} : value);
  const vhost = (entry: Entry) => ({ vhost: entry.vhost ?? defaultVhost });
  return {
    exchanges: of('exchanges', (entry) => ({
      ...entry,
      ...vhost(entry),
      internal: entry.internal ?? false,
      arguments: table(entry.arguments),
    })),
    queues: of('queues', ({ type, ...entry }) => ({
      ...entry,
      ...vhost(entry),
      arguments: {
        ...(type === undefined || type === 'classic' ? {} : { 'x-queue-type': type }),
        ...(table(entry.arguments) as Entry),
      },
    })),
    bindings: of('bindings', (entry) => ({ ...entry, ...vhost(entry), arguments: table(entry.arguments) })),
    policies: of('policies', (entry) => ({
      ...entry,
      ...vhost(entry),
      'apply-to': entry['apply-to'] ?? 'all',
      priority: entry.priority ?? 0,
    })),
    parameters: of('parameters', (entry) => ({ ...entry, ...vhost(entry) })),
    global_parameters: of('global_parameters', (entry) => entry),
  };
}

/** Names that break careless readers, besides ordinary ones. */
export const nastyNames = [
  'a --> b',
  'a:b',
  'say "hi"',
  "it's",
  'line\nbreak',
  '🐇 hop',
  'back\\slash',
  '<b>&amp;',
  '{{secret:x}}',
  'constructor',
  'x'.repeat(200),
  '%2F',
  'end; subgraph x',
];

export const name = fc
  .oneof(
    { weight: 2, arbitrary: fc.constantFrom('orders', 'billing', 'audit.log', 'a', 'b') },
    fc.constantFrom(...nastyNames),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
  )
  .filter((text) => !text.startsWith('amq.') && !text.includes('\u0000') && text !== '__proto__');

const argumentValue: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => !text.includes('\u0000')),
  fc.boolean(),
  fc.integer(),
  fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n): Json => ({ $type: 'long', value: n.toString() })),
  fc.constantFrom<Json>(1.5, -0.25, { $type: 'double', value: 3 }, ['a', 1, true], { deep: { er: 1 } }, []),
);

const freeArguments = fc.dictionary(
  fc.constantFrom('x-custom', 'a', 'with space', 'x-match-not', 'ключ'),
  argumentValue,
  { maxKeys: 3 },
) as fc.Arbitrary<Entry>;

const queueArguments = fc.record(
  {
    'x-message-ttl': fc.nat(100_000),
    'x-max-length': fc.nat(1000),
    'x-dead-letter-exchange': fc.oneof(fc.constant(''), name),
    'x-custom': argumentValue,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Entry>;

interface Shape {
  vhosts: string[];
  /** Only what RabbitMQ 3.10 accepts. */
  forBroker?: boolean;
}

/** A valid definitions file of a cluster with these vhosts. */
export function definitionsArbitrary({ vhosts, forBroker = false }: Shape): fc.Arbitrary<DefinitionsFile> {
  const vhost = fc.constantFrom(...vhosts);
  const flags = { durable: forBroker ? fc.constant(true) : fc.boolean(), auto_delete: fc.boolean() };
  const exchanges = fc.uniqueArray(
    fc.record({
      name,
      vhost,
      type: fc.constantFrom('direct', 'topic', 'fanout', 'headers'),
      ...flags,
      internal: fc.boolean(),
      arguments: fc
        .tuple(freeArguments, fc.option(name, { nil: undefined }))
        .map(([table, ae]): Entry => (ae === undefined ? table : { ...table, 'alternate-exchange': ae })),
    }),
    { maxLength: 6, selector: ({ vhost: at, name: called }) => `${at}\u0000${called}` },
  );
  const queues = fc.uniqueArray(
    fc.record({
      name,
      vhost,
      ...flags,
      arguments: fc
        .tuple(queueArguments, fc.option(name, { nil: undefined }))
        .map(
          ([table, key]): Entry =>
            key === undefined || !('x-dead-letter-exchange' in table)
              ? table
              : { ...table, 'x-dead-letter-routing-key': key },
        ),
    }),
    { maxLength: 8, selector: ({ vhost: at, name: called }) => `${at}\u0000${called}` },
  );
  const policies = fc.uniqueArray(
    fc.record({
      vhost,
      name,
      pattern: fc.constantFrom('', '^orders', '.*', '\\.dead$'),
      'apply-to': fc.constantFrom('all', 'queues', 'exchanges'),
      priority: fc.integer({ min: 0, max: 10 }),
      definition: fc.constantFrom<Entry>(
        { 'message-ttl': 1000 },
        { 'max-length': 5, overflow: 'reject-publish' },
        { 'dead-letter-exchange': 'dlx' },
      ),
    }),
    { maxLength: 3, selector: ({ vhost: at, name: called }) => `${at}\u0000${called}` },
  ) as fc.Arbitrary<Entry[]>;
  const limits: Entry = { component: 'vhost-limits', name: 'limits', value: { 'max-queues': 500 } };
  const parameters = fc.uniqueArray(
    fc.oneof(
      vhost.map((at): Entry => ({ vhost: at, ...limits })),
      fc.record({
        vhost,
        component: fc.constant('operator_policy'),
        name,
        value: fc.constant({ pattern: '', 'apply-to': 'queues', priority: 0, definition: { 'max-length': 9 } }),
      }) as fc.Arbitrary<Entry>,
    ),
    { maxLength: 3, selector: (entry) => canonicalJson([entry.vhost, entry.component, entry.name]) },
  );
  return fc
    .record({
      exchanges,
      queues,
      policies,
      parameters,
      picks: fc.array(fc.tuple(fc.nat(), fc.nat(), name), { maxLength: 10 }),
    })
    .chain(({ exchanges: xs, queues: qs, policies: ps, parameters: params, picks }) =>
      fc.array(freeArguments, { minLength: picks.length, maxLength: picks.length }).map((tables): DefinitionsFile => {
        const bindings = picks.flatMap(([from, to, key], index): Entry[] => {
          const source = from % 5 === 0 ? undefined : xs[from % Math.max(xs.length, 1)];
          const at = source?.vhost ?? vhosts[from % vhosts.length] ?? '/';
          const targets = [
            ...qs.map((queue) => ({ ...queue, type: 'queue' })),
            ...xs.map((exchange) => ({ ...exchange, type: 'exchange' })),
          ].filter((target) => target.vhost === at);
          const target = targets[to % Math.max(targets.length, 1)];
          if (!target) return [];
          return [
            {
              source: source?.name ?? 'amq.topic',
              vhost: at,
              destination: target.name,
              destination_type: target.type,
              routing_key: key,
              arguments: tables[index] ?? {},
            },
          ];
        });
        const unique = [...new Map(bindings.map((binding) => [canonicalJson(binding), binding])).values()];
        return {
          vhosts: vhosts.map((called) => ({ name: called })),
          parameters: params,
          policies: ps,
          queues: qs,
          exchanges: xs,
          bindings: unique,
        };
      }),
    );
}
