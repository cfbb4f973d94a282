import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES, type ExampleId, exampleFlow } from '@shared/examples/index';
import { parseFlow } from '@shared/flow/parse';
import { retryDelays, retryPolicyOf } from '@shared/kinds/common/retry';
import { compileTemplate } from '@shared/kinds/common/template';
import { resolveTopology } from '@shared/kinds/rabbitmq/resolve';
import { compileGlob } from '@shared/kinds/redis/glob';
import { deadStreamOf, resolveRedis } from '@shared/kinds/redis/resolve';
import { checkFlow } from '@shared/kinds/registry';
import { describe, expect, it } from 'vitest';

const RABBITMQ = [{}, { version: '3.10.8' }, { version: '4.3.0' }];
const REDIS = [{}, { version: '6.2.0' }, { version: '7.0.15' }];
/** The facts that each example is checked with. */
const VERSIONS: Record<ExampleId, { version?: string }[]> = {
  'order-events': RABBITMQ,
  'message-router': RABBITMQ,
  'retry-and-dead-letter': RABBITMQ,
  'user-activity': REDIS,
  'order-stream': REDIS,
};
const folder = join(import.meta.dirname, '../../../src/shared/examples');

describe.each(EXAMPLES)('the example “$title”', ({ id, description }) => {
  const flow = exampleFlow(id);
  const brokers = Object.keys(flow.brokers);

  it('is a flow file', () => {
    expect(parseFlow(readFileSync(join(folder, `${id}.flow.json`), 'utf8'))).toEqual({ ok: true, flow });
  });

  it('says what it shows', () => expect(description).toMatch(/^[A-Z].{40,}\.$/));

  it.each(VERSIONS[id])('has no problems on %o', (facts) => {
    expect(checkFlow(flow, Object.fromEntries(brokers.map((broker) => [broker, facts])))).toEqual([]);
  });

  it('sends bodies that are JSON', () => {
    for (const node of Object.values(flow.nodes).filter(({ type }) => type === 'publisher')) {
      const { render, problems } = compileTemplate(String(node.settings.body));
      expect(problems).toEqual([]);
      const sources = {
        uuid: () => 'u',
        now: () => new Date(0),
        variables: {},
        faker: (field: string) => (field === 'commerce.price' ? '12.50' : 'text'),
      };
      expect(Object.values(JSON.parse(render(sources, 7)) as object)).toContain(7);
    }
  });

  it('is drawn without overlaps, left to right', () => {
    const places = Object.entries(flow.layout.nodes);
    expect(places.map(([id]) => id).sort()).toEqual(Object.keys(flow.nodes).sort());
    for (const [id, a] of places)
      for (const [other, b] of places)
        if (id !== other) expect(Math.abs(a.x - b.x) >= 260 || Math.abs(a.y - b.y) >= 100, `${id} ${other}`).toBe(true);
    for (const { from, to } of Object.values(flow.links))
      if ('node' in from && 'node' in to)
        expect(flow.layout.nodes[from.node]?.x).toBeLessThanOrEqual(flow.layout.nodes[to.node]?.x ?? 0);
  });
});

describe('the order events', () => {
  const flow = exampleFlow();

  it('declares exactly what the code it comes from declares', () => {
    const { exchanges, queues, bindings } = resolveTopology(flow, 'main', { defaultVhost: '/' }).topology;
    const durable = { vhost: '/', durable: true, autoDelete: false, arguments: {} };
    expect(exchanges.find(({ name }) => name === 'order-events')).toEqual({
      ...durable,
      name: 'order-events',
      type: 'topic',
      internal: false,
    });
    for (const name of ['email-queue', 'notification-queue'])
      expect(queues.find((queue) => queue.name === name)).toEqual({ ...durable, name, exclusive: false });
    const keys = bindings.filter(({ source }) => source === 'order-events');
    expect(Object.fromEntries(keys.map(({ destination, routingKey }) => [destination, routingKey]))).toEqual({
      'email-queue': 'order.*',
      'notification-queue': 'order.created',
      'billing-queue': 'order.created',
    });
  });

  it('tries billing three times, then dead-letters', () => {
    const { queues, bindings } = resolveTopology(flow, 'main', { defaultVhost: '/' }).topology;
    expect(queues.find(({ name }) => name === 'billing-queue')?.arguments).toEqual({
      'x-dead-letter-exchange': 'billing-dlx',
    });
    expect(bindings.find(({ source }) => source === 'billing-dlx')?.destination).toBe('billing-dead-letters');
    expect(flow.nodes['bill-customer']?.settings).toMatchObject({ behaviour: 'simulate', failureRate: 0.6 });
    const policy = retryPolicyOf(flow.links['billing-queue-consume-bill-customer']?.settings ?? {});
    expect(policy && retryDelays(policy)).toEqual([1000, 2000]);
  });
});

describe('the user activity', () => {
  it('declares nothing: channels need no deploying', () => {
    expect(resolveRedis(exampleFlow('user-activity'), 'main').topology).toEqual({ streams: [], groups: [] });
  });

  it('reaches the audit from both channels', () => {
    const { nodes } = exampleFlow('user-activity');
    const matches = compileGlob(nodes['user-all']?.name ?? '');
    const channels = Object.values(nodes).filter(({ type }) => type === 'redis.channel');
    expect(channels.map(({ name }) => [name, matches(name)])).toEqual([
      ['user-activity', true],
      ['user-sign-ins', true],
    ]);
  });
});

describe('the order stream', () => {
  const flow = exampleFlow('order-stream');

  it('is one stream, read by two groups from its beginning, and one for dead letters', () => {
    expect(resolveRedis(flow, 'main').topology).toEqual({
      streams: ['orders', '{orders}:dead'],
      groups: [
        { stream: 'orders', group: 'billing', start: '0' },
        { stream: 'orders', group: 'shipping', start: '0' },
      ],
    });
    expect(deadStreamOf(flow, 'billing')).toBe('{orders}:dead');
  });

  it('tries billing three times, a second and two apart', () => {
    const policy = retryPolicyOf(flow.links['billing-consume-bill-customer']?.settings ?? {});
    expect(policy && retryDelays(policy)).toEqual([1000, 2000]);
  });
});
