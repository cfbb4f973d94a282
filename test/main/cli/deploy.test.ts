import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import { connect } from 'amqplib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { draw } from '../kinds/rabbitmq/flows';
import { type CliOptions, tapline } from './tapline';

const root = tempFolder();
let vhost: TestVhost;
let folder: string;
let count = 0;

/** Writes a flow to a file of its own. */
function file(flow: Flow, name = 'orders.flow.json'): string {
  const path = join(folder, name);
  writeFileSync(path, serialiseFlow(flow));
  return path;
}

/** `orders → invoices` */
const orders = (queue: Record<string, string | number> = {}, more: string[] = []): Flow => ({
  ...draw({
    exchanges: { orders: { exchangeType: 'topic' } },
    queues: Object.fromEntries([['invoices', { arguments: queue }], ...more.map((name) => [name, {}])]),
    bindings: [['orders', 'invoices', 'order.*']],
  }),
  name: 'Orders',
  id: `orders-${count}`,
});

const variables = () => ({ TAPLINE_DATA: join(folder, 'data') });
const connected = () => ['--connect', `main=${vhost.url}`, '--management', `main=${vhost.managementUrl}`];
const run = (command: string, path: string, args: string[] = [], options: CliOptions = {}) =>
  tapline([command, path, ...connected(), ...args], { variables: variables(), ...options });
const queueNames = async () =>
  ((await vhost.management('GET', `/api/queues/${vhost.encoded}?disable_stats=true`)) as { name: string }[])
    .map(({ name }) => name)
    .sort();

