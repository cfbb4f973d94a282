import type { ConnectionTarget } from '@main/kinds/driver';
import { rabbitmqDriver } from '@main/kinds/rabbitmq';
import type { Outcome } from '@shared/deploy/plan';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { describe, expect, it } from 'vitest';
import { createVhost, hasRabbit } from '../support/rabbitmq';

const EXCHANGES = 100;
const QUEUES = 1000;
const BINDINGS_PER_QUEUE = 2;
const ROUNDS = 5;
/** Applying may take this share of the time of the broker's own import of the same file. */
const GOAL = 0.7;

const exchangeName = (index: number) => `exchange-${index % EXCHANGES}`;
const queueName = (index: number) => `queue-${index}`;
const keysOf = (index: number) => Array.from({ length: BINDINGS_PER_QUEUE }, (_, n) => `orders.${index}.${n}.*`);

function drawFlow(): Flow {
  const flow = emptyFlow('Bench');
  for (let index = 0; index < EXCHANGES; index++)
    flow.nodes[`x${index}`] = {
      type: 'rabbitmq.exchange',
      name: exchangeName(index),
      broker: 'main',
      settings: { exchangeType: 'topic' },
    };
  for (let index = 0; index < QUEUES; index++) {
    flow.nodes[`q${index}`] = { type: 'rabbitmq.queue', name: queueName(index), broker: 'main', settings: {} };
    flow.links[`b${index}`] = {
      type: 'binding',
      from: { node: `x${index % EXCHANGES}` },
      to: { node: `q${index}` },
      settings: { rows: keysOf(index).map((routingKey) => ({ routingKey, arguments: {} })) },
    };
  }
  return flow;
}

function writeDefinitions() {
  const indexes = (count: number) => Array.from({ length: count }, (_, index) => index);
  return {
    exchanges: indexes(EXCHANGES).map((index) => ({
      name: exchangeName(index),
      type: 'topic',
      durable: true,
      auto_delete: false,
      internal: false,
      arguments: {},
    })),
    queues: indexes(QUEUES).map((index) => ({
      name: queueName(index),
      durable: true,
      auto_delete: false,
      arguments: {},
    })),
    bindings: indexes(QUEUES).flatMap((index) =>
      keysOf(index).map((key) => ({
        source: exchangeName(index),
        destination: queueName(index),
        destination_type: 'queue',
        routing_key: key,
        arguments: {},
      })),
    ),
  };
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const startedAt = performance.now();
  const value = await work();
  return { ms: performance.now() - startedAt, value };
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

describe.skipIf(!hasRabbit)('deploying 100 exchanges, 1,000 queues and 2,000 bindings', () => {
  it(`takes at most ${GOAL} of the time of POST /api/definitions`, async () => {
    const flow = drawFlow();
    const definitions = writeDefinitions();
    const rounds: Record<'plan' | 'apply' | 'verify' | 'again' | 'definitions', number[]> = {
      plan: [],
      apply: [],
      verify: [],
      again: [],
      definitions: [],
    };

    const importDefinitions = async () => {
      const vhost = await createVhost('bench-import');
      const { ms } = await timed(() => vhost.management('POST', `/api/definitions/${vhost.encoded}`, definitions));
      rounds.definitions.push(ms);
      await vhost.remove();
    };
    const deploy = async () => {
      const vhost = await createVhost('bench-deploy');
      const target: ConnectionTarget = { broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl };
      const plan = () => rabbitmqDriver.plan(target, { flow, owned: new Set(), prune: false });
      const outcomes: Outcome[] = [];
      const planned = await timed(plan);
      const apply = () =>
        rabbitmqDriver.apply(target, { steps: planned.value.steps, onOutcome: (outcome) => outcomes.push(outcome) });
      const applied = await timed(apply);
      const verified = await timed(plan);
      expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(planned.value.steps.length);
      expect(verified.value.steps).toEqual([]);
      const again = await timed(apply);
      rounds.plan.push(planned.ms);
      rounds.apply.push(applied.ms);
      rounds.verify.push(verified.ms);
      rounds.again.push(again.ms);
      await vhost.remove();
    };

    for (let round = 0; round < ROUNDS; round++) {
      for (const work of round % 2 === 0 ? [deploy, importDefinitions] : [importDefinitions, deploy]) await work();
    }

    const base = median(rounds.definitions);
    const ratio = (name: keyof typeof rounds) => (median(rounds[name]) / base).toFixed(2);
    const ratios = rounds.apply.map((ms, round) => ms / (rounds.definitions[round] ?? Number.NaN));
    console.log(
      [
        `deploy: ${EXCHANGES} exchanges, ${QUEUES} queues, ${QUEUES * BINDINGS_PER_QUEUE} bindings; median of ${ROUNDS} rounds, as a share of POST /api/definitions`,
        `  apply ${ratio('apply')} (goal ${GOAL}; rounds ${ratios.map((value) => value.toFixed(2)).join(', ')})`,
        `  plan ${ratio('plan')}, verify ${ratio('verify')}, applying the same again ${ratio('again')}`,
      ].join('\n'),
    );
    expect(median(ratios)).toBeLessThanOrEqual(GOAL);
  });
});
