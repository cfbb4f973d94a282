import { copyNodes, pasteNodes } from '@shared/flow/clipboard';
import { addNode, connect, removeItems, renameNode } from '@shared/flow/commands';
import { applyDiff, diffFlows, reverseDiff, squashDiffs } from '@shared/flow/diff';
import { parseFlow } from '@shared/flow/parse';
import { emptyFlow } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import { checkFlow } from '@shared/kinds/registry';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edits, flowArbitrary } from './arbitraries';

const origin = { x: 0, y: 0 };

/** exchange `orders` → queue `email` */
function orders() {
  const exchange = addNode(emptyFlow('Orders'), { type: 'rabbitmq.exchange', name: 'orders', position: origin });
  const queue = addNode(exchange.flow, { type: 'rabbitmq.queue', name: 'email', position: origin });
  return connect(queue.flow, { from: 'orders', to: 'email' }).flow;
}

describe('a diff', () => {
  it('turns one flow into another, and back', () => {
    fc.assert(
      fc.property(flowArbitrary, flowArbitrary, (before, after) => {
        const diff = diffFlows(before, after);
        expect(applyDiff(before, diff)).toEqual(after);
        expect(applyDiff(after, reverseDiff(diff))).toEqual(before);
      }),
    );
  });

  it('of two steps in a row equals both after one another', () => {
    fc.assert(
      fc.property(flowArbitrary, edits, edits, (start, first, second) => {
        const middle = first.reduce((flow, edit) => edit(flow), start);
        const end = second.reduce((flow, edit) => edit(flow), middle);
        expect(applyDiff(start, squashDiffs(diffFlows(start, middle), diffFlows(middle, end)))).toEqual(end);
      }),
    );
  });
});

describe('a flow file', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(flowArbitrary, (flow) => {
        const text = serialiseFlow(flow);
        const parsed = parseFlow(text);
        expect(parsed).toEqual({ ok: true, flow });
        expect(parsed.ok && serialiseFlow(parsed.flow)).toBe(text);
      }),
    );
  });

  it('may hold comments, trailing commas and keys this build does not know', () => {
    const parsed = parseFlow(
      '{ // mine\n "format": 1, "name": "A", "_owner": "me", "nodes": { "q": { "type": "rabbitmq.queue", "name": "q", "colour": "red", }, }, }',
    );
    expect(parsed).toMatchObject({ ok: true, flow: { _owner: 'me', nodes: { q: { colour: 'red' } } } });
  });

  it.each([
    ['{ "format": 1,\n  "name": }', 2, 11],
    ['', 1, 1],
    ['[1]', 1, 1],
    ['{"format": 1, "name": "A"', 1, 26],
  ])('that is not JSON or no object is refused with its place: %j', (text, line, column) => {
    const parsed = parseFlow(text);
    expect(parsed).toMatchObject({ ok: false, problems: [{ line, column }] });
  });

  it('tells every problem at once, each with its place', () => {
    const parsed = parseFlow(
      '{"format": 1, "name": 5,\n"nodes": {"q": {"type": "rabbitmq.queue"},\n"e": {"type": "", "name": "e"}}}',
    );
    expect(parsed.ok ? [] : parsed.problems.map(({ line, path }) => [line, path])).toEqual([
      [1, 'name'],
      [2, 'nodes.q.name'],
      [3, 'nodes.e.type'],
    ]);
  });

  it('of a newer format is refused by its number', () => {
    const parsed = parseFlow('{"format": 99, "name": "A"}');
    expect(parsed.ok ? '' : parsed.problems[0]?.message).toContain('format 99');
  });

  it('with a password in a URL is refused, with a reference to a secret it is read', () => {
    const shovel = (uri: string) =>
      `{"format": 1, "name": "A", "brokers": {"main": {"kind": "rabbitmq", "name": "M", "settings": {"parameters": {"s": {"component": "shovel", "name": "s", "value": {"src-uri": "${uri}"}}}}}}}`;
    expect(parseFlow(shovel('amqp://me:hunter2@host')).ok).toBe(false);
    expect(parseFlow(shovel('amqp://me:{{secret:s}}@host')).ok).toBe(true);
    expect(parseFlow(shovel('amqp://host:5672')).ok).toBe(true);
  });

  it('cannot change the prototype of objects', () => {
    const parsed = parseFlow(
      '{"format": 1, "name": "A", "nodes": {"__proto__": {"type": "publisher", "name": "p", "polluted": true}}}',
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(parsed.ok || parsed.problems.length > 0).toBe(true);
  });
});

describe('commands', () => {
  it('never leave a link without its nodes', () => {
    fc.assert(
      fc.property(flowArbitrary, (flow) => {
        const dangling = checkFlow(flow, {}).filter(({ code }) => code === 'flow/dangling-link');
        expect(dangling).toEqual([]);
      }),
    );
  });

  it('removing a node takes its links along', () => {
    expect(removeItems(orders(), { nodes: ['email'] }).links).toEqual({});
  });

  it('connecting a pair again adds a row to its one binding link', () => {
    const again = connect(orders(), {
      from: 'orders',
      to: 'email',
      settings: { rows: [{ routingKey: 'order.*', arguments: {} }] },
    });
    expect(Object.values(again.flow.links)).toHaveLength(1);
    expect(Object.values(again.flow.links)[0]?.settings.rows).toHaveLength(2);
  });

  it('drawing a second dead-letter link moves the first', () => {
    const withQueues = ['dead', 'other'].reduce(
      (flow, name) => addNode(flow, { type: 'rabbitmq.queue', name, position: origin }).flow,
      orders(),
    );
    const first = connect(withQueues, { from: 'email', to: 'dead' });
    const second = connect(first.flow, { from: 'email', to: 'other' });
    expect(second.id).toBe(first.id);
    expect(second.flow.links[second.id ?? '']?.to).toEqual({ node: 'other' });
  });

  it('a renamed queue remembers the name it had in the broker, and forgets it when it gets it back', () => {
    const renamed = renameNode(renameNode(orders(), 'email', 'mail'), 'email', 'post');
    expect(renamed.nodes.email).toMatchObject({ name: 'post', formerName: 'email' });
    expect(renameNode(renamed, 'email', 'email').nodes.email).not.toHaveProperty('formerName');
  });

  it('pasting a copy gives new ids and, in a broker, new names, and keeps the links inside', () => {
    const flow = orders();
    const pasted = pasteNodes(flow, copyNodes(flow, ['orders', 'email']), { x: 40, y: 40 });
    expect(Object.values(pasted?.flow.nodes ?? {}).map(({ name }) => name)).toEqual([
      'orders',
      'email',
      'orders-2',
      'email-2',
    ]);
    expect(Object.values(pasted?.flow.links ?? {})).toHaveLength(2);
    expect(pasteNodes(flow, 'some other text', origin)).toBeUndefined();
  });
});