async function fill(queue: string, messages: number): Promise<void> {
  const connection = await connect(vhost.url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  for (let n = 0; n < messages; n++) channel.sendToQueue(queue, Buffer.from('x'));
  await channel.waitForConfirms();
  await connection.close();
}

describe('tapline', () => {
  beforeAll(async () => {
    vhost = await createVhost('cli');
  });
  afterAll(() => vhost.remove());
  beforeEach(async () => {
    count += 1;
    folder = join(root, String(count));
    mkdirSync(folder);
    for (const name of await queueNames()) await vhost.management('DELETE', `/api/queues/${vhost.encoded}/${name}`);
    await vhost.management('DELETE', `/api/exchanges/${vhost.encoded}/orders`).catch(() => {});
  });

  it('plans with exit code 2, deploys with 0, then plans with 0 and changes nothing', async () => {
    const path = file(orders());
    const planned = await run('plan', path, ['--json']);
    expect(planned.exitCode).toBe(2);
    expect(planned.lines()).toEqual([
      expect.objectContaining({
        status: 'changes',
        steps: [
          expect.objectContaining({ action: 'create', objectType: 'exchange', vhost: vhost.vhost, name: 'orders' }),
          expect.objectContaining({ action: 'create', objectType: 'queue', name: 'invoices' }),
          expect.objectContaining({ action: 'create', objectType: 'binding', reason: expect.any(String) }),
        ],
      }),
    ]);
    expect(await queueNames()).toEqual([]);

    const deployed = await run('deploy', path, ['--yes', '--json']);
    expect(deployed.exitCode).toBe(0);
    expect(deployed.lines()).toEqual([
      expect.objectContaining({ action: 'create', objectType: 'exchange', name: 'orders', outcome: 'done' }),
      expect.objectContaining({ objectType: 'queue', name: 'invoices', outcome: 'done' }),
      expect.objectContaining({ objectType: 'binding', outcome: 'done' }),
      { summary: expect.objectContaining({ done: 3, failed: 0, status: 'in-sync' }) },
    ]);

    expect((await run('plan', path)).exitCode).toBe(0);
    const again = await run('deploy', path, ['--json']);
    expect(again.exitCode).toBe(0);
    expect(again.lines()).toEqual([{ summary: expect.objectContaining({ done: 0, unchanged: 3, status: 'in-sync' }) }]);
  });

  it('finds connections in the environment, --connect before them', async () => {
    const path = file(orders());
    const given = { ...variables(), TAPLINE_CONNECT_MAIN: vhost.url, TAPLINE_MANAGEMENT_MAIN: vhost.managementUrl };
    expect((await tapline(['plan', path], { variables: given })).exitCode).toBe(2);
    const wrong = { ...variables(), TAPLINE_CONNECT_MAIN: 'amqp://127.0.0.1:1' };
    expect((await tapline(['plan', path], { variables: wrong })).exitCode).toBe(1);
    expect((await run('plan', path, [], { variables: wrong })).exitCode).toBe(2);
    const nothing = await tapline(['plan', path], { variables: variables() });
    expect(nothing).toMatchObject({ exitCode: 1, stdout: '' });
    expect(nothing.stderr).toContain('Give --connect main=URL, or set TAPLINE_CONNECT_MAIN.');
  });

  it('changes nothing unless somebody says yes', async () => {
    const path = file(orders());
    const silent = await run('deploy', path);
    expect(silent.exitCode).toBe(1);
    expect(silent.stderr).toMatch(/^3 changes would be made to main \(.+\); nothing was changed\.\nGive --yes/);
    const refused = await run('deploy', path, [], { answer: 'n' });
    expect(refused).toMatchObject({ exitCode: 1, stderr: 'Nothing was changed.\n' });
    expect(refused.asked).toEqual([expect.stringMatching(/^Make 3 changes to main \(.+\)\? \[y\/N\] $/)]);
    expect(await queueNames()).toEqual([]);
    expect(await run('deploy', path, [], { answer: 'y' })).toMatchObject({ exitCode: 0 });
    expect(await queueNames()).toEqual(['invoices']);
  });

  it('never loses messages for --yes alone, and does what it may', async () => {
    await run('deploy', file(orders()), ['--yes']);
    await fill('invoices', 3);
    const changed = file(orders({ 'x-max-length': 10 }, ['more']));
    const refused = await run('deploy', changed, ['--yes', '--json']);
    expect(refused.exitCode).toBe(1);
    expect(refused.lines().map(({ name, outcome }) => [name, outcome])).toEqual([
      ['invoices', 'skipped'],
      ['more', 'done'],
      [undefined, undefined],
    ]);
    expect(await queueNames()).toEqual(['invoices', 'more']);
    const allowed = await run('deploy', changed, ['--yes', '--allow-data-loss']);
    expect(allowed.exitCode).toBe(0);
    expect(allowed.stdout).toContain('Verified: in sync.');
  });

  it('deploys a plan from a file only while it holds', async () => {
    const path = file(orders());
    const plan = join(folder, 'plan.json');
    expect((await run('plan', path, ['-o', plan])).exitCode).toBe(2);
    expect(JSON.parse(readFileSync(plan, 'utf8'))).toMatchObject({ flowName: 'Orders', steps: [{}, {}, {}] });
    await vhost.management('PUT', `/api/queues/${vhost.encoded}/invoices`, { durable: true });
    const late = await run('deploy', path, ['--plan', plan, '--yes']);
    expect(late.exitCode).toBe(1);
    expect(late.stderr).toMatch(/^The broker "main" was changed since the plan was made\.\nPlan again/);
    await run('plan', path, ['-o', plan]);
    expect(await run('deploy', path, ['--plan', plan, '--yes'])).toMatchObject({ stderr: '', exitCode: 0 });
  });

  it('prunes only when told, and only what it made', async () => {
    await run('deploy', file(orders({}, ['more'])), ['--yes']);
    await vhost.management('PUT', `/api/queues/${vhost.encoded}/theirs`, {});
    const without = file(orders());
    expect((await run('deploy', without, ['--yes'])).exitCode).toBe(0);
    expect(await queueNames()).toEqual(['invoices', 'more', 'theirs']);
    const plan = join(folder, 'plan.json');
    expect((await run('plan', without, ['--prune', '-o', plan])).exitCode).toBe(2);
    expect((await run('deploy', without, ['--plan', plan, '--yes'])).stderr).toMatch(/give --prune here too/);
    expect((await run('deploy', without, ['--plan', plan, '--yes', '--prune'])).exitCode).toBe(0);
    expect(await queueNames()).toEqual(['invoices', 'theirs']);
  });

  it('destroys what the ledger says it made, and no messages unless allowed', async () => {
    const path = file(orders());
    const ledger = ['--ledger', join(folder, 'shared', 'ledger.json')];
    await run('deploy', path, ['--yes', ...ledger]);
    await vhost.management('PUT', `/api/queues/${vhost.encoded}/theirs`, {});
    const elsewhere = await run('destroy', path, ['--yes']);
    expect(elsewhere.exitCode).toBe(0);
    expect(await queueNames()).toEqual(['invoices', 'theirs']);
    await fill('invoices', 2);
    const refused = await run('destroy', path, ['--yes', '--json', ...ledger]);
    expect(refused.exitCode).toBe(1);
    expect(refused.lines().find(({ name }) => name === 'invoices')).toMatchObject({
      action: 'delete',
      outcome: 'skipped',
      error: { code: 'deploy/would-lose-messages' },
    });
    expect((await run('destroy', path, ['--yes', '--allow-data-loss', ...ledger])).exitCode).toBe(0);
    expect(await queueNames()).toEqual(['theirs']);
  });

  it('never says in sync without the management API', async () => {
    const path = file(orders());
    await run('deploy', path, ['--yes']);
    const without = await tapline(['plan', path, '--connect', `main=${vhost.url}`, '--json'], {
      variables: variables(),
    });
    expect(without.exitCode).toBe(2);
    expect(without.lines()[0]).toMatchObject({
      status: 'partial',
      brokers: [{ cannotSee: [expect.stringContaining('need the management API')] }],
    });
  });

  it('refuses settings that cannot be read, with their place, before it does anything', async () => {
    const flow = orders();
    const bad = {
      ...flow,
      nodes: { ...flow.nodes, more: { ...flow.nodes.orders!, name: 'more', settings: { durable: 'yes' } } },
    };
    const { exitCode, stdout, stderr } = await run('deploy', file(bad), ['--yes']);
    expect(stderr).toMatch(/^orders\.flow\.json, line \d+, column \d+: “durable” of more is not valid/);
    expect([exitCode, stdout, await queueNames()]).toEqual([1, '', []]);
  });

  it('goes on past an object the broker refuses, and says why in its words', async () => {
    const flow = orders({}, ['more']);
    const invoices = flow.nodes.invoices!;
    const refused = {
      ...flow,
      nodes: { ...flow.nodes, invoices: { ...invoices, settings: { arguments: { 'x-max-priority': 9999 } } } },
    };
    const { exitCode, lines } = await run('deploy', file(refused), ['--yes', '--json']);
    const outcomes = Object.fromEntries(lines().map(({ name, outcome }) => [name, outcome]));
    expect(outcomes).toMatchObject({ orders: 'done', more: 'done', invoices: 'failed' });
    expect(lines().find(({ name }) => name === 'invoices')?.error).toMatchObject({
      message: expect.stringContaining('x-max-priority'),
    });
    expect(exitCode).toBe(1);
  });

  it('works on an empty flow', async () => {
    const { exitCode, lines } = await run('plan', file(emptyFlow('Nothing')), ['--json']);
    expect([exitCode, lines()[0]]).toEqual([0, expect.objectContaining({ status: 'in-sync', steps: [] })]);
  });
});
