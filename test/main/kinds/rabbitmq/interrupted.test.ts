import { rabbitmqDriver } from '@main/kinds/rabbitmq';
import type { Outcome } from '@shared/deploy/plan';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRabbitHome, type PrivateRabbit, startPrivateRabbit } from '../../../support/private-rabbitmq';
import { hasRabbit } from '../../../support/rabbitmq';
import { startCutProxy } from './cut-proxy';
import { useDeploying } from './deploying';
import { draw } from './flows';

const names = (count: number) => Array.from({ length: count }, (_, n) => `q${n}`);
const manyQueues = (count: number) =>
  draw({
    exchanges: { x: {} },
    queues: Object.fromEntries(names(count).map((name) => [name, {}])),
    bindings: names(count).map((name): [string, string, string] => ['x', name, name]),
  });

describe.skipIf(!hasRabbit)('a deploy that is interrupted', () => {
  const on = useDeploying('interrupted');

  it('a cancelled deploy tells every step, and deploying again repairs it', async () => {
    await on.empty();
    const flow = manyQueues(200);
    const { steps } = await on.plan(flow);
    const controller = new AbortController();
    const outcomes: Outcome[] = [];
    await rabbitmqDriver.apply(on.target, {
      steps,
      signal: controller.signal,
      onOutcome: (outcome) => outcomes.push(outcome) === 20 && controller.abort(),
    });
    expect(new Set(outcomes.map(({ stepId }) => stepId)).size).toBe(401);
    expect(outcomes).toHaveLength(401);
    expect(outcomes.some(({ outcome }) => outcome === 'skipped')).toBe(true);
    expect((await on.deploy(flow)).every(({ outcome }) => outcome === 'done')).toBe(true);
    expect((await on.plan(flow)).steps).toEqual([]);
  });

  it('a connection that breaks is opened again, and every step is done once', async () => {
    await on.empty();
    const { hostname, port } = new URL(on.vhost.url);
    const proxy = await startCutProxy({ host: hostname, port: Number(port || 5672) });
    const url = new URL(on.vhost.url);
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const flow = manyQueues(300);
    const { steps } = await on.plan(flow);
    const outcomes: Outcome[] = [];
    await rabbitmqDriver.apply(
      { ...on.target, url: url.href },
      { steps, onOutcome: (outcome) => [30, 400].includes(outcomes.push(outcome)) && proxy.cut() },
    );
    await proxy.close();
    expect(outcomes).toHaveLength(601);
    expect(new Set(outcomes.map(({ stepId }) => stepId)).size).toBe(601);
    expect(outcomes.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    expect((await on.plan(flow)).steps).toEqual([]);
  });
});

describe.skipIf(!findRabbitHome())('a broker that dies in the middle of a deploy', () => {
  let broker: PrivateRabbit;
  beforeAll(async () => {
    broker = await startPrivateRabbit();
  });
  afterAll(() => broker?.stop());

  it('every step is told, none twice, and deploying again after its return repairs it', async () => {
    const flow = manyQueues(300);
    const target = { broker: 'main', url: broker.url, managementUrl: broker.managementUrl };
    const look = () => rabbitmqDriver.plan(target, { flow, owned: new Set(), prune: false });
    const { steps } = await look();
    const outcomes: Outcome[] = [];
    let dying: Promise<void> | undefined;
    await rabbitmqDriver.apply(target, {
      steps,
      onOutcome: (outcome) => {
        if (outcomes.push(outcome) === 50) dying = broker.kill();
      },
    });
    await dying;
    expect(outcomes).toHaveLength(601);
    expect(new Set(outcomes.map(({ stepId }) => stepId)).size).toBe(601);
    const failed = outcomes.filter(({ outcome }) => outcome === 'failed');
    expect(failed.length).toBeGreaterThan(0);
    // Killed while a connection was being opened, the broker closes it; afterwards nobody answers.
    const codes = new Set(failed.map(({ error }) => error?.code));
    codes.delete('connect/failed');
    expect(codes).toEqual(new Set(['connect/refused']));
    await expect(look()).rejects.toMatchObject({ code: 'connect/refused' });
    await broker.restart();
    const again = await look();
    await rabbitmqDriver.apply(target, {
      steps: again.steps,
      onOutcome: ({ outcome }) => expect(outcome).toBe('done'),
    });
    expect((await look()).steps).toEqual([]);
  });
});
