import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApplyResult, createLedger, type LedgerKey, ownedKey } from '@main/engine/ledger';
import type { Step, StepAction } from '@shared/deploy/plan';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';

const root = tempFolder();
let count = 0;
let file: string;
beforeEach(() => {
  count += 1;
  file = join(root, `${count}.json`);
});

const key: LedgerKey = { flow: 'orders', address: 'host:5672', clusterName: 'rabbit@host' };

function step(action: StepAction, name: string): Step {
  return {
    id: `${action} ${name}`,
    broker: 'main',
    action,
    objectType: 'queue',
    vhost: '/',
    name,
    reason: '',
    notes: [],
    requires: 'amqp',
    canLoseMessages: false,
    object: null,
  };
}
const names = async (asked = key) =>
  [...(await createLedger({ file }).owned(asked))].map((id) => id.split('\u0000')[2]);
const seen = (steps: Step[] = [], more: Partial<NonNullable<ApplyResult['verified']>> = {}) => ({
  steps,
  sawDeletes: false,
  allGone: false,
  ...more,
});
const ids = (...steps: Step[]) => new Set(steps.map(({ id }) => id));

/** Deploys: `steps` were tried, `done` of them worked, then `verified` was seen. */
async function deploy(steps: Step[], done: Step[], verified: ApplyResult['verified'], at = key): Promise<void> {
  const ledger = createLedger({ file });
  await ledger.begin(at, steps);
  await ledger.end(at, { steps, done: ids(...done), verified });
}

describe('the ledger', () => {
  it('owns what was created or recreated, and nothing that was only changed', async () => {
    const steps = [step('create', 'a'), step('recreate', 'b'), step('change', 'c')];
    await deploy(steps, steps, seen());
    expect(await names()).toEqual(['a', 'b']);
  });

  it('no longer owns what was deleted', async () => {
    await deploy([step('create', 'a'), step('create', 'b')], [step('create', 'a'), step('create', 'b')], seen());
    await deploy([step('delete', 'a')], [step('delete', 'a')], seen());
    expect(await names()).toEqual(['b']);
  });

  it('does not own what could not be created', async () => {
    await deploy([step('create', 'a')], [], seen([step('create', 'a')]));
    expect(await names()).toEqual([]);
  });

  it('does not own what somebody else made first, with other settings', async () => {
    await deploy([step('create', 'a')], [], seen([step('recreate', 'a')]));
    expect(await names()).toEqual([]);
  });

  it('owns what was made although the answer got lost', async () => {
    await deploy([step('create', 'a')], [], seen());
    expect(await names()).toEqual(['a']);
  });

  it('keeps what is in doubt while nobody could look again', async () => {
    await deploy([step('create', 'a')], [], null);
    expect(await names()).toEqual(['a']);
  });

  it('owns after a crash what was about to be made, and settles it at the next deploy', async () => {
    await createLedger({ file }).begin(key, [step('create', 'made'), step('create', 'not-made')]);
    expect(await names()).toEqual(['made', 'not-made']);
    await deploy([step('create', 'not-made')], [], seen([step('create', 'not-made')]));
    expect(await names()).toEqual(['made']);
  });

  it('forgets after a crash what was about to be deleted and is gone', async () => {
    await deploy([step('create', 'a')], [step('create', 'a')], seen());
    await createLedger({ file }).begin(key, [step('delete', 'a')]);
    expect(await names()).toEqual(['a']);
    await deploy([], [], seen([], { sawDeletes: true }));
    expect(await names()).toEqual([]);
  });

  it('owns still what could not be deleted', async () => {
    await deploy([step('create', 'a')], [step('create', 'a')], seen());
    await deploy([step('delete', 'a')], [], seen([step('delete', 'a')], { sawDeletes: true }));
    expect(await names()).toEqual(['a']);
  });

  it('never begins to own something because it deletes it', async () => {
    await deploy([step('delete', 'theirs')], [], seen([step('delete', 'theirs')]));
    expect(await names()).toEqual([]);
  });

  it('is empty once a destroy left nothing', async () => {
    await deploy([step('create', 'a'), step('create', 'b')], [step('create', 'a'), step('create', 'b')], seen());
    await deploy([step('delete', 'a')], [step('delete', 'a')], seen([], { sawDeletes: true, allGone: true }));
    expect(await names()).toEqual([]);
  });

  it.each<[string, LedgerKey, boolean]>([
    ['the same broker', key, true],
    ['the same address when the broker does not tell its name', { ...key, clusterName: null }, true],
    ['another flow', { ...key, flow: 'other' }, false],
    ['another broker at the same address', { ...key, clusterName: 'rabbit@new' }, false],
    ['another address with a name that many brokers have', { ...key, address: 'other:5672' }, false],
  ])('knows %s', async (_what, asked, isKnown) => {
    await deploy([step('create', 'a')], [step('create', 'a')], seen());
    expect(await names(asked)).toEqual(isKnown ? ['a'] : []);
  });

  it('knows a cluster with a name given by people at any address', async () => {
    const named = { ...key, clusterName: 'production' };
    await deploy([step('create', 'a')], [step('create', 'a')], seen(), named);
    expect(await names({ ...named, address: 'other:5672' })).toEqual(['a']);
  });

  it('can be shared by several flows in one file', async () => {
    await deploy([step('create', 'a')], [step('create', 'a')], seen());
    await deploy([step('create', 'b')], [step('create', 'b')], seen(), { ...key, flow: 'other' });
    expect([await names(), await names({ ...key, flow: 'other' })]).toEqual([['a'], ['b']]);
  });

  it('refuses a file that is not a ledger and leaves it as it is', async () => {
    writeFileSync(file, 'something else');
    await expect(createLedger({ file }).owned(key)).rejects.toMatchObject({ code: 'ledger/unreadable' });
    await expect(createLedger({ file }).begin(key, [step('create', 'a')])).rejects.toMatchObject({
      code: 'ledger/unreadable',
    });
  });

  it('keys objects by type, vhost and name', () => {
    expect(ownedKey(step('create', 'a'))).toBe('queue\u0000/\u0000a');
  });
});
