import type { Outcome } from '@shared/deploy/plan';
import { removeItems, renameNode } from '@shared/flow/commands';
import type { Flow, Json } from '@shared/flow/schema';
import { topologyKey } from '@shared/kinds/rabbitmq/resolve';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRabbit } from '../../../support/rabbitmq';
import { brief, useDeploying } from './deploying';
import { draw, drawingArbitrary, ORDERS, rekey } from './flows';

describe('plan and apply', () => {
  const on = useDeploying('deploy');
  const { plan, apply, deploy, empty } = on;

  it('an empty broker gets everything that is drawn, in the order of dependence; a second plan is empty', async () => {
    await empty();
    const flow = draw(ORDERS);
    const first = await plan(flow);
    expect(brief(first.steps)).toEqual([
      'create exchange orders',
      'create exchange dead',
      'create queue email',
      'create queue billing',
      'create queue graveyard',
      'create binding orders → email, order.*',
      'create binding orders → billing, order.created',
      'create binding dead → graveyard, ',
    ]);
    expect((await apply(first.steps)).every(({ outcome }) => outcome === 'done')).toBe(true);
    const second = await plan(flow);
    expect(second.steps).toEqual([]);
    expect(second.brokerPlan).toMatchObject({ unchanged: 8, cannotSee: [], warnings: [] });
  });

  it('whatever is drawn, planning after applying finds nothing', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(drawingArbitrary, async (drawing) => {
        await empty();
        const flow = draw(drawing);
        const outcomes = await deploy(flow);
        expect(outcomes.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
        expect(brief((await plan(flow)).steps)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('any one field changed on the broker is found, and nothing else', async () => {
    await empty();
    const flow = draw(ORDERS);
    await deploy(flow);
    const change = async (path: string, body: unknown) => {
      await on.vhost.management('DELETE', path);
      await on.vhost.management('PUT', path, body);
    };
    const queue = `/api/queues/${on.vhost.encoded}/graveyard`;
    for (const [body, field] of [
      [{ durable: false, arguments: {} }, 'durable'],
      [{ durable: true, auto_delete: true, arguments: {} }, 'autoDelete'],
      [{ durable: true, arguments: { 'x-message-ttl': 5 } }, 'arguments.x-message-ttl'],
      [{ durable: true, arguments: { 'x-dead-letter-exchange': 'dead' } }, 'arguments.x-dead-letter-exchange'],
      [{ durable: true, arguments: { 'x-queue-type': 'quorum' } }, 'arguments.x-queue-type'],
    ] as const) {
      await change(queue, body);
      const { steps } = await plan(flow);
      expect(brief(steps)).toEqual(['recreate queue graveyard', 'create binding dead → graveyard, ']);
      expect(steps[0]?.changes?.map((one) => one.field)).toEqual([field]);
    }
    await change(queue, { durable: true, arguments: {} });
    expect(brief((await plan(flow)).steps)).toEqual(['create binding dead → graveyard, ']);
  });

  it('one bad object stops no other, and each failure is told in the broker’s words', async () => {
    await empty();
    const queues = Object.fromEntries(
      Array.from({ length: 60 }, (_, n): [string, Record<string, Json>] => [
        `q${n}`,
        { arguments: n % 20 === 7 ? { 'x-max-length': -1 } : {} },
      ]),
    );
    const flow = draw({
      exchanges: { good: {}, 'amq.mine': {}, strange: { exchangeType: 'x-unheard-of' } },
      queues,
      bindings: [
        ['good', 'q1', 'a'],
        ['good', 'q7', 'a'],
        ['strange', 'q1', 'a'],
      ],
    });
    const { steps } = await plan(flow);
    const outcomes = await apply(steps);
    const byName = new Map(steps.map((step) => [step.id, step.name]));
    const of = (state: Outcome['outcome']) =>
      outcomes
        .filter(({ outcome }) => outcome === state)
        .map((outcome) => [byName.get(outcome.stepId), outcome.error?.message] as const);
    expect(outcomes).toHaveLength(steps.length);
    expect(new Map(of('failed'))).toEqual(
      new Map([
        ['strange', "unknown exchange type 'x-unheard-of'"],
        ...['q7', 'q27', 'q47'].map(
          (name) =>
            [
              name,
              `invalid arg 'x-max-length' for queue '${name}' in vhost '${on.vhost.vhost}': {value_negative,-1}`,
            ] as const,
        ),
      ]),
    );
    expect(new Map(of('skipped'))).toEqual(
      new Map([
        ['good → q7, a', 'The queue “q7” could not be made.'],
        ['strange → q1, a', 'The exchange “strange” could not be made.'],
      ]),
    );
    expect(of('done')).toHaveLength(1 + 57 + 1);
  });

  it('deletes only what is owned and no longer drawn, names messages at stake, and leaves the rest', async () => {
    await empty();
    const flow = draw(ORDERS);
    const { steps } = await plan(flow);
    await apply(steps);
    await on.vhost.management('PUT', `/api/queues/${on.vhost.encoded}/foreign`, { durable: true });
    const owned = steps.map(({ objectType, vhost: at, name }) => topologyKey(objectType, at, name));
    const less = removeItems(flow, { nodes: ['email'] });
    expect((await plan(less, { owned })).steps).toEqual([]);
    const pruned = await plan(less, { owned, prune: true });
    expect(brief(pruned.steps)).toEqual(['delete binding orders → email, order.*', 'delete queue email']);
    await apply(pruned.steps);
    const destroyed = await plan(less, { owned, destroy: true });
    expect(brief(destroyed.steps)).not.toContain('delete queue foreign');
    await apply(destroyed.steps);
    const left = (await on.vhost.management('GET', `/api/queues/${on.vhost.encoded}`)) as { name: string }[];
    expect(left.map(({ name }) => name)).toEqual(['foreign']);
  });

  it('a changed key is another binding; a renamed queue is a new one, and the plan says what stays behind', async () => {
    await empty();
    const flow = draw(ORDERS);
    await deploy(flow);
    const linkId = Object.entries(flow.links).find(([, link]) => link.type === 'binding')?.[0] ?? '';
    expect(brief((await plan(rekey(flow, linkId, 'order.#'))).steps)).toEqual([
      'create binding orders → email, order.#',
    ]);
    const { steps } = await plan(renameNode(flow, 'email', 'mail'));
    expect(brief(steps)).toEqual(['create queue mail', 'create binding orders → mail, order.*']);
    expect(steps[0]?.notes.join()).toContain('“email”');
  });

  it('referenced objects are never made or changed, but missing and different ones are told', async () => {
    await empty();
    await on.vhost.management('PUT', `/api/queues/${on.vhost.encoded}/theirs`, { durable: false });
    const flow = draw({ queues: { theirs: {}, missing: {} } });
    const referenced: Flow = {
      ...flow,
      nodes: Object.fromEntries(
        Object.entries(flow.nodes).map(([id, node]) => [id, { ...node, ownership: 'referenced' as const }]),
      ),
    };
    const { steps, brokerPlan } = await plan(referenced);
    expect(steps).toEqual([]);
    expect(brokerPlan.warnings).toHaveLength(2);
  });

  it.skipIf(!hasRabbit)('policies change in place, and the plan names what they newly apply to', async () => {
    await empty();
    const flow = draw({ queues: { 'tmp.a': {}, other: {} } });
    const withPolicy = (pattern: string): Flow => ({
      ...flow,
      brokers: {
        main: {
          ...flow.brokers.main!,
          settings: {
            policies: {
              p: { name: 'ttl', pattern, applyTo: 'queues', priority: 1, definition: { 'message-ttl': 1000 } },
            },
          },
        },
      },
    });
    await deploy(withPolicy('^tmp'));
    expect((await plan(withPolicy('^tmp'))).steps).toEqual([]);
    const { steps } = await plan(withPolicy('.*'));
    expect(steps).toMatchObject([
      { action: 'change', objectType: 'policy', changes: [{ field: 'pattern', from: '^tmp', to: '.*' }] },
    ]);
    expect(steps[0]?.notes.join()).toContain('queue other');
    await on.vhost.management('DELETE', `/api/policies/${on.vhost.encoded}/ttl`);
  });

  it('a vhost that drawn objects need is made, and opened to the user', async () => {
    const name = `${on.vhost.vhost}-more`;
    const flow = draw({ queues: { far: { vhost: name } } });
    expect((await deploy(flow)).map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect((await plan(flow)).steps).toEqual([]);
    await on.vhost.management('DELETE', `/api/vhosts/${encodeURIComponent(name)}`);
  });
});
