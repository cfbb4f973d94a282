import { joinEvents } from '@shared/journey/join-events';
import type { Phase, TrafficEvent } from '@shared/traffic/event';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flow, journeysOf } from './sightings';

const PHASES: Phase[] = [
  'published',
  'routed',
  'returned',
  'delivered',
  'acked',
  'failed',
  'retried',
  'rejected',
  'requeued',
  'dead-lettered',
  'expired',
  'dropped',
];
const id = fc.constantFrom('a', 'b', 'c', 'd');
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });

const event = fc.record({
  at: fc.integer({ min: 0, max: 20_000 }),
  node: fc.constantFrom(...Object.keys(flow.nodes), 'not-drawn'),
  link: maybe(fc.constantFrom(...Object.keys(flow.links))),
  phase: fc.constantFrom(...PHASES),
  messageId: maybe(id),
  exchange: maybe(fc.constantFrom('', 'order-events', 'billing-dlx')),
  routingKey: maybe(fc.constantFrom('order.created', 'other')),
  queue: maybe(fc.constantFrom('billing-queue', 'email-queue')),
  sizeBytes: fc.constant(2),
  body: maybe(fc.record({ format: fc.constant('text' as const), text: id, cut: fc.constant(false) })),
  headers: maybe(fc.record({ 'tapline-journey': id, 'tapline-redriven': fc.nat({ max: 2 }) }, { requiredKeys: [] })),
  properties: maybe(fc.record({ correlationId: id })),
});
const events = fc
  .array(event, { maxLength: 25 })
  .map((list) => list.map((one, index) => ({ ...one, seq: index + 1 }) as TrafficEvent));

describe('journeys', () => {
  it('do not depend on the order in which events arrive', () => {
    const shuffled = events.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, mixed]) => {
        expect(journeysOf(mixed)).toEqual(journeysOf(list));
      }),
    );
  });

  it('hold every event exactly once', () => {
    fc.assert(
      fc.property(events, (list) => {
        const held = joinEvents(list).flatMap((group) => group.events.map(({ seq }) => seq));
        expect(held.sort((a, b) => a - b)).toEqual(list.map(({ seq }) => seq));
        expect(journeysOf(list).reduce((sum, journey) => sum + journey.events, 0)).toBe(list.length);
      }),
    );
  });

  it('invent nothing: what was not observed is marked, and every event has its step', () => {
    fc.assert(
      fc.property(events, (list) => {
        const bySeq = new Map(list.map((one) => [one.seq, one]));
        const journeys = journeysOf(list);
        const told = new Set<number>();
        for (const { steps } of journeys)
          for (const step of steps) {
            if (step.inferred) continue;
            const source = bySeq.get(step.seq);
            expect(step.at).toBe(source?.at);
            told.add(step.seq);
          }
        expect(told.size).toBe(list.length);
        for (const { events: count, inferred, messageIds } of journeys)
          if (messageIds.length === 0 && count === 1) expect(inferred).toBeUndefined();
      }),
    );
  });
});
