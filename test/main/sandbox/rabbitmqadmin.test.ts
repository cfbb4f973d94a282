import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '@main/sandbox/rabbitmq/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const VHOST = 'admin-sandbox';

/** A management API and who may ask it. */
interface Api {
  managementUrl: string;
  vhost: string;
  username: string;
  password: string;
}

/** What a command did, as a user sees it. */
interface Answer {
  code: number;
  output: string;
}

/** RabbitMQ's own command-line tool, as the management plugin serves it, on a real RabbitMQ and on the sandbox. */
describe.skipIf(!hasRabbit || !hasPython)('rabbitmqadmin (needs a RabbitMQ that serves it, and python3)', () => {
  const folder = tempFolder();
  const script = join(folder, 'rabbitmqadmin');
  let vhost: TestVhost;
  let sandbox: Sandbox;
  let targets: { real: Api; sandbox: Api };
  beforeAll(async () => {
    vhost = await createVhost('admin');
    writeFileSync(script, await (await fetch(`${vhost.managementUrl}/cli/rabbitmqadmin`)).text());
    sandbox = await startSandbox({ user: 'tester', password: 'secret' });
    sandbox.broker.addVhost(VHOST);
    const managementUrl = `http://127.0.0.1:${sandbox.managementPort}`;
    targets = { real: vhost, sandbox: { managementUrl, vhost: VHOST, username: 'tester', password: 'secret' } };
  });
  afterAll(async () => {
    await sandbox.close();
    await vhost.remove();
  });

  function admin(api: Api, ...args: string[]): Promise<Answer> {
    const { hostname, port } = new URL(api.managementUrl);
    const login = [`--host=${hostname}`, `--port=${port}`, `--username=${api.username}`, `--password=${api.password}`];
    return new Promise((done) => {
      execFile('python3', [script, ...login, `--vhost=${api.vhost}`, '--format=tsv', ...args], (error, out, err) => {
        done({ code: Number(error?.code ?? 0), output: (out + err).replaceAll(api.vhost, 'V').trim() });
      });
    });
  }

  /** Runs it on both and answers what both said. */
  async function same(...args: string[]): Promise<string> {
    const [real, answer] = await Promise.all([admin(targets.real, ...args), admin(targets.sandbox, ...args)]);
    expect(answer).toEqual(real);
    return answer.output;
  }

  const file = (name: keyof typeof targets) => join(folder, `${name}.json`);
  const onFiles = (verb: 'export' | 'import') =>
    Promise.all(
      (['real', 'sandbox'] as const).map(async (name) => {
        expect(await admin(targets[name], verb, file(name))).toMatchObject({ code: 0 });
        const { queues, exchanges, bindings } = JSON.parse(readFileSync(file(name), 'utf8'));
        return { queues: byName(queues), exchanges: byName(exchanges), bindings: byName(bindings) };
      }),
    );

  it('declares, lists, publishes, gets, exports, imports and deletes with the same answers', async () => {
    expect(await same('declare', 'exchange', 'name=orders', 'type=topic')).toBe('exchange declared');
    await same('declare', 'exchange', 'name=passing', 'type=fanout', 'durable=false', 'auto_delete=true');
    await same('declare', 'queue', 'name=email', 'arguments={"x-max-length": 100, "x-message-ttl": 60000}');
    await same('declare', 'queue', 'name=billing', 'durable=false');
    await same('declare', 'queue', 'name=kept', 'queue_type=quorum');
    expect(await same('declare', 'queue', 'name=email', 'durable=false')).toContain('inequivalent arg');
    expect(await same('declare', 'binding', 'source=nowhere', 'destination=email')).toContain('Not found');
    await same('declare', 'binding', 'source=orders', 'destination=email', 'routing_key=order.*');
    await same('declare', 'binding', 'source=orders', 'destination=billing', 'routing_key=order.created');
    await same('declare', 'binding', 'source=orders', 'destination=passing', 'destination_type=exchange');

    const exchanges = await same('list', 'exchanges', 'name', 'type', 'durable', 'auto_delete', 'internal');
    expect(exchanges).toContain('orders\ttopic\tTrue\tFalse\tFalse');
    expect(await same('list', 'queues', 'name', 'durable', 'type', 'arguments.x-max-length')).toContain('email\tTrue');
    expect(await same('list', 'bindings', 'source', 'destination', 'routing_key', 'properties_key')).toContain(
      'order.*',
    );
    await same('list', 'exchanges');
    await same('list', 'bindings');
    expect(await same('--sort=name', '--sort-reverse', 'list', 'queues', 'name')).toBe('name\nkept\nemail\nbilling');

    expect(await same('publish', 'exchange=orders', 'routing_key=order.created', 'payload=hello')).toBe(
      'Message published',
    );
    await same('publish', 'exchange=orders', 'routing_key=nobody', 'payload=lost');
    await same(
      'publish',
      'routing_key=email',
      'payload=direct',
      'properties={"delivery_mode": 2, "headers": {"a": 1}}',
    );
    await same('publish', 'exchange=nowhere', 'routing_key=x', 'payload=y');
    await same('publish', 'routing_key=email', 'payload=AP8=', 'payload_encoding=base64');
    // A real broker's totals are some seconds old.
    await until('both count the messages', async () => {
      const [real, own] = await Promise.all(
        [targets.real, targets.sandbox].map((api) => admin(api, 'list', 'queues', 'name', 'messages')),
      );
      return real?.output === own?.output && own?.output === 'name\tmessages\nbilling\t1\nemail\t3\nkept\t0';
    });

    // The real broker has other vhosts and users, and policies.
    const ask = async (...args: string[]) => (await admin(targets.sandbox, ...args)).output;
    expect(await ask('list', 'vhosts', 'name', 'messages')).toBe('name\tmessages\n/\t0\nV\t4');
    expect(await ask('list', 'users')).toBe('name\ttags\ntester\tadministrator');
    expect(await ask('declare', 'policy', 'name=p', 'pattern=.*', 'definition={"max-length": 1}')).toBe(
      '*** the sandbox does not have this',
    );

    await same('get', 'queue=email', 'count=5');
    expect(await same('get', 'queue=email', 'ackmode=ack_requeue_false', 'encoding=base64')).toContain('order.created');
    await same('get', 'queue=email', 'ackmode=reject_requeue_true');
    await same('get', 'queue=email', 'count=2', 'ackmode=reject_requeue_false');
    expect(await same('get', 'queue=email')).toBe('No items');
    await same('get', 'queue=nowhere');
    expect(await same('purge', 'queue', 'name=billing')).toBe('queue purged');

    const totals = ['publish', 'deliver_get', 'get', 'get_no_ack', 'redeliver'].map((name) => `message_stats.${name}`);
    await until('both have counted the same', async () => {
      const [real, own] = await Promise.all(
        [targets.real, targets.sandbox].map((api) => admin(api, 'list', 'queues', 'name', ...totals)),
      );
      return real?.output === own?.output && own?.output.includes('email\t3');
    });

    const [fromReal, fromSandbox] = await onFiles('export');
    expect(fromSandbox).toEqual(fromReal);
    await same(
      'delete',
      'binding',
      'source=orders',
      'destination_type=queue',
      'destination=email',
      'properties_key=order.*',
    );
    await same('list', 'bindings');
    for (const name of ['email', 'billing', 'kept'])
      expect(await same('delete', 'queue', `name=${name}`)).toBe('queue deleted');
    await same('delete', 'queue', 'name=email');
    await same('delete', 'exchange', 'name=orders');
    await same('list', 'queues');

    await onFiles('import');
    const [again, sandboxAgain] = await onFiles('export');
    expect(again).toEqual(fromReal);
    expect(sandboxAgain).toEqual(fromReal);
  });
});

function byName(items: Record<string, unknown>[]): string[] {
  return items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();
}
