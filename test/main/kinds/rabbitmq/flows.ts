import { addNode, connect, setLinkSetting } from '@shared/flow/commands';
import { emptyFlow, type Flow, type Json } from '@shared/flow/schema';
import fc from 'fast-check';

const at = { x: 0, y: 0 };

/** What a test draws: exchanges and queues by name with their settings, links as `from → to`. */
export interface Drawing {
  exchanges?: Record<string, Record<string, Json>>;
  queues?: Record<string, Record<string, Json>>;
  bindings?: [from: string, to: string, key?: string, args?: Record<string, Json>][];
  deadLetters?: [from: string, to: string][];
  alternates?: [from: string, to: string][];
  publishers?: Record<string, Record<string, Json>>;
  handlers?: Record<string, Record<string, Json>>;
  publishes?: [from: string, to: string, settings?: Record<string, Json>][];
  consumes?: [from: string, to: string, settings?: Record<string, Json>][];
}

/** The usual drawing: two exchanges, three queues, one of them dead-lettering. */
export const ORDERS = {
  exchanges: { orders: { exchangeType: 'topic' }, dead: { exchangeType: 'fanout' } },
  queues: { email: { arguments: { 'x-max-length': 100 } }, billing: {}, graveyard: {} },
  bindings: [
    ['orders', 'email', 'order.*'],
    ['orders', 'billing', 'order.created'],
    ['dead', 'graveyard'],
  ],
  deadLetters: [['billing', 'dead']],
} satisfies Drawing;

/** A flow as a test describes it. */
export function draw(drawing: Drawing): Flow {
  let flow = emptyFlow('Test');
  const ids = new Map<string, string>();
  const add = (type: string, name: string, settings: Record<string, Json>) => {
    const added = addNode(flow, { type, name, position: at, settings });
    flow = added.flow;
    ids.set(name, added.id);
  };
  const join = (from: string, to: string, type: string, settings?: Record<string, Json>) => {
    flow = connect(flow, { from: ids.get(from) ?? from, to: ids.get(to) ?? to, type, settings }).flow;
  };
  for (const [name, settings] of Object.entries(drawing.exchanges ?? {})) add('rabbitmq.exchange', name, settings);
  for (const [name, settings] of Object.entries(drawing.queues ?? {})) add('rabbitmq.queue', name, settings);
  for (const [from, to, routingKey = '', args = {}] of drawing.bindings ?? [])
    join(from, to, 'binding', { rows: [{ routingKey, arguments: args }] });
  for (const [from, to] of drawing.deadLetters ?? []) join(from, to, 'dead-letter');
  for (const [from, to] of drawing.alternates ?? []) join(from, to, 'alternate');
  for (const [name, settings] of Object.entries(drawing.publishers ?? {})) add('publisher', name, settings);
  for (const [name, settings] of Object.entries(drawing.handlers ?? {})) add('handler', name, settings);
  for (const [from, to, settings] of drawing.publishes ?? []) join(from, to, 'publish', settings);
  for (const [from, to, settings] of drawing.consumes ?? []) join(from, to, 'consume', settings);
  return flow;
}

/** Changes the key of the only binding between two nodes. */
export function rekey(flow: Flow, linkId: string, routingKey: string): Flow {
  return setLinkSetting(flow, linkId, ['rows'], [{ routingKey, arguments: {} }]);
}

const queueSettings: fc.Arbitrary<Record<string, Json>> = fc.oneof(
  fc.record({
    durable: fc.boolean(),
    arguments: fc.oneof(
      fc.constant({}),
      fc.record({ 'x-message-ttl': fc.integer({ min: 0, max: 100_000 }) }),
      fc.record({
        'x-max-length': fc.integer({ min: 0, max: 50 }),
        'x-overflow': fc.constantFrom('drop-head', 'reject-publish'),
      }),
      fc.record({ 'x-max-priority': fc.integer({ min: 1, max: 9 }) }),
      fc.record({ 'x-queue-type': fc.constant('classic'), 'x-single-active-consumer': fc.boolean() }),
    ),
  }),
  fc.record({ durable: fc.constant(true), arguments: fc.record({ 'x-queue-type': fc.constant('quorum') }) }),
) as fc.Arbitrary<Record<string, Json>>;

const EXCHANGES = ['ex-a', 'ex-b', 'ex-c'];
const QUEUES = ['qu-a', 'qu-b', 'qu-c', 'qu-d'];

/** A random topology that RabbitMQ accepts. */
export const drawingArbitrary: fc.Arbitrary<Drawing> = fc.record({
  exchanges: fc
    .tuple(
      ...EXCHANGES.map(() =>
        fc.record({
          exchangeType: fc.constantFrom('direct', 'topic', 'fanout', 'headers'),
          durable: fc.boolean(),
          internal: fc.boolean(),
          autoDelete: fc.boolean(),
        }),
      ),
    )
    .map((list) => Object.fromEntries(EXCHANGES.map((name, index) => [name, list[index] ?? {}]))),
  queues: fc
    .tuple(...QUEUES.map(() => queueSettings))
    .map((list) => Object.fromEntries(QUEUES.map((name, index) => [name, list[index] ?? {}]))),
  bindings: fc.array(
    fc.tuple(
      fc.constantFrom(...EXCHANGES),
      fc.constantFrom(...QUEUES, ...EXCHANGES),
      fc.constantFrom('', 'a.*', '#', 'ünï', 'a b'),
      fc.constantFrom<Record<string, Json>>(
        {},
        { 'x-match': 'any', region: 'eu' },
        { level: 3, ok: true, price: 1.5, nothing: null },
      ),
    ),
    { maxLength: 10 },
  ),
  deadLetters: fc.array(fc.tuple(fc.constantFrom(...QUEUES), fc.constantFrom(...EXCHANGES, ...QUEUES)), {
    maxLength: 3,
  }),
  alternates: fc.array(fc.tuple(fc.constantFrom(...EXCHANGES), fc.constantFrom(...EXCHANGES)), { maxLength: 2 }),
}) as fc.Arbitrary<Drawing>;
