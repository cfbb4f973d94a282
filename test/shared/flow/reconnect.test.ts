import { addNode, connect, setLinkSetting } from '@shared/flow/commands';
import { reconnectLink, refuseReconnect } from '@shared/flow/reconnect';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { describe, expect, it } from 'vitest';

const row = (routingKey: string) => ({ routingKey, arguments: {} });

/** exchange `orders` → queues `email` and `audit`; `email` is consumed by `send` and dead-letters to `failed`. */
function shop(): Flow {
  const nodes = [
    ['rabbitmq.exchange', 'orders'],
    ['rabbitmq.exchange', 'failed'],
    ['rabbitmq.queue', 'email'],
    ['rabbitmq.queue', 'audit'],
    ['handler', 'send'],
  ] as const;
  const drawn = nodes.reduce(
    (flow, [type, name]) => addNode(flow, { type, name, position: { x: 0, y: 0 } }).flow,
    emptyFlow('Shop'),
  );
  const join = (flow: Flow, from: string, to: string, type: string, settings?: { rows: ReturnType<typeof row>[] }) =>
    connect(flow, { from, to, type, settings }).flow;
  let flow = join(drawn, 'orders', 'email', 'binding', { rows: [row('a'), row('b')] });
  flow = join(flow, 'orders', 'audit', 'binding', { rows: [row('b'), row('c')] });
  flow = join(flow, 'email', 'send', 'consume');
  return join(flow, 'email', 'failed', 'dead-letter');
}
const idOf = (flow: Flow, type: string, from: string) =>
  Object.entries(flow.links).find(
    ([, link]) => link.type === type && 'node' in link.from && link.from.node === from,
  )?.[0] ?? '';

describe('an end of a link', () => {
  it('moves to another node, and the link keeps its id, type and settings', () => {
    const flow = setLinkSetting(shop(), idOf(shop(), 'consume', 'email'), ['retry'], { attempts: 3 });
    const id = idOf(flow, 'consume', 'email');
    const moved = reconnectLink(flow, id, 'from', 'audit');
    expect(moved.id).toBe(id);
    expect(moved.flow.links[id]).toEqual({ ...flow.links[id], from: { node: 'audit' } });
  });

  it('is refused where links of its type do not end, and nothing changes', () => {
    const flow = shop();
    const id = idOf(flow, 'consume', 'email');
    expect(refuseReconnect(flow, id, 'to', 'failed')).toBe('type');
    expect(refuseReconnect(flow, id, 'to', 'no-such-node')).toBe('type');
    expect(reconnectLink(flow, id, 'to', 'failed').flow).toBe(flow);
  });

  it('is refused where there is one already', () => {
    const flow = connect(shop(), { from: 'audit', to: 'failed', type: 'dead-letter' }).flow;
    expect(refuseReconnect(flow, idOf(flow, 'dead-letter', 'email'), 'from', 'audit')).toBe('taken');
  });

  it('of a binding moved beside another makes its rows rows of that', () => {
    const flow = shop();
    const id = idOf(flow, 'binding', 'orders');
    const moved = reconnectLink(flow, id, 'to', 'audit');
    expect(moved.flow.links[id]).toBeUndefined();
    expect(moved.flow.links[moved.id]?.settings.rows).toEqual([row('b'), row('c'), row('a')]);
  });

  it('that was not drawn goes to a drawn node', () => {
    const flow = shop();
    const id = idOf(flow, 'binding', 'orders');
    const link = flow.links[id];
    const loose = {
      ...flow,
      links: {
        ...flow.links,
        [id]: {
          ...link,
          type: 'binding',
          settings: {},
          from: { node: 'failed' },
          to: { objectType: 'queue' as const, name: 'gone' },
        },
      },
    };
    expect(refuseReconnect(loose, id, 'to', 'send')).toBe('type');
    expect(reconnectLink(loose, id, 'to', 'email').flow.links[id]?.to).toEqual({ node: 'email' });
  });
});
