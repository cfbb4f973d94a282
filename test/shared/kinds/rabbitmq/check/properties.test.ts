import { type Flow, flowSchema, type Json } from '@shared/flow/schema';
import { RABBIT_ARGUMENTS } from '@shared/kinds/rabbitmq/arguments';
import { checkRabbit } from '@shared/kinds/rabbitmq/check';
import type { RabbitFacts } from '@shared/kinds/rabbitmq/objects';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NODE_IDS = ['n1', 'n2', 'n3', 'n4', 'n5', '__proto__x', 'gone'];
const name = fc.oneof(
  fc.constantFrom('a', 'b', '', 'amq.topic', 'amq.new', 'toString', 'constructor', 'a b', 'ü'.repeat(200)),
  fc.string(),
);
const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
const argumentKey = fc.oneof(fc.constantFrom(...RABBIT_ARGUMENTS.map(({ key }) => key), 'x-match'), fc.string());
const table = fc.dictionary(argumentKey, json, { maxKeys: 4 });
const text = (...values: string[]) => fc.oneof(fc.constantFrom(...values), fc.string());

const settings = fc.oneof(
  table,
  fc.record(
    {
      vhost: fc.oneof(name, json),
      exchangeType: fc.oneof(text('topic', 'direct', 'fanout', 'headers', 'x-consistent-hash', 'constructor'), json),
      durable: fc.oneof(fc.boolean(), json),
      autoDelete: fc.boolean(),
      internal: fc.boolean(),
      arguments: fc.oneof(table, json),
      rows: fc.oneof(fc.array(fc.record({ routingKey: name, arguments: table }, { requiredKeys: [] })), json),
      routingKey: fc.oneof(name, json),
      behaviour: text('simulate', 'log'),
      failureRate: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), json),
      headers: fc.oneof(table, json),
    },
    { requiredKeys: [] },
  ),
);

const node = fc.record(
  {
    type: text('rabbitmq.exchange', 'rabbitmq.queue', 'publisher', 'handler'),
    name,
    broker: fc.constantFrom('main', 'other', 'gone'),
    ownership: fc.constantFrom('managed', 'referenced', 'ignored'),
    settings,
  },
  { requiredKeys: ['type', 'name', 'settings'] },
);

const end = fc.oneof(
  fc.record({ node: fc.constantFrom(...NODE_IDS) }),
  fc.record({ name, vhost: fc.constantFrom('/', 'v'), objectType: fc.constantFrom('exchange', 'queue') }),
);

const link = fc.record(
  {
    type: text('binding', 'dead-letter', 'alternate', 'publish', 'consume'),
    from: end,
    to: end,
    broker: fc.constantFrom('main', 'other'),
    settings,
  },
  { requiredKeys: ['type', 'from', 'to', 'settings'] },
);

const policy = fc.record({
  name,
  vhost: fc.constantFrom('/', 'v'),
  pattern: text('', '^a', '(', '[', 'b$'),
  applyTo: fc.constantFrom('all' as const, 'exchanges' as const, 'queues' as const, 'quorum_queues' as const),
  priority: fc.integer({ min: -1, max: 1 }),
  definition: fc.dictionary(
    fc.oneof(fc.constantFrom('message-ttl', 'dead-letter-exchange', 'alternate-exchange', 'ha-mode'), fc.string()),
    json,
  ),
});

const broker = fc.record({
  kind: text('rabbitmq'),
  name,
  settings: fc.record(
    { policies: fc.oneof(fc.dictionary(fc.string(), policy), json), vhosts: fc.oneof(fc.dictionary(name, json), json) },
    { requiredKeys: [] },
  ),
});

const flow: fc.Arbitrary<unknown> = fc.record({
  format: fc.constant(1),
  name: fc.constant('any'),
  brokers: fc.record({ main: broker, other: broker }),
  nodes: fc.dictionary(fc.constantFrom(...NODE_IDS), node),
  links: fc.dictionary(fc.string({ minLength: 1 }), link),
});

const facts: fc.Arbitrary<RabbitFacts> = fc.record(
  {
    version: text('3.10.8', '4.0.5', '4.3.0', ''),
    exchangeTypes: fc.array(fc.constantFrom('direct', 'topic')),
    defaultQueueTypes: fc.dictionary(name, text('quorum', 'classic')),
    policies: fc.array(policy),
    operatorPolicies: fc.array(policy),
  },
  { requiredKeys: [] },
);

/** Any flow that the document's schema accepts. */
const parsed: fc.Arbitrary<Flow> = flow
  .map((value) => flowSchema.safeParse(value))
  .filter((result) => result.success)
  .map((result) => result.data as Flow);

describe('the check', () => {
  it('never throws, and locates each problem in the flow', () => {
    fc.assert(
      fc.property(parsed, facts, (drawing, known) => {
        for (const { subject, message, code } of checkRabbit(drawing, { main: known })) {
          if (subject.type === 'node') expect(drawing.nodes).toHaveProperty([subject.id]);
          if (subject.type === 'link') expect(drawing.links).toHaveProperty([subject.id]);
          if (subject.type === 'broker') expect(drawing.brokers).toHaveProperty([subject.id]);
          expect(message).toMatch(/[.:]$/);
          expect(code).toMatch(/^[a-z]+\/[a-z-]+$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('says nothing of ignored objects', () => {
    fc.assert(
      fc.property(parsed, (drawing) => {
        const ignored: Flow = {
          ...drawing,
          nodes: Object.fromEntries(
            Object.entries(drawing.nodes).map(([id, one]) => [id, { ...one, ownership: 'ignored' as const }]),
          ),
        };
        expect(checkRabbit(ignored, {}).filter(({ subject }) => subject.type === 'node')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same problems twice and changes nothing', () => {
    fc.assert(
      fc.property(parsed, facts, (drawing, known) => {
        const before = JSON.stringify(drawing);
        expect(checkRabbit(drawing, { main: known })).toEqual(checkRabbit(drawing, { main: known }));
        expect(JSON.stringify(drawing)).toBe(before);
      }),
      { numRuns: 200 },
    );
  });
});
