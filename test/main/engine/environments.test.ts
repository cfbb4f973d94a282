import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEnvironments, type Environments, type EnvironmentsOptions } from '@main/engine/environments';
import { type HostPort, memorySecrets } from '@main/engine/host';
import { createRedactor } from '@main/engine/redact';
import { environmentSchema } from '@shared/api/environment';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';

const root = tempFolder();
let count = 0;

function setUp(options: Partial<EnvironmentsOptions> & { variables?: HostPort['variables'] } = {}) {
  count += 1;
  const dataFolder = join(root, String(count));
  const host: HostPort = { version: '0', dataFolder, secrets: memorySecrets(), variables: options.variables ?? {} };
  const redactor = createRedactor();
  const environments: Environments = createEnvironments({
    host,
    redactor,
    given: {},
    brokerIds: () => ['main'],
    secretNames: () => [],
    ...options,
  });
  return { environments, host, redactor, dataFolder };
}

const staging = (change: Record<string, unknown> = {}) =>
  environmentSchema.parse({
    id: 'staging',
    name: 'Staging',
    connections: { main: { url: 'amqp://me:hunter2@host/v', managementUrl: 'http://admin:s3cret@host:15672' } },
    ...change,
  });

describe('environments', () => {
  it('begin with one that has no connections', async () => {
    const { environments } = setUp();
    expect(await environments.list()).toMatchObject({
      active: 'local',
      environments: [{ name: 'Local', connections: {} }],
    });
    expect(await environments.targets()).toEqual({});
  });

  it('keep passwords in the secret store: not in files, not in answers', async () => {
    const { environments, dataFolder, redactor } = setUp();
    const saved = await environments.save(staging(), {});
    expect(saved.connections.main).toEqual({
      url: 'amqp://me@host/v',
      managementUrl: 'http://admin@host:15672',
      hasSecret: true,
    });
    await environments.select('staging');
    const files = readdirSync(dataFolder).map((name) => readFileSync(join(dataFolder, name), 'utf8'));
    expect(JSON.stringify([files, await environments.list()])).not.toMatch(/hunter2|s3cret/);
    expect(await environments.targets()).toMatchObject({
      main: { url: 'amqp://me:hunter2@host/v', managementUrl: 'http://admin:s3cret@host:15672' },
    });
    expect(redactor.redact('hunter2 s3cret')).toBe('*** ***');
  });

  it('take a password given apart, keep it when saved again without, and forget it when told to', async () => {
    const { environments } = setUp();
    const saved = await environments.save(staging({ connections: { main: { url: 'amqp://me@host' } } }), {
      main: 'pa ss',
    });
    await environments.select('staging');
    expect((await environments.targets()).main?.url).toBe('amqp://me:pa%20ss@host');
    await environments.save({ ...saved, name: 'Renamed' }, {});
    expect((await environments.targets()).main?.url).toBe('amqp://me:pa%20ss@host');
    const without = { ...saved, connections: { main: { url: 'amqp://me@host', hasSecret: false } } };
    await environments.save(without, {});
    expect((await environments.targets()).main?.url).toBe('amqp://me@host');
  });

  it('survive a restart, with the chosen one', async () => {
    const { environments, host, redactor } = setUp();
    await environments.save(staging(), {});
    await environments.select('staging');
    const again = createEnvironments({ host, redactor, given: {}, brokerIds: () => [], secretNames: () => [] });
    expect((await again.active()).name).toBe('Staging');
  });

  it('lose their secrets when removed, and another one takes over', async () => {
    const { environments, host } = setUp();
    await environments.save(staging(), {});
    await environments.select('staging');
    await environments.remove('staging');
    expect((await environments.active()).id).toBe('local');
    expect(await host.secrets.get('environment/staging/main')).toBeUndefined();
    await expect(environments.select('staging')).rejects.toMatchObject({ code: 'environment/unknown' });
  });

  it('tell listeners about changes', async () => {
    const { environments } = setUp();
    let changes = 0;
    const stop = environments.onChange(() => {
      changes += 1;
    });
    await environments.save(staging(), {});
    stop();
    await environments.select('staging');
    expect(changes).toBe(1);
  });

  it('in a file that cannot be used are set aside, never overwritten', async () => {
    const { environments, dataFolder } = setUp();
    await environments.save(staging(), {});
    writeFileSync(join(dataFolder, 'environments.json'), '{ broken');
    expect((await environments.list()).environments).toHaveLength(1);
    expect(readFileSync(join(dataFolder, 'environments.json.unreadable'), 'utf8')).toBe('{ broken');
  });
});

describe('connections given from outside', () => {
  it('make an environment of their own, active, allowed to run, and never stored', async () => {
    const { environments, dataFolder } = setUp({ given: { main: { url: 'amqp://me:hunter2@host' } } });
    expect(await environments.active()).toMatchObject({
      id: 'given',
      protection: 'open',
      allowRun: true,
      connections: { main: { url: 'amqp://me@host', hasSecret: true } },
    });
    expect((await environments.targets()).main?.url).toBe('amqp://me:hunter2@host');
    await expect(environments.save(await environments.active(), {})).rejects.toMatchObject({
      code: 'environment/fixed',
    });
    await environments.save(staging(), {});
    expect(readFileSync(join(dataFolder, 'environments.json'), 'utf8')).not.toContain('given');
  });

  it('come from variables named after the broker, in capitals', async () => {
    const { environments } = setUp({
      brokerIds: () => ['my-broker 1', 'main'],
      variables: {
        TAPLINE_CONNECT_MY_BROKER_1: 'amqp://a',
        TAPLINE_MANAGEMENT_MY_BROKER_1: 'http://b',
        TAPLINE_CONNECT_OTHER: 'amqp://c',
      },
    });
    expect(await environments.targets()).toEqual({
      'my-broker 1': { broker: 'my-broker 1', url: 'amqp://a', managementUrl: 'http://b', secrets: {} },
    });
  });

  it('win over the variables', async () => {
    const { environments } = setUp({
      given: { main: { url: 'amqp://given' } },
      variables: { TAPLINE_CONNECT_MAIN: 'amqp://variable', TAPLINE_MANAGEMENT_MAIN: 'http://management' },
    });
    expect((await environments.targets()).main).toMatchObject({
      url: 'amqp://given',
      managementUrl: 'http://management',
    });
  });
});

describe('secrets inside the flow', () => {
  it('come from the variable, else from the secret store', async () => {
    const { environments } = setUp({
      secretNames: () => ['upstream', 'shovel', 'unknown'],
      variables: { TAPLINE_SECRET_UPSTREAM: 'from-variable', TAPLINE_CONNECT_MAIN: 'amqp://host' },
    });
    await environments.save(staging(), { 'secret:shovel': 'from-store' });
    await environments.select('staging');
    expect((await environments.targets()).main?.secrets).toEqual({ upstream: 'from-variable', shovel: 'from-store' });
  });
});
