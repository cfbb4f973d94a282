import { createTrafficHub } from '@main/engine/traffic-hub';
import type { Observation } from '@main/kinds/live';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import type { Phase } from '@shared/traffic/event';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const flow: Flow = {
  ...emptyFlow(),
  nodes: { orders: { type: 'publisher', name: 'Orders', settings: {} } },
  links: { way: { type: 'publish', from: { node: 'orders' }, to: { node: 'orders' }, settings: {} } },
};
const state = { flow, watch: 'off', running: false } as const;
const hubAt = (time = { now: 1000 }) => createTrafficHub({ epoch: 'e1', now: () => time.now });
const observed = (phase: Phase = 'published', more: Partial<Observation> = {}): Observation => ({
  at: 1,
  node: 'orders',
  phase,
  sizeBytes: 10,
  ...more,
});

describe('the traffic hub', () => {
  it('counts every event, sampled or not, whatever is pulled when', () => {
    const phase = fc.constantFrom<Phase>('published', 'delivered', 'returned', 'failed', 'dead-lettered');
    const batch = fc.tuple(phase, fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 600 }));
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), (batches) => {
        const hub = hubAt();
        const { sink } = hub.report('run');
        const told = { events: 0, notSampled: 0 };
        let total = 0;
        let [cursor, seqs] = [0, [] as number[]];
        for (const [what, amount, maxEvents] of batches) {
          for (let n = 0; n < amount; n++) sink.event(observed(what));
          total += amount;
          const frame = hub.frame({ epoch: 'e1', cursor, maxEvents }, state);
          cursor = frame.cursor;
          told.events += frame.events.length;
          told.notSampled += frame.notSampled;
          seqs = [...seqs, ...frame.events.map(({ seq }) => seq)];
          expect(frame.events.length).toBeLessThanOrEqual(Math.min(500, maxEvents));
        }
        expect(told.events + told.notSampled).toBe(total);
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps room in a frame for failures, returns and dead letters', () => {
    const hub = hubAt();
    const { sink } = hub.report('run');
    for (let n = 0; n < 300; n++) sink.event(observed('returned'));
    for (let n = 0; n < 50_000; n++) sink.event(observed());
    const { events, notSampled } = hub.frame({ epoch: '', cursor: 0 }, state);
    expect(events.filter(({ phase }) => phase === 'returned')).toHaveLength(200);
    expect(events).toHaveLength(500);
    expect(notSampled).toBe(49_800);
  });

  it('shows a trouble until it is over, tells it once, and forgets it with who reported it', () => {
    const hub = hubAt();
    const { sink, close } = hub.report('run');
    const look = () => hub.frame({ epoch: 'e1', cursor: 0 }, state);
    const at = { node: 'orders', link: 'way' };
    for (let n = 0; n < 3; n++) sink.trouble(at, 'no such exchange');
    expect(look().troubles).toEqual([{ ...at, sentence: 'no such exchange', since: 1000 }]);
    expect(look().notices).toHaveLength(1);
    sink.trouble(at, null);
    expect(look().troubles).toEqual([]);
    sink.trouble(at, 'no such exchange');
    expect(look().notices).toHaveLength(2);
    close();
    expect(look().troubles).toEqual([]);
  });

  it('knows what it counts itself up to now, and what it was told as of then', () => {
    const time = { now: 1000 };
    const hub = hubAt(time);
    const { sink } = hub.report('run');
    sink.add({ node: 'orders' }, 'published', 1, 'own');
    sink.set({ node: 'orders' }, 'ready', 5, 'broker');
    time.now = 4000;
    const { published, ready } = hub.frame({ epoch: 'e1', cursor: 0 }, state).counters.nodes.orders ?? {};
    expect([published?.asOf, ready?.asOf]).toEqual([4000, 1000]);
  });

  it('makes the details only of events that are shown, once', () => {
    const hub = hubAt();
    const { sink } = hub.report('run');
    let made = 0;
    const details = () => {
      made += 1;
      return { headers: { n: made } };
    };
    for (let n = 0; n < 20_000; n++) sink.event(observed('published', { details }));
    const first = hub.frame({ epoch: 'e1', cursor: 0 }, state);
    const second = hub.frame({ epoch: 'e1', cursor: 0 }, state);
    expect(made).toBe(500);
    expect(second.events).toEqual(first.events);
  });

  it('begins again for a view of another epoch', () => {
    const hub = hubAt();
    hub.report('run').sink.event(observed());
    expect(hub.frame({ epoch: 'e0', cursor: 99 }, state)).toMatchObject({ epoch: 'e1', cursor: 1, notSampled: 0 });
  });

  it('prefers what is known best, and says at least after a gap', () => {
    const hub = hubAt();
    const run = hub.report('run').sink;
    const watch = hub.report('watch').sink;
    watch.set({ node: 'orders' }, 'published', 7, 'broker');
    watch.add({ link: 'way' }, 'routed', 3, 'computed');
    watch.gap({ link: 'way' }, ['routed']);
    watch.set({ node: 'orders' }, 'ready', null, 'broker');
    run.add({ node: 'orders' }, 'published', 5, 'own');
    const exact = { completeness: 'exact', asOf: 1000 };
    expect(hub.frame({ epoch: '', cursor: 0 }, state).counters).toEqual({
      nodes: {
        orders: {
          published: { value: 5, source: 'own', ...exact },
          ready: { value: null, source: 'broker', completeness: 'unknown', asOf: 1000 },
        },
      },
      links: { way: { routed: { value: 3, source: 'computed', completeness: 'atLeast', asOf: 1000 } } },
    });
    hub.forget('watch');
    expect(hub.frame({ epoch: '', cursor: 0 }, state).counters).toEqual({
      nodes: { orders: { published: { value: 5, source: 'own', ...exact } } },
      links: {},
    });
  });

  it('keeps what is read from elsewhere exact when what is counted here has a gap', () => {
    const hub = hubAt();
    hub.report('watch').sink.set({ link: 'way' }, 'deadLettered', 3, 'sandbox');
    const run = hub.report('run').sink;
    run.add({ link: 'way' }, 'deadLettered', 2, 'own');
    run.gap({ link: 'way' }, ['deadLettered']);
    expect(hub.frame({ epoch: '', cursor: 0 }, state).counters.links.way?.deadLettered).toMatchObject({
      value: 3,
      source: 'sandbox',
      completeness: 'exact',
    });
  });

  it('says how the worst connection to a broker is, until its party leaves', () => {
    const hub = hubAt();
    const [publishing, consuming] = [hub.report('run'), hub.report('run')];
    publishing.sink.status('main', { state: 'connected', since: 1 });
    consuming.sink.status('main', { state: 'blocked', reason: 'low on memory' });
    expect(hub.frame({ epoch: '', cursor: 0 }, state).brokers).toEqual({
      main: { state: 'blocked', reason: 'low on memory' },
    });
    consuming.close();
    expect(hub.frame({ epoch: '', cursor: 0 }, state).brokers).toEqual({ main: { state: 'connected', since: 1 } });
  });

  it('keeps the twenty newest notices', () => {
    const hub = hubAt();
    for (let n = 1; n <= 30; n++) hub.notice('info', `notice ${n}`);
    const { notices } = hub.frame({ epoch: '', cursor: 0 }, state);
    expect(notices.map(({ message }) => message)).toEqual(Array.from({ length: 20 }, (_, n) => `notice ${n + 11}`));
  });

  it('remembers the newest events for journeys, bounded, and counts the others', async () => {
    const hub = hubAt();
    const { sink } = hub.report('run');
    for (let n = 0; n < 10_050; n++) sink.event(observed('published', { messageId: `m${n}` }));
    sink.notSampled(7);
    const { events, forgotten, notSeen } = await hub.remembered();
    expect([events.length, events[0]?.messageId, events.at(-1)?.messageId, forgotten, notSeen]).toEqual([
      10_000,
      'm50',
      'm10049',
      50,
      7,
    ]);
    for (let n = 0; n < 20; n++) sink.event(observed('published', { sizeBytes: 1024 * 1024 }));
    const fewer = await hub.remembered();
    expect([fewer.events.length, fewer.forgotten]).toEqual([16, 10_054]);
  });
});
