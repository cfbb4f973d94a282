import { setNodeSetting } from '@shared/flow/commands';
import type { Json } from '@shared/flow/schema';
import { describe, expect, it } from 'vitest';
import { hasRabbit } from '../../../support/rabbitmq';
import { brief, useDeploying } from './deploying';
import { draw, ORDERS } from './flows';

const LONG = 'n'.repeat(256);

describe.skipIf(!hasRabbit)('what the broker refuses', () => {
  const on = useDeploying('refusals');
  const { plan, apply, deploy, empty } = on;

  it('a user without permissions is told exactly which, per object', async () => {
    await empty();
    const low = await on.user('low', '^ok');
    const flow = draw({
      exchanges: { 'ok-x': {}, 'their.x': {} },
      queues: { 'not.mine': {}, 'ok-q': {}, 'ok-dead': {} },
      bindings: [
        ['ok-x', 'not.mine', 'a'],
        ['ok-x', 'ok-q', 'a'],
      ],
      deadLetters: [
        ['ok-q', 'ok-dead'],
        ['ok-dead', 'their.x'],
      ],
    });
    const { steps } = await plan(flow, { target: low });
    const outcomes = await apply(steps, low);
    const of = (name: string) => outcomes.find(({ stepId }) => steps.find(({ id }) => id === stepId)?.name === name);
    const needs = (permission: string) =>
      `The user “${new URL(low.url).username}” needs, in the vhost “${on.vhost.vhost}”, the permission ${permission}.`;
    expect(of('ok-x')?.outcome).toBe('done');
    expect(of('not.mine')).toMatchObject({
      outcome: 'failed',
      error: { code: 'broker/403', hint: needs('configure ^(not\\.mine)$') },
    });
    expect(of('ok-q')?.error?.hint).toBe(needs('configure ^(ok-q)$ and write ^(amq\\.default)$ and read ^(ok-q)$'));
    expect(of('ok-dead')?.error?.hint).toBe(
      needs('configure ^(ok-dead)$ and write ^(their\\.x)$ and read ^(ok-dead)$'),
    );
    expect(of('ok-x → not.mine, a')).toMatchObject({
      outcome: 'skipped',
      error: { message: 'The queue “not.mine” could not be made.' },
    });
  });

  it('the hint is right: with the permissions it names the step is done', async () => {
    await empty();
    const low = await on.user('granted', '^$');
    const flow = draw({ queues: { a: {}, b: {} }, deadLetters: [['a', 'b']] });
    const user = new URL(low.url).username;
    const grant: Record<string, string[]> = { configure: ['^$'], write: ['^$'], read: ['^$'] };
    for (let round = 0; round < 2; round++) {
      for (const { error } of await apply((await plan(flow, { target: low })).steps, low))
        for (const [, kind = '', pattern = ''] of error?.hint?.matchAll(/(configure|write|read) (\S+\$)/g) ?? [])
          grant[kind]?.push(pattern);
      const permissions = Object.fromEntries(Object.entries(grant).map(([kind, list]) => [kind, list.join('|')]));
      await on.vhost.management('PUT', `/api/permissions/${on.vhost.encoded}/${user}`, permissions);
    }
    expect((await plan(flow, { target: low })).steps).toEqual([]);
  });

  it('a user with no tag but management sees all there is to see, unless parameters are drawn', async () => {
    await empty();
    const user = await on.user('viewer', '.*');
    const flow = draw(ORDERS);
    await deploy(flow);
    expect(await plan(flow, { target: user })).toMatchObject({ steps: [], brokerPlan: { cannotSee: [] } });
    const withParameter = {
      ...flow,
      brokers: {
        main: {
          kind: 'rabbitmq',
          name: 'R',
          settings: { parameters: { p: { component: 'shovel', name: 's', value: {} } } },
        },
      },
    };
    expect((await plan(withParameter, { target: user })).brokerPlan.cannotSee).toEqual([
      'The user may not read parameters through the management API.',
    ]);
  });

  it('a user without any tag plans blind and says why', async () => {
    const user = await on.user('untagged', '.*', '');
    const { brokerPlan } = await plan(draw(ORDERS), { target: user });
    expect(brokerPlan.cannotSee.join()).toContain('The user may not do this through the management API');
  });

  it('what AMQP cannot carry fails alone, with a sentence, and nothing is sent', async () => {
    await empty();
    const flow = draw({
      exchanges: { x: {}, [LONG]: {} },
      queues: {
        good: {},
        bad: { arguments: { 'x-max-length': { $type: 'int', value: '3000000000' } } },
        worse: { arguments: { [LONG]: 1 } },
      },
      bindings: [
        ['x', 'good', LONG],
        ['x', 'good', 'fine'],
      ],
    });
    const { steps } = await plan(flow);
    const outcomes = await apply(steps);
    const failed = outcomes.filter(({ outcome }) => outcome === 'failed').map(({ error }) => error?.message);
    expect(failed.map((message) => message?.replace(/n{10,}/, '…'))).toEqual([
      'The name “……” has 256 bytes; AMQP carries 255.',
      'The argument “x-max-length” cannot be sent: "3000000000" is no int.',
      'The argument “……” has 256 bytes; AMQP carries 255.',
      'The routing key “……” has 256 bytes; AMQP carries 255.',
    ]);
    expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(3);
  });

  it('steps around one that closes the connection are all done, each with its own answer', async () => {
    await empty();
    const exchanges = Object.fromEntries(
      Array.from({ length: 80 }, (_, n): [string, Record<string, Json>] => [
        `x${n}`,
        n % 20 === 9 ? { exchangeType: `x-no-${n}` } : {},
      ]),
    );
    const { steps } = await plan(draw({ exchanges }));
    const outcomes = await apply(steps);
    expect(new Set(outcomes.map(({ stepId }) => stepId)).size).toBe(80);
    expect(
      outcomes
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ error }) => error?.message)
        .sort(),
    ).toEqual([29, 49, 69, 9].map((n) => `unknown exchange type 'x-no-${n}'`));
    expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(76);
  });

  it('bindings to what is not there are announced in the plan and fail alone', async () => {
    await empty();
    const flow = draw({ exchanges: { x: {} }, queues: { q: {} }, bindings: [['x', 'q', 'a']] });
    const dangling = {
      ...flow,
      links: {
        ...flow.links,
        loose: {
          type: 'binding',
          from: { node: Object.keys(flow.nodes).find((id) => flow.nodes[id]?.name === 'x') ?? '' },
          to: { name: 'nobody', objectType: 'queue' as const },
          settings: {},
        },
      },
    };
    const { steps } = await plan(dangling);
    expect(steps.flatMap(({ notes }) => notes)).toEqual([
      'The queue “nobody” is not on the broker and not Tapline’s to make: this will fail.',
    ]);
    const outcomes = await apply(steps);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['done', 'done', 'done', 'failed']);
    expect(outcomes.find(({ outcome }) => outcome === 'failed')?.error?.message).toContain("no queue 'nobody'");
  });

  it('nothing is changed by planning what differs', async () => {
    await empty();
    const flow = draw(ORDERS);
    await deploy(flow);
    const { steps } = await plan(setNodeSetting(flow, 'orders', ['exchangeType'], 'fanout'));
    expect(brief(steps)).toEqual(['recreate exchange orders']);
    expect((await plan(flow)).steps).toEqual([]);
  });
});
