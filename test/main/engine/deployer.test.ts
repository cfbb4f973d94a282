import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuditLog } from '@main/engine/audit';
import { applyPlan, deployFlow } from '@main/engine/deployer';
import { DRIVERS } from '@main/engine/kinds';
import { acquireLease } from '@main/engine/lease';
import { createLedger } from '@main/engine/ledger';
import { type DeployContext, flowIdentity, planFlow, targetsIdentity } from '@main/engine/planner';
import { createRedactor } from '@main/engine/redact';
import type { Outcome } from '@shared/deploy/plan';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { connect } from 'amqplib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';

const root = tempFolder();
let vhost: TestVhost;
let context: DeployContext;
let count = 0;

const exchange = (name: string) => ({
  type: 'rabbitmq.exchange',
  name,
  broker: 'main',
  settings: { exchangeType: 'topic' },
});
const queue = (name: string, args: Record<string, string | number> = {}) => ({
  type: 'rabbitmq.queue',
  name,
  broker: 'main',
  settings: { arguments: args },
});
/** `orders → invoices`, as a flow of its own. */
function ordersFlow(change: Partial<Flow> = {}): Flow {
  return {
    ...emptyFlow('Orders'),
    id: `orders-${count}`,
    nodes: { orders: exchange('orders'), invoices: queue('invoices') },
    links: {
      bound: {
        type: 'binding',
        from: { node: 'orders' },
        to: { node: 'invoices' },
        settings: { rows: [{ routingKey: 'order.*', arguments: {} }] },
      },
    },
    ...change,
  };
}
const withFlow = (flow: Flow): DeployContext => ({ ...context, flow });
const withArguments = (args: Record<string, string | number>) =>
  ordersFlow({ nodes: { orders: exchange('orders'), invoices: queue('invoices', args) } });
