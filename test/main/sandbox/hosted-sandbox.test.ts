import { hostSandbox } from '@main/sandbox/hosted-sandbox';
import { readSandboxLock, type SandboxStart, sandboxFiles } from '@main/sandbox/start';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';

const folder = tempFolder();
const start = (flow: string, broker: string): SandboxStart => ({
  folder,
  flow,
  broker,
  kind: 'rabbitmq',
  version: '3.10',
  isKept: false,
});

/** Hosts one for as long as it takes to ask its name. */
async function nameOf(options: SandboxStart): Promise<string> {
  const hosted = await hostSandbox(options, {
    reportBug: (error) => {
      throw error;
    },
    onEnded: () => {},
  });
  const address = (await readSandboxLock(sandboxFiles(options).lock))?.address;
  if (!hosted || !address) throw new Error('it does not listen');
  const credentials = Buffer.from(`${address.user}:${address.password}`).toString('base64');
  const overview = await fetch(`http://127.0.0.1:${address.controlPort}/api/overview`, {
    headers: { authorization: `Basic ${credentials}` },
  });
  await hosted.close();
  return ((await overview.json()) as { cluster_name: string }).cluster_name;
}

describe('the cluster name of a sandbox', () => {
  it('is the same at every start and another for every flow and broker, so that ledgers never mix them up', async () => {
    const name = await nameOf(start('orders', 'main'));
    expect(await nameOf(start('orders', 'main'))).toBe(name);
    const others = [await nameOf(start('orders', 'second')), await nameOf(start('invoices', 'main'))];
    expect(new Set([name, ...others]).size).toBe(3);
  });
});
