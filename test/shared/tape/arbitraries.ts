import { emptyFlow } from '@shared/flow/schema';
import type { TapeHeader } from '@shared/tape/read';
import type { TapeLine } from '@shared/tape/tape';
import type { TrafficEvent } from '@shared/traffic/event';
import fc from 'fast-check';

const text = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('order.created', 'ünï 🐇', 'a\nb', '"'));
const key = text.filter((name) => name !== '__proto__');
const json = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'p')));
const table = fc.dictionary(key, json, { maxKeys: 3, noNullPrototype: true });
const time = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 });

const bodyArbitrary: fc.Arbitrary<TrafficEvent['body']> = fc.oneof(
  json.map((value) => ({ format: 'json' as const, text: JSON.stringify(value), cut: false })),
  fc.record({ format: fc.constant('text' as const), text, cut: fc.boolean() }),
  fc.record({ format: fc.constant('hex' as const), text: fc.constantFrom('', '00ff'), cut: fc.boolean() }),
  fc.constant({ format: 'masked' as const }),
);

export const eventArbitrary: fc.Arbitrary<TrafficEvent> = fc.record(
  {
    seq: fc.nat(),
    at: time,
    node: text,
    phase: fc.constantFrom('published', 'delivered', 'acked', 'failed', 'dead-lettered'),
    sizeBytes: fc.nat(),
    link: text,
    messageId: text,
    exchange: text,
    routingKey: text,
    queue: text,
    body: bodyArbitrary.filter((body) => body !== undefined),
    headers: table,
    properties: table,
    reason: text,
    attempt: fc.nat(),
    delayMs: fc.nat(),
    inferred: fc.boolean(),
  },
  { requiredKeys: ['seq', 'at', 'node', 'phase', 'sizeBytes'] },
) as fc.Arbitrary<TrafficEvent>;

const counter = fc.record({
  value: fc.oneof(fc.nat(), fc.constant(null)),
  source: fc.constantFrom('own' as const, 'broker' as const),
  completeness: fc.constantFrom('exact' as const, 'atLeast' as const),
  asOf: time,
});
const sets = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.dictionary(fc.constantFrom('published', 'ready'), counter, { maxKeys: 2, noNullPrototype: true }),
  { maxKeys: 3, noNullPrototype: true },
);

export const countersArbitrary = fc.record({ nodes: sets, links: sets });

/** Lines in order of time, without an end. */
export const linesArbitrary: fc.Arbitrary<TapeLine[]> = fc
  .array(
    fc.oneof(
      fc.record({ t: time, event: eventArbitrary }),
      fc.record({ t: time, frame: fc.record({ counters: countersArbitrary, missed: fc.nat() }) }),
    ),
    { maxLength: 12 },
  )
  .map((lines) => [...lines].sort((a, b) => a.t - b.t) as TapeLine[]);

export const header: TapeHeader = {
  tapeVersion: 1,
  startedAt: 1_700_000_000_000,
  watched: {
    environment: 'Sandbox',
    mode: 'counters',
    running: false,
    brokers: { main: { kind: 'rabbitmq', isSandbox: true } },
  },
  masking: { bodies: 'shown', rules: [] },
  maxBytes: 1_000_000,
  flow: emptyFlow('Orders'),
};
