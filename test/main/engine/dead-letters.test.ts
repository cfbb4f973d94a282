import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuditLog } from '@main/engine/audit';
import type { DeadLetterContext } from '@main/engine/dead-letters';
import { DRIVERS } from '@main/engine/kinds';
import { createRedactor } from '@main/engine/redact';
import { createDeadLetterService } from '@main/engine/redrive-jobs';
import { openJournal, readUnfinished } from '@main/engine/redrive-journal';
import { redriveRequestSchema } from '@shared/dead-letters/redrive';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { type Bystander, billingFlow, bystander, deploy } from '../kinds/rabbitmq/dead-letters/dead';

describe('dead letters of the open flow', () => {
  const dataFolder = tempFolder();
  let vhost: TestVhost;
  let other: Bystander;
  let context: DeadLetterContext;
  beforeAll(async () => {
    vhost = await createVhost('service-dead');
    const target = { broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl };
    const flow = billingFlow();
    await deploy(target, flow);
    other = await bystander(vhost.url);
    context = {
      flow,
      targets: { main: target },
      drivers: DRIVERS,
      audit: createAuditLog(dataFolder, createRedactor()),
      dataFolder,
      environment: { name: 'Test', protection: 'open' },
    };
  });
  afterAll(async () => {
    await other?.close();
    await vhost?.remove();
  });
  const inside = (protection: 'open' | 'confirm' | 'read-only') =>
    createDeadLetterService(async () => ({ ...context, environment: { name: 'Test', protection } }));
  const queue = () => ({ broker: 'main', vhost: vhost.vhost, name: 'graveyard' });
  const order = (more: object = {}) => redriveRequestSchema.parse({ queue: queue(), ...more });

  it('are not touched in a read-only environment, and masked in a protected one', async () => {
    await other.bury(2);
    const readOnly = inside('read-only');
    expect((await readOnly.list()).queues).toMatchObject([{ depth: 2 }]);
    await expect(readOnly.read({ queue: queue(), limit: 5 })).rejects.toMatchObject({ code: 'environment/read-only' });
    await expect(readOnly.start(order(), undefined)).rejects.toMatchObject({ code: 'environment/read-only' });
    const confirm = inside('confirm');
    const { letters } = await confirm.read({ queue: queue(), limit: 5 });
    expect(letters.map(({ body }) => body)).toEqual([{ format: 'masked' }, { format: 'masked' }]);
    await expect(confirm.start(order(), 'Tset')).rejects.toMatchObject({ code: 'environment/not-confirmed' });
    expect(await other.depth('graveyard')).toBe(2);
  });

  it('are redriven in the background, paused, cancelled in good order, and on the audit log', async () => {
    const service = inside('open');
    await other.bury(200, 10);
    const { jobId } = await service.start(order({ ratePerSecond: 100 }), undefined);
    let job = await service.progress(jobId, 0, 5000);
    service.pause(jobId, true);
    job = await service.progress(jobId, job.version, 5000);
    expect(['paused', 'running']).toContain(job.state);
    await expect(service.start(order(), undefined)).rejects.toMatchObject({ code: 'lease/held' });
    service.cancel(jobId);
    while (job.state !== 'ended') job = await service.progress(jobId, job.version, 5000);
    expect(job.summary).toMatchObject({ ended: 'cancelled', returned: 0, failed: 0 });
    expect((await other.drain('billing')).length + (await other.drain('graveyard')).length).toBe(202);
    const audit = readFileSync(join(dataFolder, 'audit.ndjson'), 'utf8');
    expect(audit).toMatch(/redrive-started.*redrive-ended/s);
  });

  it('that were read foretell what a redrive does', async () => {
    const service = inside('open');
    await other.bury(3, 300);
    expect(await service.preview(order())).toMatchObject({ depth: 3, known: 0 });
    const { letters } = await service.read({ queue: queue(), limit: 10 });
    const chosen = order({ ids: [letters[0]!.id], reach: 'exchange' });
    expect(await service.preview(chosen)).toMatchObject({
      known: 3,
      matching: 1,
      targets: [{ count: 1, reaches: ['billing', 'email'] }],
    });
    expect(await other.depth('graveyard')).toBe(3);
  });
});

describe('the journal of a redrive', () => {
  const dataFolder = tempFolder();
  const key = { address: 'localhost:5672', vhost: '/', queue: 'dead' };

  it('recognises after a kill what was confirmed, and tells what cannot be known', async () => {
    const first = await openJournal(dataFolder, key, 1000);
    await first.sending(['a', 'b', 'c']);
    await first.confirmed(['a']);
    await first.returned(['b']);
    await first.close({ inGoodOrder: false, sawAll: false });
    expect(await readUnfinished(dataFolder, key)).toEqual({ startedAt: 1000, confirmed: 1, uncertain: 1 });
    const second = await openJournal(dataFolder, key, 2000);
    expect([second.claimConfirmed('a'), second.claimConfirmed('a')]).toEqual([true, false]);
    expect([second.claimUncertain('c'), second.claimUncertain('b')]).toEqual([true, false]);
    await second.sending(['c']);
    await second.confirmed(['c']);
    await second.close({ inGoodOrder: true, sawAll: true });
    expect(await readUnfinished(dataFolder, key)).toBeUndefined();
  });

  it('takes half a line for not written, and a damaged one for a refusal that says where', async () => {
    const journal = await openJournal(dataFolder, key, 1000);
    await journal.sending(['a']);
    await journal.close({ inGoodOrder: false, sawAll: false });
    const [name] = (await import('node:fs')).readdirSync(join(dataFolder, 'redrives'));
    const file = join(dataFolder, 'redrives', name!);
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"c":["a"`);
    expect(await readUnfinished(dataFolder, key)).toMatchObject({ confirmed: 0, uncertain: 1 });
    writeFileSync(file, 'what\n');
    await expect(readUnfinished(dataFolder, key)).rejects.toMatchObject({ code: 'redrive/journal-unreadable' });
  });
});
