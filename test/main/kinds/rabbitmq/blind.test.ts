import { setNodeSetting } from '@shared/flow/commands';
import type { Flow } from '@shared/flow/schema';
import { topologyKey } from '@shared/kinds/rabbitmq/resolve';
import { describe, expect, it } from 'vitest';
import { hasRabbit } from '../../../support/rabbitmq';
import { brief, useDeploying } from './deploying';
import { draw, ORDERS } from './flows';

describe.skipIf(!hasRabbit)('planning without the management API', () => {
  const on = useDeploying('blind');
  const { plan, apply, deploy, empty } = on;
  const look = (flow: Flow, extra = {}) => plan(flow, { ...extra, target: on.blind });

  it('claims nothing it cannot see, and still finds missing and different objects', async () => {
    await empty();
    const flow = draw(ORDERS);
    await deploy(flow);
    await on.vhost.management('DELETE', `/api/queues/${on.vhost.encoded}/billing`);
    const changed = setNodeSetting(flow, 'email', ['arguments', 'x-max-length'], 5);
    const { steps, brokerPlan } = await look(changed);
    expect(brokerPlan.cannotSee).not.toEqual([]);
    expect(brief(steps).slice(0, 2)).toEqual(['recreate queue email', 'create queue billing']);
    expect(steps[0]?.reason).toContain("inequivalent arg 'x-max-length'");
    expect(steps.filter(({ objectType }) => objectType === 'binding')).toHaveLength(3);
    const outcomes = await apply(steps.slice(1), on.blind);
    expect(outcomes.every(({ outcome }) => outcome === 'done')).toBe(true);
  });

  it('makes nothing by looking', async () => {
    await empty();
    await look(draw(ORDERS));
    expect(await on.vhost.management('GET', `/api/queues/${on.vhost.encoded}`)).toEqual([]);
  });

  it('looks into every vhost that is drawn, and names the one it cannot enter', async () => {
    await empty();
    const name = `${on.vhost.vhost}-side`;
    const flow = draw({ queues: { here: {}, there: { vhost: name } } });
    expect((await look(flow)).brokerPlan.cannotSee.join()).toContain(name);
    await deploy(flow);
    expect((await look(flow)).steps).toEqual([]);
    await on.vhost.management('DELETE', `/api/queues/${encodeURIComponent(name)}/there`);
    expect(brief((await look(flow)).steps)).toEqual(['create queue there']);
    await on.vhost.management('DELETE', `/api/vhosts/${encodeURIComponent(name)}`);
  });

  it('an exchange drawn with a type the broker does not have stops no other question', async () => {
    await empty();
    const flow = draw({ exchanges: { a: {}, b: {}, c: {} }, queues: { q: {} } });
    await deploy(flow);
    const { steps } = await look(setNodeSetting(flow, 'b', ['exchangeType'], 'x-unheard-of'));
    expect(brief(steps)).toEqual(['recreate exchange b']);
    expect(steps[0]?.reason).toContain("unknown exchange type 'x-unheard-of'");
  });

  it('owned objects that are no longer drawn are found by name and deleted', async () => {
    await empty();
    const flow = draw({ exchanges: { x: {} }, queues: { q: {} } });
    await deploy(flow);
    const owned = ['exchange\u0000x', 'queue\u0000q', 'queue\u0000never'].map((key) => {
      const [type = '', name = ''] = key.split('\u0000');
      return topologyKey(type, on.vhost.vhost, name);
    });
    const { steps } = await look(draw({}), { owned, prune: true });
    expect(brief(steps)).toEqual(['delete queue q', 'delete exchange x']);
    expect((await apply(steps, on.blind)).map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  });

  it('what only the management API can do is skipped and says so; the rest is done', async () => {
    await empty();
    const flow = draw({ queues: { q: {} } });
    const withPolicy: Flow = {
      ...flow,
      brokers: {
        main: {
          kind: 'rabbitmq',
          name: 'RabbitMQ',
          settings: { policies: { p: { name: 'ttl', pattern: '.*', definition: { 'message-ttl': 1000 } } } },
        },
      },
    };
    const { steps } = await look(withPolicy);
    expect(brief(steps)).toEqual(['create policy ttl', 'create queue q']);
    expect(await apply(steps, on.blind)).toMatchObject([
      { outcome: 'skipped', error: { code: 'deploy/needs-management' } },
      { outcome: 'done' },
    ]);
  });

  it('an exclusive queue of somebody else is there, and different', async () => {
    await empty();
    const { connect } = await import('amqplib');
    const connection = await connect(on.vhost.url);
    const channel = await connection.createChannel();
    await channel.assertQueue('theirs', { exclusive: true });
    const { steps } = await look(draw({ queues: { theirs: {} } }));
    expect(brief(steps)).toEqual(['recreate queue theirs']);
    await connection.close();
  });
});
