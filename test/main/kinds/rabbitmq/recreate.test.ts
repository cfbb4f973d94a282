import { setNodeSetting } from '@shared/flow/commands';
import { topologyKey } from '@shared/kinds/rabbitmq/resolve';
import { connect } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { brief, useDeploying } from './deploying';
import { draw, ORDERS } from './flows';

interface ApiBinding {
  source: string;
  destination: string;
  routing_key: string;
  arguments: Record<string, unknown>;
}

describe('recreating and deleting', () => {
  const on = useDeploying('recreate');
  const { plan, apply, deploy, empty, fill } = on;
  const bindings = async () =>
    ((await on.vhost.management('GET', `/api/bindings/${on.vhost.encoded}`)) as ApiBinding[])
      .filter(({ source }) => source !== '')
      .map(({ source, destination, routing_key: key }) => `${source} → ${destination}, ${key}`)
      .sort();
  const queueNames = async () =>
    ((await on.vhost.management('GET', `/api/queues/${on.vhost.encoded}`)) as { name: string }[]).map(
      ({ name }) => name,
    );

  it('what differs is found before anything changes, and recreated with its bindings and what is at stake', async () => {
    await empty();
    const flow = draw(ORDERS);
    await deploy(flow);
    await fill('email');
    await on.vhost.management('POST', `/api/bindings/${on.vhost.encoded}/e/amq.topic/q/email`, {
      routing_key: 'foreign',
    });
    const before = await bindings();
    const changed = setNodeSetting(flow, 'email', ['arguments', 'x-max-length'], 5);
    const { steps } = await plan(changed);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatchObject({
      action: 'recreate',
      canLoseMessages: true,
      atStake: { messages: 1, unacked: 0, consumers: 0 },
      changes: [{ field: 'arguments.x-max-length', from: 100, to: 5 }],
    });
    expect(await apply(steps)).toMatchObject([{ outcome: 'done' }]);
    expect((await plan(changed)).steps).toEqual([]);
    expect(await bindings()).toEqual(before);
  });

  it('a recreate that the broker will refuse is refused while the messages are still there', async () => {
    await empty();
    const flow = draw(ORDERS);
    await deploy(flow);
    await fill('email', 3);
    const before = await bindings();
    const changed = setNodeSetting(flow, 'email', ['arguments', 'x-max-length'], -1);
    const { steps } = await plan(changed);
    expect(await apply(steps)).toMatchObject([
      {
        outcome: 'failed',
        error: {
          message: `invalid arg 'x-max-length' for queue 'email' in vhost '${on.vhost.vhost}': {value_negative,-1}`,
        },
      },
    ]);
    expect(
      (await plan(setNodeSetting(flow, 'email', ['arguments', 'x-max-length'], 5))).steps[0]?.atStake?.messages,
    ).toBe(3);
    expect(await bindings()).toEqual(before);
    expect(await queueNames()).toHaveLength(3);
  });

  it('an exchange is not deleted for a type the broker does not have, although that closes the connection', async () => {
    await empty();
    const flow = draw(ORDERS);
    await deploy(flow);
    const before = await bindings();
    const changed = setNodeSetting(flow, 'orders', ['exchangeType'], 'x-unheard-of');
    const { steps } = await plan(changed);
    expect(steps[0]?.notes.join()).toContain('no exchange type “x-unheard-of”');
    expect(await apply(steps)).toMatchObject([
      { outcome: 'failed', error: { message: "unknown exchange type 'x-unheard-of'" } },
    ]);
    expect(await bindings()).toEqual(before);
  });

  it('exchanges bound to each other are recreated with all their bindings', async () => {
    await empty();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const drawing = {
      exchanges: Object.fromEntries(names.map((name) => [name, { exchangeType: 'topic' }])),
      queues: { q: {} },
      bindings: names.flatMap((from) => names.map((to): [string, string, string] => [from, to, 'k'])),
    };
    let flow = draw(drawing);
    await deploy(flow);
    const before = await bindings();
    expect(before).toHaveLength(25);
    for (const name of names) flow = setNodeSetting(flow, name, ['exchangeType'], 'direct');
    const outcomes = await deploy(flow);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(names.map(() => 'done'));
    expect(await bindings()).toEqual(before);
  });

  it('an auto-delete exchange survives the recreating of the only queue bound to it', async () => {
    await empty();
    const drawing = {
      exchanges: { fleeting: { exchangeType: 'topic', autoDelete: true } },
      queues: { only: {} },
      bindings: [['fleeting', 'only', 'k']] as [string, string, string][],
    };
    const flow = draw(drawing);
    await deploy(flow);
    const changed = setNodeSetting(flow, 'only', ['arguments', 'x-max-length'], 5);
    expect(await deploy(changed)).toMatchObject([{ outcome: 'done' }]);
    expect((await plan(changed)).steps).toEqual([]);
    expect(await bindings()).toEqual(['fleeting → only, k']);
  });

  it('bindings by headers keep meaning the same when their queue is recreated, and can be deleted', async () => {
    await empty();
    const flow = draw({
      exchanges: { h: { exchangeType: 'headers' } },
      queues: { q: {} },
      bindings: [['h', 'q', '', { level: { $type: 'byte', value: 5 }, there: null, 'x-match': 'all' }]],
    });
    await deploy(flow);
    const changed = setNodeSetting(flow, 'q', ['arguments', 'x-max-length'], 5);
    await deploy(changed);
    const connection = await connect(on.vhost.url);
    const channel = await connection.createConfirmChannel();
    channel.publish('h', '', Buffer.from('yes'), { headers: { level: 5, there: 'whatever' } });
    channel.publish('h', '', Buffer.from('no'), { headers: { level: 5 } });
    await channel.waitForConfirms();
    expect((await channel.checkQueue('q')).messageCount).toBe(1);
    await connection.close();
    const without = draw({
      exchanges: { h: { exchangeType: 'headers' } },
      queues: { q: { arguments: { 'x-max-length': 5 } } },
    });
    const name = (await plan(flow)).steps.map((step) => step.name);
    expect(name).toEqual(['q']);
    const owned = ['h → q,  {"level":5,"there":"undefined","x-match":"all"}'].map((binding) =>
      topologyKey('binding', on.vhost.vhost, binding),
    );
    const pruned = await plan(without, { owned, prune: true });
    expect(brief(pruned.steps)).toEqual([`delete binding ${owned[0]?.split('\u0000')[2]}`]);
    expect(await apply(pruned.steps)).toMatchObject([{ outcome: 'done' }]);
    expect(await bindings()).toEqual([]);
  });

  it.each(['classic', 'quorum'])(
    'a %s queue that was empty in the plan and is not any more is not deleted',
    async (type) => {
      await empty();
      await deploy(draw({ queues: { fresh: { arguments: { 'x-queue-type': type } } } }));
      const { steps } = await plan(draw({}), { owned: [topologyKey('queue', on.vhost.vhost, 'fresh')], prune: true });
      expect(steps[0]?.canLoseMessages).toBe(false);
      await fill('fresh');
      expect(await apply(steps)).toMatchObject([{ outcome: 'skipped', error: { code: 'deploy/would-lose-messages' } }]);
      expect(await queueNames()).toEqual(['fresh']);
    },
  );

  it('deleting what is gone already is done', async () => {
    await empty();
    const flow = draw({ queues: { gone: { arguments: { 'x-queue-type': 'quorum' } } } });
    await deploy(flow);
    const { steps } = await plan(draw({}), { owned: [topologyKey('queue', on.vhost.vhost, 'gone')], prune: true });
    await empty();
    expect(await apply(steps)).toMatchObject([{ outcome: 'done' }]);
  });

  it('a vhost is kept while a queue is left in it', async () => {
    await empty();
    const name = `${on.vhost.vhost}-kept`;
    const flow = draw({ queues: { far: { vhost: name } } });
    const { steps } = await plan(flow);
    await apply(steps);
    const owned = steps.map((step) => topologyKey(step.objectType, step.vhost, step.name));
    const destroyed = await plan(flow, { owned, destroy: true });
    expect(brief(destroyed.steps)).toEqual(['delete queue far', `delete vhost ${name}`]);
    expect(await apply(destroyed.steps.slice(1))).toMatchObject([
      { outcome: 'failed', error: { code: 'deploy/vhost-in-use' } },
    ]);
    expect((await apply(destroyed.steps)).map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  });
});