const audit = () =>
  readFileSync(join(context.dataFolder, 'audit.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const queueNames = async () =>
  ((await vhost.management('GET', `/api/queues/${vhost.encoded}?disable_stats=true`)) as { name: string }[]).map(
    ({ name }) => name,
  );

async function publish(queueName: string, messages: number): Promise<void> {
  const connection = await connect(vhost.url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  for (let n = 0; n < messages; n++) channel.sendToQueue(queueName, Buffer.from('x'));
  await channel.waitForConfirms();
  await connection.close();
}

describe('deploying', () => {
  beforeAll(async () => {
    vhost = await createVhost('deployer');
  });
  afterAll(() => vhost.remove());
  beforeEach(async () => {
    count += 1;
    for (const name of await queueNames()) await vhost.management('DELETE', `/api/queues/${vhost.encoded}/${name}`);
    await vhost.management('DELETE', `/api/exchanges/${vhost.encoded}/orders`).catch(() => {});
    const dataFolder = join(root, String(count));
    context = {
      flow: ordersFlow(),
      targets: { main: { broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl } },
      drivers: DRIVERS,
      ledger: createLedger({ dataFolder }),
      audit: createAuditLog(dataFolder, createRedactor()),
      dataFolder,
      environment: { name: 'Test', protection: 'open' },
    };
  });

  it('makes what is drawn, verifies it, and then finds nothing left to do', async () => {
    const outcomes: Outcome[] = [];
    const first = await deployFlow(context, { onOutcome: (outcome) => outcomes.push(outcome) });
    expect(first).toMatchObject({ done: 3, failed: 0, skipped: 0, remaining: 0, status: 'in-sync' });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done']);
    expect(await deployFlow(context)).toMatchObject({ done: 0, unchanged: 3, remaining: 0, status: 'in-sync' });
  });

  it('writes every change and its outcome to the audit log, without secrets', async () => {
    await deployFlow(context);
    const entries = audit();
    expect(entries.map(({ event }) => event)).toEqual(['deploy-started', 'step', 'step', 'step', 'deploy-ended']);
    expect(entries[1]).toMatchObject({
      flow: 'Orders',
      environment: 'Test',
      broker: 'main',
      action: 'create',
      objectType: 'exchange',
      vhost: vhost.vhost,
      name: 'orders',
      outcome: 'done',
    });
    expect(JSON.stringify(entries)).not.toContain(`:${vhost.password}@`);
  });

  it('refuses what can lose messages, with the count, and does everything else', async () => {
    await deployFlow(context);
    await publish('invoices', 3);
    const changed = withArguments({ 'x-max-length': 10 });
    const outcomes: Outcome[] = [];
    const flow = { ...changed, nodes: { ...changed.nodes, more: queue('more') } };
    const refused = await deployFlow(withFlow(flow), { onOutcome: (outcome) => outcomes.push(outcome) });
    expect(refused).toMatchObject({ done: 1, skipped: 1, remaining: 1, status: 'changes' });
    expect(outcomes.find(({ outcome }) => outcome === 'skipped')?.error).toMatchObject({
      code: 'deploy/would-lose-messages',
      message: 'To recreate the queue "invoices" can lose messages: it holds 3 messages.',
    });
    expect(await vhost.management('GET', `/api/queues/${vhost.encoded}/invoices`)).toMatchObject({ arguments: {} });
    const allowed = await deployFlow(withFlow(flow), { allowDataLoss: true });
    expect(allowed).toMatchObject({ done: 1, skipped: 0, status: 'in-sync' });
  });

  it('says of an exchange to recreate what can be lost with it', async () => {
    await deployFlow(context);
    const outcomes: Outcome[] = [];
    const orders = { ...exchange('orders'), settings: { exchangeType: 'direct' } };
    const flow = { ...context.flow, nodes: { ...context.flow.nodes, orders } };
    await deployFlow(withFlow(flow), { onOutcome: (outcome) => outcomes.push(outcome) });
    expect(outcomes.find(({ outcome }) => outcome === 'skipped')?.error?.message).toBe(
      'To recreate the exchange "orders" can lose messages: what is published to it meanwhile.',
    );
  });

  it('refuses a plan when the broker changed since, and changes nothing', async () => {
    const { plan } = await planFlow(context);
    await vhost.management('PUT', `/api/queues/${vhost.encoded}/invoices`, { durable: false });
    await expect(deployFlow(context, { earlier: plan })).rejects.toMatchObject({
      code: 'deploy/changed-since-plan',
      object: 'main',
    });
    expect(await queueNames()).toEqual(['invoices']);
  });

  it('refuses a plan when the flow changed since, and takes one that still holds', async () => {
    const { plan } = await planFlow(context);
    const other = ordersFlow({ nodes: { ...ordersFlow().nodes, more: queue('more') } });
    await expect(deployFlow(withFlow(other), { earlier: plan })).rejects.toThrow(
      /^The flow "Orders" was changed since/,
    );
    expect(await queueNames()).toEqual([]);
    expect(await deployFlow(context, { earlier: plan })).toMatchObject({ done: 3 });
  });

  it('carries out chosen steps only, and says what remains', async () => {
    const planned = await planFlow(context);
    const stepIds = planned.plan.steps.filter(({ objectType }) => objectType === 'queue').map(({ id }) => id);
    expect(await applyPlan(context, planned, { stepIds })).toMatchObject({ done: 1, remaining: 2, status: 'changes' });
  });

  it('prunes what the ledger says is ours, only when told to, and never what somebody else made', async () => {
    await deployFlow(context);
    await vhost.management('PUT', `/api/queues/${vhost.encoded}/theirs`, {});
    const without = withFlow(ordersFlow({ nodes: { orders: exchange('orders') }, links: {} }));
    expect(await deployFlow(without)).toMatchObject({ done: 0, status: 'in-sync' });
    expect((await queueNames()).sort()).toEqual(['invoices', 'theirs']);
    const { plan } = await planFlow(without);
    expect(plan.brokers[0]?.leftOver.map(({ objectType, name }) => `${objectType} ${name}`).toSorted()).toEqual([
      'binding orders → invoices, order.*',
      'queue invoices',
    ]);
    expect(await deployFlow(without, { prune: true })).toMatchObject({
      done: expect.any(Number),
      failed: 0,
      status: 'in-sync',
    });
    expect(await queueNames()).toEqual(['theirs']);
  });

  it('deletes nothing without its ledger', async () => {
    await deployFlow(context);
    const forgetful: DeployContext = { ...context, ledger: createLedger({ dataFolder: join(root, `${count}-other`) }) };
    await deployFlow({ ...forgetful, flow: ordersFlow({ nodes: {}, links: {} }) }, { prune: true });
    await deployFlow(forgetful, { destroy: true });
    expect(await queueNames()).toEqual(['invoices']);
  });

  it('destroys what it made; a queue with messages only when data loss is allowed', async () => {
    await deployFlow(context);
    await publish('invoices', 2);
    expect(await deployFlow(context, { destroy: true })).toMatchObject({ skipped: 1, status: 'changes' });
    expect(await queueNames()).toEqual(['invoices']);
    expect(await deployFlow(context, { destroy: true, allowDataLoss: true })).toMatchObject({
      failed: 0,
      status: 'in-sync',
    });
    expect(await queueNames()).toEqual([]);
    expect(await context.ledger.knows(flowIdentity(context.flow))).toBe(false);
  });

  it('is repaired by deploying again after an end in the middle, and the ledger knows all of it', async () => {
    // What a SIGKILL between begin and end leaves: intentions on disk, some objects made.
    const { plan } = await planFlow(context);
    const key = {
      flow: flowIdentity(context.flow),
      address: new URL(vhost.url).host,
      clusterName: plan.brokers[0]!.clusterName,
    };
    await context.ledger.begin(key, plan.steps);
    await vhost.management('PUT', `/api/queues/${vhost.encoded}/invoices`, { durable: true });
    expect(await deployFlow(context)).toMatchObject({ done: 2, failed: 0, status: 'in-sync' });
    expect(await deployFlow(context, { destroy: true })).toMatchObject({ failed: 0, status: 'in-sync' });
    expect(await queueNames()).toEqual([]);
  });

  it('gives every step an outcome when it is cancelled, and says what remains', async () => {
    const cancel = new AbortController();
    cancel.abort();
    const outcomes: Outcome[] = [];
    const planned = await planFlow(context);
    const summary = await applyPlan(context, planned, {
      signal: cancel.signal,
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped', 'skipped']);
    expect(summary).toMatchObject({ skipped: 3, remaining: 3, status: 'changes' });
  });

  it('is done by one process at a time', async () => {
    const lease = await acquireLease({
      dataFolder: context.dataFolder,
      activity: 'deploy',
      flow: flowIdentity(context.flow),
      flowName: 'Orders',
      where: targetsIdentity(context.targets),
    });
    await expect(deployFlow(context)).rejects.toMatchObject({ code: 'lease/held' });
    await lease.release();
    expect(await deployFlow(context)).toMatchObject({ done: 3 });
  });

  it('is refused by a read-only environment, without the name typed, and in another cluster', async () => {
    const inside = (environment: Partial<DeployContext['environment']>) =>
      deployFlow({ ...context, environment: { ...context.environment, ...environment } });
    await expect(inside({ protection: 'read-only' })).rejects.toMatchObject({ code: 'environment/read-only' });
    await expect(inside({ protection: 'confirm' })).rejects.toMatchObject({ code: 'environment/not-confirmed' });
    await expect(inside({ expectedCluster: 'production' })).rejects.toMatchObject({
      code: 'environment/other-cluster',
    });
    expect(await queueNames()).toEqual([]);
    const { plan } = await planFlow(context);
    const environment = {
      name: 'Test',
      protection: 'confirm' as const,
      expectedCluster: plan.brokers[0]!.clusterName!,
    };
    expect(await deployFlow({ ...context, environment }, { confirmation: 'Test' })).toMatchObject({ done: 3 });
  });

  it('says which broker has no connection, and asks for none where nothing is drawn', async () => {
    await expect(deployFlow({ ...context, targets: {} })).rejects.toMatchObject({
      code: 'deploy/no-connection',
      object: 'main',
    });
    const flow = ordersFlow();
    flow.brokers.unused = { kind: 'rabbitmq', name: 'Unused', settings: { policies: {} } };
    expect(await deployFlow(withFlow(flow))).toMatchObject({ status: 'in-sync' });
  });

  it('names a kind that nobody can talk to', async () => {
    const flow = ordersFlow({ brokers: { main: { kind: 'pigeon', name: 'Pigeons', settings: {} } } });
    await expect(deployFlow(withFlow(flow))).rejects.toMatchObject({ code: 'kind/unknown' });
  });
});
