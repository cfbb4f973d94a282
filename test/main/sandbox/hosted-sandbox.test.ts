import { existsSync } from 'node:fs';
import { holdSandbox } from '@main/engine/sandbox/held-sandbox';
import { hostSandbox } from '@main/sandbox/hosted-sandbox';
import { readSandboxLock, type SandboxKind, type SandboxStart, sandboxFiles } from '@main/sandbox/start';
import { connect } from 'amqplib';
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

async function host(options: SandboxStart) {
  const hosted = await hostSandbox(options, {
    reportBug: (error) => {
      throw error;
    },
    onEnded: () => {},
  });
  const address = (await readSandboxLock(sandboxFiles(options).lock))?.address;
  if (!hosted || !address) throw new Error('it does not listen');
  return { hosted, address };
}

/** Hosts one for as long as it takes to ask its name. */
async function nameOf(options: SandboxStart): Promise<string> {
  const { hosted, address } = await host(options);
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

describe('the end of a sandbox', () => {
  it.each<SandboxKind>(['rabbitmq', 'redis'])('of %s is waited for by the last who lets it go', async (kind) => {
    const options: SandboxStart = { ...start('ending', 'main'), kind, isKept: true };
    await host(options);
    const held = await holdSandbox({ start: options });
    await held?.release();
    const { lock, snapshot } = sandboxFiles(options);
    expect([existsSync(lock), existsSync(snapshot)]).toEqual([false, true]);
  });

  it('loses no persistent message that it confirmed', async () => {
    const options: SandboxStart = { ...start('confirming', 'main'), isKept: true };
    const first = await host(options);
    const urlOf = ({ user, password, port }: typeof first.address) => `amqp://${user}:${password}@127.0.0.1:${port}`;
    const connection = await connect(urlOf(first.address));
    connection.on('error', () => {});
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    await channel.assertQueue('kept', { durable: true });
    let confirmed = 0;
    const end = new Promise<void>((resolve) => connection.once('close', resolve));
    let isOpen = true;
    void end.then(() => {
      isOpen = false;
    });
    let closing: Promise<void> | undefined;
    while (isOpen) {
      const answer = new Promise<void>((resolve) => {
        channel.sendToQueue('kept', Buffer.alloc(100), { persistent: true }, (error) => {
          if (!error) confirmed += 1;
          resolve();
        });
      });
      await Promise.race([answer, end]);
      if (confirmed === 500) closing ??= first.hosted.close();
    }
    await closing;
    const second = await host(options);
    const again = await connect(urlOf(second.address));
    const { messageCount } = await (await again.createChannel()).checkQueue('kept');
    await again.close();
    await second.hosted.close();
    expect(confirmed).toBeGreaterThanOrEqual(500);
    expect(messageCount).toBeGreaterThanOrEqual(confirmed);
  });
});
