import type { ConnectionTarget } from '@main/kinds/driver';
import { rabbitmqDriver } from '@main/kinds/rabbitmq';
import { type Sandbox, startSandbox } from '@main/sandbox/rabbitmq/sandbox';
import { canonicalJson } from '@shared/canonical';
import type { Outcome } from '@shared/deploy/plan';
import type { Flow } from '@shared/flow/schema';
import { resolveTopology } from '@shared/kinds/rabbitmq/resolve';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brief } from './deploying';
import { draw } from './flows';

const flow = draw({
  exchanges: {
    orders: { exchangeType: 'topic' },
    by_region: { exchangeType: 'headers', durable: false },
    dead: { exchangeType: 'fanout' },
    unrouted: { exchangeType: 'fanout', internal: true },
  },
  queues: {
    email: { arguments: { 'x-max-length': 100, 'x-overflow': 'reject-publish' } },
    billing: { arguments: { 'x-queue-type': 'quorum' } },
    'north & south': { durable: false, arguments: { 'x-message-ttl': 60_000 } },
    graveyard: {},
  },
  bindings: [
    ['orders', 'email', 'order.*'],
    ['orders', 'billing', 'order.created'],
    ['orders', 'by_region', '#'],
    ['by_region', 'north & south', '', { 'x-match': 'any', north: true, south: 1 }],
    ['dead', 'graveyard'],
    ['unrouted', 'graveyard'],
  ],
  deadLetters: [['billing', 'dead']],
  alternates: [['orders', 'unrouted']],
});
const [broker = ''] = Object.keys(flow.brokers);

/** What a flow says is in the broker, in an order of its own. */
function topology(drawn: Flow): Record<string, string[]> {
  const { exchanges, queues, bindings } = resolveTopology(drawn, broker, { defaultVhost: '/' }).topology;
  const sorted = (objects: object[]) => objects.map(canonicalJson).sort();
  return { exchanges: sorted(exchanges), queues: sorted(queues), bindings: sorted(bindings) };
}

describe('Tapline’s RabbitMQ driver on a sandbox, by its management URL', () => {
  let sandbox: Sandbox;
  let target: ConnectionTarget;
  beforeAll(async () => {
    sandbox = await startSandbox({ user: 'u', password: 'p', clusterName: 'teaching' });
    target = {
      broker,
      url: `amqp://u:p@127.0.0.1:${sandbox.amqpPort}`,
      managementUrl: `http://127.0.0.1:${sandbox.managementPort}`,
    };
  });
  afterAll(() => sandbox.close());

  const plan = (drawn: Flow, destroy = false) =>
    rabbitmqDriver.plan(target, { flow: drawn, owned: new Set(), prune: false, destroy });
  async function apply(drawn: Flow): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const { steps } = await plan(drawn);
    await rabbitmqDriver.apply(target, { steps, onOutcome: (outcome) => outcomes.push(outcome) });
    return outcomes;
  }

  it('has facts', async () => {
    expect(await rabbitmqDriver.facts(target)).toMatchObject({ version: '3.10.8', clusterName: 'teaching' });
  });

  it('plans, deploys, then has nothing to do; what it imports is what was drawn', async () => {
    expect((await apply(flow)).filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    const { steps, brokerPlan } = await plan(flow);
    expect(brief(steps)).toEqual([]);
    expect(brokerPlan).toMatchObject({ cannotSee: [], warnings: [] });

    const imported = (await rabbitmqDriver.importLive(target, { vhosts: 'all' }))();
    expect(imported.notices).toEqual([]);
    expect(topology(imported.flow)).toEqual(topology(flow));
  });

  it('sees what was changed behind its back', async () => {
    const response = await fetch(`${target.managementUrl}/api/queues/%2F/email`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${Buffer.from('u:p').toString('base64')}` },
    });
    expect(response.status).toBe(204);
    expect(brief((await plan(flow)).steps)).toEqual(['create queue email', 'create binding orders → email, order.*']);
  });
});
