import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLease, type LeaseRequest } from '@main/engine/lease';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';

const dataFolder = tempFolder();
let count = 0;
/** A lease that no other test asks for. */
function request(change: Partial<LeaseRequest> = {}): LeaseRequest {
  count += 1;
  return { dataFolder, activity: 'run', flow: `flow-${count}`, flowName: 'Orders', where: 'main=host:5672', ...change };
}
const folder = join(dataFolder, 'leases');

/** Takes a lease and makes its lock file say something else about who holds it. */
async function leaveBehind(wanted: LeaseRequest, change: Record<string, unknown>): Promise<void> {
  const before = new Set(readdirSync(folder, { encoding: 'utf8' }));
  await acquireLease(wanted);
  const name = readdirSync(folder).find((candidate) => !before.has(candidate))!;
  const holder = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  writeFileSync(join(folder, name), JSON.stringify({ ...holder, id: 'theirs', ...change }));
}

describe('a lease', () => {
  it('is held by one at a time and free again after its release', async () => {
    const wanted = request();
    const lease = await acquireLease(wanted);
    await expect(acquireLease(wanted)).rejects.toMatchObject({
      code: 'lease/held',
      message: expect.stringMatching(/^The flow "Orders" is already running there by this Tapline, since /),
    });
    await lease.release();
    await (await acquireLease(wanted)).release();
  });

  it('stands in the way of neither another flow, nor other brokers, nor another activity', async () => {
    const wanted = request();
    const leases = [
      await acquireLease(wanted),
      await acquireLease({ ...wanted, flow: 'other' }),
      await acquireLease({ ...wanted, where: 'main=other:5672' }),
      await acquireLease({ ...wanted, activity: 'watch' }),
    ];
    for (const lease of leases) await lease.release();
  });

  it('goes to exactly one of many who ask at once, also when a stale one must be cleared', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    for (const isStale of [false, true]) {
      const wanted = request();
      if (isStale) await leaveBehind(wanted, { pid });
      const asked = await Promise.allSettled(Array.from({ length: 20 }, () => acquireLease(wanted)));
      expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  it('of a process that ended is taken over', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const wanted = request();
    await leaveBehind(wanted, { pid });
    await (await acquireLease(wanted)).release();
  });

  it('of an earlier process with the same id is taken over', async () => {
    const wanted = request();
    await leaveBehind(wanted, { processStart: '1' });
    await (await acquireLease(wanted)).release();
  });

  it('of another machine is never taken over', async () => {
    const wanted = request();
    await leaveBehind(wanted, { host: 'elsewhere', pid: 1 });
    await expect(acquireLease(wanted)).rejects.toMatchObject({
      message: expect.stringContaining('process 1 on elsewhere'),
    });
  });

  it('that somebody else took over is not released by the first holder', async () => {
    const wanted = request();
    const before = new Set(readdirSync(folder));
    const first = await acquireLease(wanted);
    const name = readdirSync(folder).find((candidate) => !before.has(candidate))!;
    const holder = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    writeFileSync(join(folder, name), JSON.stringify({ ...holder, id: 'theirs' }));
    await first.release();
    await expect(acquireLease(wanted)).rejects.toMatchObject({ code: 'lease/held' });
  });
});
