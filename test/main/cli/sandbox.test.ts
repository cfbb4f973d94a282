import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';
import { tapline } from './tapline';

const flow = resolve(import.meta.dirname, '../../../src/shared/examples/order-events.flow.json');
const variables = { TAPLINE_DATA: join(tempFolder(), 'data') };

describe('tapline sandbox', () => {
  it('stays up with the flow deployed, and other commands join it', async () => {
    const stop = new AbortController();
    let up = () => {};
    const isUp = new Promise<void>((done) => {
      up = done;
    });
    const running = tapline(['sandbox', flow, '--version', '4.0', '--json'], {
      variables,
      interrupted: stop.signal,
      onOut: (text) => text.includes('in-sync') && up(),
    });
    await Promise.race([isUp, running]);
    const plan = await tapline(['plan', flow], { variables });
    expect([plan.exitCode, plan.stderr]).toEqual([0, '']);
    const published = await tapline(['publish', flow, 'Orders', '--count', '3', '--json'], { variables });
    expect(published.lines()).toEqual([{ published: 3, confirmed: 3, returned: 0 }]);
    stop.abort();
    const { exitCode, stderr, lines } = await running;
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(lines()).toMatchObject([
      { broker: 'main', version: '4.0' },
      { status: 'in-sync', failed: 0, skipped: 0 },
    ]);
  });

  it('stays until it is stopped, as a program of its own too', async () => {
    const program = resolve(import.meta.dirname, '../../../bin/tapline.mjs');
    const env = { ...process.env, TAPLINE_DATA: join(tempFolder(), 'data') };
    const child = spawn(process.execPath, [program, 'sandbox', flow], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    await until('it is up', () => out.includes('The flow is deployed.'));
    const published = await tapline(['publish', flow, 'Orders', '--count', '3', '--json'], { variables: env });
    expect(published.lines()).toEqual([{ published: 3, confirmed: 3, returned: 0 }]);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });

  it('runs for as long as a publish, run or watch that names no broker, and leaves nothing behind', async () => {
    const own = { TAPLINE_DATA: join(tempFolder(), 'data') };
    const published = await tapline(['publish', flow, 'Orders', '--count', '3', '--json'], { variables: own });
    expect([published.exitCode, published.stderr.split('\n')]).toEqual([
      0,
      ['No broker was named: a temporary sandbox is used, with the flow deployed; it ends with this command.', ''],
    ]);
    expect(published.lines()).toEqual([{ published: 3, confirmed: 3, returned: 0 }]);
    const watched = await tapline(['watch', flow, '--for', '500ms', '--json'], { variables: own });
    expect(watched.exitCode).toBe(0);
    // The messages of the publish before are not there: that was another one.
    expect(watched.lines()).toMatchObject([{ summary: { events: { told: 0, notTold: 0 } } }]);
    expect((await tapline(['run', flow, '--for', '500ms'], { variables: own })).stderr).toContain('temporary sandbox');
    const left = readdirSync(own.TAPLINE_DATA, { recursive: true }).map(String);
    expect(left.filter((name) => /sandbox|ledger/.test(name))).toEqual([]);
  });

  it('is not put beside a broker that was named', async () => {
    const text = JSON.parse(readFileSync(flow, 'utf8'));
    const two = join(tempFolder(), 'two.flow.json');
    const other = { type: 'rabbitmq.queue', broker: 'other', name: 'q', position: { x: 0, y: 0 } };
    const brokers = { ...text.brokers, other: { kind: 'rabbitmq', name: 'Other' } };
    writeFileSync(two, JSON.stringify({ ...text, brokers, nodes: { ...text.nodes, 'queue-x': other } }));
    const { exitCode, stderr } = await tapline(['watch', two, '--connect', 'main=amqp://127.0.0.1:1'], { variables });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('“other” (Other)')]);
  });

  it('is what deploy asks for where no broker is named and none runs', async () => {
    const { exitCode, stderr } = await tapline(['deploy', flow, '--yes'], { variables });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('tapline sandbox FLOW');
  });

  it('hosts Redis as well, which plan, publish and import then find', async () => {
    const stream = resolve(import.meta.dirname, '../../../src/shared/examples/order-stream.flow.json');
    const stop = new AbortController();
    let up = () => {};
    const isUp = new Promise<void>((done) => {
      up = done;
    });
    const running = tapline(['sandbox', stream, '--json'], {
      variables,
      interrupted: stop.signal,
      onOut: (text) => text.includes('in-sync') && up(),
    });
    await Promise.race([isUp, running]);
    const plan = await tapline(['plan', stream], { variables });
    expect([plan.exitCode, plan.stderr]).toEqual([0, '']);
    const published = await tapline(['publish', stream, 'orders', '--count', '3', '--json'], { variables });
    expect(published.lines()).toEqual([{ published: 3, confirmed: 3, returned: 0 }]);
    stop.abort();
    const { exitCode, stderr, lines } = await running;
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(lines()).toEqual([
      { broker: 'main', url: expect.stringMatching(/^redis:\/\/default:.*@127\.0\.0\.1:\d+$/) },
      { status: 'in-sync', failed: 0, skipped: 0 },
    ]);
  });
});
