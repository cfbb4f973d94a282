import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialiseFlow } from '@shared/flow/serialise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { type Bystander, billingFlow, bystander, deploy } from '../kinds/rabbitmq/dead-letters/dead';
import { tapline } from './tapline';

describe('tapline dead-letters and redrive', () => {
  const folder = tempFolder();
  const file = join(folder, 'billing.flow.json');
  let vhost: TestVhost;
  let other: Bystander;
  beforeAll(async () => {
    vhost = await createVhost('cli-dead');
    writeFileSync(file, serialiseFlow(billingFlow()));
    await deploy({ broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl }, billingFlow());
    other = await bystander(vhost.url);
  });
  afterAll(async () => {
    await other?.close();
    await vhost?.remove();
  });
  const run = (command: string, ...args: string[]) =>
    tapline([command, file, ...args, '--connect', `main=${vhost.url}`, '--management', `main=${vhost.managementUrl}`], {
      variables: { TAPLINE_DATA: join(folder, 'data') },
    });

  it('counts without reading, and reads with a warning when asked to', async () => {
    await other.bury(3);
    const counted = await run('dead-letters');
    expect(counted).toMatchObject({ exitCode: 0, stderr: '' });
    expect(counted.stdout).toBe('graveyard  3 messages\n  dead letters of billing come here\n');
    const read = await run('dead-letters', '--read');
    expect(read.stderr).toContain('Each is marked as redelivered for good.');
    expect(read.stdout).toContain('rejected by a consumer of billing');
    expect(read.stdout).toContain('came through orders with key order.created');
    expect(read.stdout).toContain('goes back to billing');
  });

  it('tells machines the same', async () => {
    const { lines } = await run('dead-letters', '--read', '--limit', '2', '--json');
    const [queue, ...letters] = lines();
    expect(queue).toMatchObject({ queue: { name: 'graveyard', depth: 3 } });
    expect(letters).toHaveLength(2);
    expect(letters[0]).toMatchObject({ letter: { queue: 'graveyard', messageId: 'order-0', reason: 'rejected' } });
  });

  it('says in a dry run what it would do, and does nothing', async () => {
    const { exitCode, stdout } = await run('redrive', 'graveyard', '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('graveyard holds 3 messages; 0 were read');
    expect(stdout).toContain('to queue billing: by the drawing, dead letters come here from billing only');
    const asPublished = await run('redrive', 'graveyard', '--dry-run', '--read', '--as-published', '--json');
    expect(asPublished.lines()).toMatchObject([
      { preview: { depth: 3, known: 3, matching: 3, targets: [{ count: 3, reaches: ['billing', 'email'] }] } },
    ]);
    const unroutable = await run('redrive', 'graveyard', '--dry-run', '--to', 'orders', '--key', 'nobody');
    expect(unroutable.exitCode).toBe(1);
    expect(unroutable.stdout).toContain('By the drawing no queue is bound to orders for the key “nobody”');
    expect(await other.depth('graveyard')).toBe(3);
    expect(await other.depth('billing')).toBe(0);
  });

  it('redrives what the filter lets through and ends with the numbers', async () => {
    const filtered = await run('redrive', 'graveyard', '--filter', 'header.shop=app');
    expect(filtered.lines()).toEqual([{ redriven: 1, returned: 0, failed: 0, left: 2 }]);
    expect(filtered.stderr).toBe('2 messages not meant and left in place.\n');
    const nowhere = await run('redrive', 'graveyard', '--to', 'orders', '--key', 'nobody');
    expect(nowhere).toMatchObject({ exitCode: 1 });
    expect(nowhere.lines()).toEqual([{ redriven: 0, returned: 2, failed: 0, left: 2 }]);
    const limited = await run('redrive', 'graveyard', '--limit', '1', '--rate', '500');
    expect(limited.lines()).toEqual([{ redriven: 1, returned: 0, failed: 0, left: 1 }]);
    expect((await run('redrive', 'graveyard')).lines()).toEqual([{ redriven: 1, returned: 0, failed: 0, left: 0 }]);
    expect((await other.drain('billing')).sort()).toEqual([0, 1, 2]);
  });

  it('refuses in one sentence what cannot be', async () => {
    const unknown = await run('redrive', 'billing');
    expect(unknown.stderr).toBe('The flow has no dead-letter queue billing.\nThere are graveyard.\n');
    const gone = await run('redrive', 'graveyard', '--to', 'gone');
    expect(gone.stderr).toBe('There is no exchange gone. Nothing was redriven.\n');
    const filter = await run('redrive', 'graveyard', '--filter', 'colour=red');
    expect(filter.stderr).toContain('There is no filter “colour”.');
  });
});
