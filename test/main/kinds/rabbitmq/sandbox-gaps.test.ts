import type { ConnectionTarget } from '@main/kinds/driver';
import { rabbitmqDriver } from '@main/kinds/rabbitmq';
import { type Sandbox, startSandbox } from '@main/sandbox/rabbitmq/sandbox';
import type { Outcome } from '@shared/deploy/plan';
import type { Flow } from '@shared/flow/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brief } from './deploying';
import { draw } from './flows';

const drawn = draw({
  exchanges: { orders: { exchangeType: 'topic' } },
  queues: { history: { arguments: { 'x-queue-type': 'stream' } }, email: {} },
  bindings: [
    ['orders', 'history', '#'],
    ['orders', 'email', 'order.*'],
  ],
});
const [broker = ''] = Object.keys(drawn.brokers);
const flow: Flow = {
  ...drawn,
  brokers: {
    [broker]: {
      kind: 'rabbitmq',
      name: 'RabbitMQ',
      settings: {
        vhosts: { shop: { defaultQueueType: 'quorum', limits: { 'max-queues': 5 } } },
        policies: { short: { name: 'short', pattern: '^email', applyTo: 'queues', definition: { 'message-ttl': 5 } } },
        parameters: {
          s1: { component: 'shovel', name: 'copy', value: { 'src-uri': 'amqp://', 'src-queue': 'email' } },
        },
      },
    },
  },
};

describe('a flow with what the sandbox does not have', () => {
  let sandbox: Sandbox;
  let target: ConnectionTarget;
  beforeAll(async () => {
    sandbox = await startSandbox({ user: 'u', password: 'p' });
    target = {
      broker,
      url: `amqp://u:p@127.0.0.1:${sandbox.amqpPort}`,
      managementUrl: `http://127.0.0.1:${sandbox.managementPort}`,
    };
  });
  afterAll(() => sandbox.close());

  it('is deployed but for that, each object with the sentence why, and is never in sync', async () => {
    const request = { flow, owned: new Set<string>(), prune: false };
    const { steps, brokerPlan } = await rabbitmqDriver.plan(target, request);
    expect(brokerPlan.warnings).toEqual([
      'The sandbox has no default queue types and limits of virtual hosts: those of “shop” count only on a RabbitMQ.',
    ]);
    const outcomes: Outcome[] = [];
    await rabbitmqDriver.apply(target, { steps, onOutcome: (outcome) => outcomes.push(outcome) });
    const told = steps.map(({ id, objectType, name }) => {
      const { outcome, error } = outcomes.find(({ stepId }) => stepId === id) ?? {};
      return [objectType, name, outcome, ...(error ? [error.message] : [])];
    });
    expect(told).toEqual([
      ['vhost', 'shop', 'done'],
      ['exchange', 'orders', 'done'],
      ['policy', 'short', 'skipped', 'The sandbox has no policies: for “short” to apply, deploy it to a RabbitMQ.'],
      [
        'parameter',
        'shovel/copy',
        'skipped',
        'The sandbox has no shovel parameters: for “copy” to count, deploy it to a RabbitMQ.',
      ],
      ['queue', 'history', 'skipped', 'The sandbox has no streams: to use “history”, deploy it to a RabbitMQ.'],
      ['queue', 'email', 'done'],
      ['binding', 'orders → history, #', 'skipped', 'The queue “history” could not be made.'],
      ['binding', 'orders → email, order.*', 'done'],
    ]);
    const again = await rabbitmqDriver.plan(target, request);
    expect(brief(again.steps)).toEqual([
      'create policy short',
      'create parameter shovel/copy',
      'create queue history',
      'create binding orders → history, #',
    ]);
  });
});
