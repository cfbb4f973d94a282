import type {
  ArgumentTable,
  ArgumentValue,
  BindingObject,
  ExchangeObject,
  QueueObject,
} from '@shared/kinds/rabbitmq/objects';
import type { RoutedMessage } from '@shared/kinds/rabbitmq/route/router';
import fc from 'fast-check';

/** Seed of this run's random cases; set TAPLINE_TEST_SEED to repeat one. */
export const seed = Number(process.env.TAPLINE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Few words, so that patterns often match. */
const word = fc.constantFrom('a', 'b', 'c', '', 'ü');
const patternWord = fc.oneof({ arbitrary: word, weight: 3 }, { arbitrary: fc.constantFrom('*', '#'), weight: 2 });

export const routingKey = fc.array(word, { maxLength: 5 }).map((words) => words.join('.'));
export const topicPattern = fc.array(patternWord, { maxLength: 5 }).map((words) => words.join('.'));

const headerName = fc.constantFrom('region', 'size', 'x-level', 'kind');

/** Values of all types that look alike in JSON. */
export const headerValue: fc.Arbitrary<ArgumentValue> = fc.constantFrom<ArgumentValue>(
  'eu',
  '1',
  'ü',
  1,
  2,
  1.5,
  true,
  false,
  null,
  { $type: 'int', value: 1 },
  { $type: 'long', value: '1' },
  { $type: 'long', value: '9007199254740993' },
  { $type: 'double', value: 1 },
  { $type: 'double', value: 9007199254740992 },
  { $type: 'float', value: 1.5 },
  { $type: 'byte', value: 1 },
  { $type: 'short', value: 2 },
  { $type: 'timestamp', value: 1 },
  { $type: 'bytes', value: btoa('eu') },
  { $type: 'bytes', value: 'w7w=' },
  ['eu', true],
  ['eu', false],
  { region: 'eu' },
);

export const messageHeaders: fc.Arbitrary<ArgumentTable> = fc.dictionary(headerName, headerValue, { maxKeys: 3 });

export const headersBinding: fc.Arbitrary<ArgumentTable> = fc
  .tuple(
    fc.dictionary(headerName, headerValue, { maxKeys: 3 }),
    fc.constantFrom(undefined, 'all', 'any', 'all-with-x', 'any-with-x'),
  )
  .map(([table, match]) => (match === undefined ? table : { ...table, 'x-match': match }));

const EXCHANGES = ['x1', 'x2', 'x3', 'x4'];
const QUEUES = ['q1', 'q2', 'q3'];

export interface RandomTopology {
  exchanges: ExchangeObject[];
  queues: QueueObject[];
  bindings: BindingObject[];
}

const exchange = (vhost: string, name: string): fc.Arbitrary<ExchangeObject> =>
  fc
    .tuple(
      fc.constantFrom('direct', 'topic', 'fanout', 'headers'),
      fc.option(fc.constantFrom(...EXCHANGES, 'missing', ''), { nil: undefined }),
    )
    .map(
      ([type, alternate]): ExchangeObject => ({
        vhost,
        name,
        type,
        durable: true,
        autoDelete: false,
        internal: false,
        arguments: alternate === undefined ? {} : { 'alternate-exchange': alternate },
      }),
    );

const binding = (vhost: string): fc.Arbitrary<BindingObject> =>
  fc
    .record({
      vhost: fc.constant(vhost),
      source: fc.constantFrom(...EXCHANGES),
      destination: fc.constant(''),
      destinationType: fc.constantFrom('queue' as const, 'exchange' as const),
      routingKey: fc.oneof(topicPattern, routingKey),
      arguments: fc.oneof({ arbitrary: headersBinding, weight: 3 }, { arbitrary: fc.constant({}), weight: 1 }),
    })
    .chain((half) =>
      fc
        .constantFrom(...(half.destinationType === 'queue' ? QUEUES : EXCHANGES))
        .map((destination) => ({ ...half, destination })),
    );

/** Four exchanges, three queues, any bindings between them: cycles, alternates to nowhere, several ways to one queue. */
export const topology = (vhost: string): fc.Arbitrary<RandomTopology> =>
  fc.record({
    exchanges: fc.tuple(...EXCHANGES.map((name) => exchange(vhost, name))),
    queues: fc.constant(
      QUEUES.map((name) => ({ vhost, name, durable: true, autoDelete: false, exclusive: false, arguments: {} })),
    ),
    bindings: fc.array(binding(vhost), { maxLength: 10 }),
  });

export const message = (vhost: string): fc.Arbitrary<RoutedMessage> =>
  fc.record({
    vhost: fc.constant(vhost),
    exchange: fc.constantFrom(...EXCHANGES, ...EXCHANGES, ''),
    routingKey: fc.oneof({ arbitrary: routingKey, weight: 5 }, { arbitrary: fc.constantFrom(...QUEUES), weight: 1 }),
    headers: fc
      .tuple(messageHeaders, fc.option(fc.array(routingKey, { maxLength: 2 }), { nil: undefined, freq: 4 }))
      .map(([headers, copies]) => (copies === undefined ? headers : { ...headers, CC: copies })),
  });
