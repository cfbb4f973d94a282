import { runLayout } from '@main/engine/layout';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { layOutFlow, type Positions } from '@shared/layout/layered';
import { placeNewNodes } from '@shared/layout/place-new';
import { CARD_HEIGHT, CARD_WIDTH, ghostId } from '@shared/picture/drawing';
import { describe, expect, it } from 'vitest';
import { drawn } from '../picture/drawn';
import { clusteredFlow } from './topologies';

const GHOST = ghostId({ name: 'orders', objectType: 'exchange' });

/** Pairs of cards that cover each other. */
function overlaps(positions: Positions): string[] {
  const cards = Object.entries(positions).sort(([, a], [, b]) => a.x - b.x);
  return cards.flatMap(([id, { x, y }], index) => {
    const next = cards.slice(index + 1);
    const end = next.findIndex(([, other]) => other.x >= x + CARD_WIDTH);
    return next
      .slice(0, end < 0 ? undefined : end)
      .flatMap(([other, place]) => (Math.abs(place.y - y) < CARD_HEIGHT ? [`${id} and ${other}`] : []));
  });
}

const withPositions = (flow: Flow, positions: Positions): Flow => ({
  ...flow,
  layout: { nodes: { ...flow.layout.nodes, ...positions } },
});

describe('a layout of the whole flow', () => {
  it('goes from left to right and has a place for what is only named', async () => {
    const { p, x, q, h, u, [GHOST]: ghost } = await layOutFlow(drawn(), runLayout);
    expect(p!.x + CARD_WIDTH).toBeLessThan(x!.x);
    expect(x!.x + CARD_WIDTH).toBeLessThan(q!.x);
    expect(q!.x + CARD_WIDTH).toBeLessThan(h!.x);
    expect(ghost!.x).toBe(h!.x);
    expect(overlaps({ p: p!, x: x!, q: q!, h: h!, u: u!, ghost: ghost! })).toEqual([]);
  });

  it('is the same each time', async () => {
    const flow = clusteredFlow(60);
    expect(await layOutFlow(flow, runLayout)).toEqual(await layOutFlow(flow, runLayout));
  });

  it('draws dead letters backwards rather than bindings', async () => {
    const { x0, 'q0-0': q } = await layOutFlow(clusteredFlow(3), runLayout);
    expect(q!.x).toBeGreaterThan(x0!.x);
  });

  it('of nothing is nothing', async () => {
    expect(await layOutFlow(emptyFlow(), runLayout)).toEqual({});
  });

  it('takes 1,000 nodes, lets other work go on meanwhile, and covers none', async () => {
    const flow = clusteredFlow(1000);
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 1);
    const positions = await layOutFlow(flow, runLayout);
    clearInterval(counting);
    expect(Object.keys(positions).length).toBeGreaterThan(1000);
    expect(overlaps(positions)).toEqual([]);
    expect(turns).toBeGreaterThan(20);
  });

  it('can be given up', async () => {
    const giveUp = new AbortController();
    const layout = layOutFlow(clusteredFlow(1000), (graph) => runLayout(graph, giveUp.signal));
    giveUp.abort(new Error('enough'));
    await expect(layout).rejects.toThrow('enough');
  });
});

describe('places for new nodes', () => {
  it('are those of a whole layout where nothing was placed', async () => {
    const flow = clusteredFlow(40);
    expect(await placeNewNodes(flow, runLayout)).toEqual(await layOutFlow(flow, runLayout));
  });

  it('are asked for no node that has one', async () => {
    const flow = withPositions(clusteredFlow(5), { x0: { x: 3, y: 5 }, 'q0-0': { x: 400, y: 5 } });
    const placed = await placeNewNodes(flow, runLayout);
    expect(Object.keys(placed)).not.toContain('x0');
    expect(Object.keys(placed)).not.toContain('q0-0');
    expect(overlaps({ ...flow.layout.nodes, ...placed })).toEqual([]);
  });

  it('are right of what leads there, left of where they lead, and free', async () => {
    const flow = drawn();
    const { q: _q, p: _p, ...rest } = flow.layout.nodes;
    const some = { ...flow, layout: { nodes: { ...rest, u: { x: 640, y: 20 } } } };
    const placed = await placeNewNodes(some, runLayout);
    expect(placed.q!.x).toBeGreaterThan(rest.x!.x + CARD_WIDTH);
    expect(placed.p!.x).toBeLessThan(rest.x!.x - CARD_WIDTH);
    expect(overlaps({ ...some.layout.nodes, ...placed })).toEqual([]);
  });

  it('are below the drawing for what is joined with nothing in it', async () => {
    const flow = drawn();
    const placed = await placeNewNodes(flow, runLayout);
    expect(Object.keys(placed)).toEqual(['u']);
    expect(placed.u!.y).toBeGreaterThan(CARD_HEIGHT);
  });

  it('for half of a large flow cover none of the other half', async () => {
    const flow = clusteredFlow(120);
    const all = await layOutFlow(flow, runLayout);
    const kept = Object.fromEntries(Object.entries(all).filter((_, index) => index % 2 === 0));
    const half = withPositions(flow, kept);
    const placed = await placeNewNodes(half, runLayout);
    const after = withPositions(half, placed);
    expect(overlaps(after.layout.nodes)).toEqual([]);
    expect(Object.keys(after.layout.nodes)).toEqual(expect.arrayContaining(Object.keys(flow.nodes)));
    expect(Object.keys(placed).filter((id) => id in kept)).toEqual([]);
  });
});

describe('a large topology', () => {
  it('falls into groups around its hubs instead of one endless column', async () => {
    const flow = emptyFlow('Bus');
    const bind = (from: string, to: string) => {
      flow.links[`${from}-${to}`] = { type: 'binding', from: { node: from }, to: { node: to }, settings: {} };
    };
    flow.nodes.bus = { type: 'rabbitmq.exchange', name: 'bus', broker: 'main', settings: {} };
    for (let n = 0; n < 80; n++) {
      flow.nodes[`x${n}`] = { type: 'rabbitmq.exchange', name: `x${n}`, broker: 'main', settings: {} };
      flow.nodes[`q${n}`] = { type: 'rabbitmq.queue', name: `q${n}`, broker: 'main', settings: {} };
      bind('bus', `x${n}`);
      bind(`x${n}`, `q${n}`);
    }
    const positions = await layOutFlow(flow, runLayout);
    const { bus, ...others } = positions;
    expect(overlaps(positions)).toEqual([]);
    expect(Math.max(...Object.values(others).map(({ x }) => x))).toBeGreaterThan(1000);
    expect(Math.max(...Object.values(others).map(({ y }) => y))).toBeLessThan(80 * (CARD_HEIGHT + 40) * 0.6);
    expect(bus!.x + CARD_WIDTH).toBeLessThan(Math.min(...Object.values(others).map(({ x }) => x)));
    expect(others.x7!.x).toBeLessThan(others.q7!.x);
  });
});
