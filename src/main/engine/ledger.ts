import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Step } from '@shared/deploy/plan';
import { Failure } from '@shared/failure';
import { z } from 'zod';
import type { OwnedObjects } from '../kinds/driver';
import { readTextFile, writeOwnJson } from './files';
import { createTurns } from './in-turn';

/** Which flow in which cluster a ledger speaks of. */
export interface LedgerKey {
  flow: string;
  /** Hosts and ports of the connection. */
  address: string;
  /** Null where the broker did not tell. */
  clusterName: string | null;
}

/**
 * `intended`: written before it is made, so that an end of the process in between is known; counts as ours, since it was not
 * there when the plan was made. `leaving`: written before it is deleted.
 */
const STATES = ['made', 'intended', 'leaving'] as const;

const objectSchema = z.object({
  objectType: z.string(),
  vhost: z.string(),
  name: z.string(),
  state: z.enum(STATES),
});
type LedgerObject = z.infer<typeof objectSchema>;

const ledgerSchema = z.object({
  format: z.literal(1),
  owners: z.array(
    z.object({
      flow: z.string(),
      address: z.string(),
      clusterName: z.string().nullable(),
      objects: z.array(objectSchema),
    }),
  ),
});
type LedgerFile = z.infer<typeof ledgerSchema>;
type Owner = LedgerFile['owners'][number];

/** What became of steps, for the ledger. */
export interface ApplyResult {
  steps: Step[];
  /** Ids of the steps that were carried out. */
  done: ReadonlySet<string>;
  /** What a second inspection still wanted; null when there was none, and doubtful entries then stay as they are. */
  verified: {
    steps: Step[];
    /** Everything could be seen, and objects no longer drawn were asked for (`prune` or `destroy`). */
    sawDeletes: boolean;
    /** Nothing of ours is left (`destroy`). */
    allGone: boolean;
  } | null;
}

/**
 * What Tapline made in which broker for which flow: only that is ever pruned or destroyed. Written before and after every
 * deploy, so that one ended by a crash is repaired by deploying again.
 */
export interface Ledger {
  /** Does it know anything of this flow at all? Then the cluster's name is worth asking for. */
  knows: (flow: string) => Promise<boolean>;
  owned: (key: LedgerKey) => Promise<OwnedObjects>;
  /** Notes what is about to be made and deleted. */
  begin: (key: LedgerKey, steps: Step[]) => Promise<void>;
  /** Notes what became of it. */
  end: (key: LedgerKey, result: ApplyResult) => Promise<void>;
}

/** Key of an object in `OwnedObjects`. */
export function ownedKey(object: { objectType: string; vhost: string; name: string }): string {
  return `${object.objectType}\u0000${object.vhost}\u0000${object.name}`;
}

/** `rabbit@host` is what RabbitMQ calls itself: two brokers easily share it. Only a name given by people tells clusters apart. */
const isGivenName = (name: string) => !name.includes('@');

/**
 * Is the broker at hand the one the entry speaks of? Same address unless the names contradict, or the same given name.
 * In doubt it is not: then nothing is deleted.
 */
function isSameCluster(owner: Owner, key: LedgerKey): boolean {
  const contradicts = owner.clusterName !== null && key.clusterName !== null && owner.clusterName !== key.clusterName;
  if (owner.address === key.address) return !contradicts;
  return owner.clusterName !== null && owner.clusterName === key.clusterName && isGivenName(owner.clusterName);
}

/** The ledger of a flow in the data folder, or the one in `file`, which people may share. */
export function createLedger(where: { dataFolder: string } | { file: string }): Ledger {
  const fileOf = (flow: string) =>
    'file' in where
      ? where.file
      : join(where.dataFolder, 'ledgers', `${createHash('sha256').update(flow).digest('hex').slice(0, 32)}.json`);

  const inTurn = createTurns();
  const update = (key: LedgerKey, change: (objects: Map<string, LedgerObject>) => void) =>
    inTurn(() => rewrite(key, change));

  async function rewrite(key: LedgerKey, change: (objects: Map<string, LedgerObject>) => void): Promise<void> {
    const file = fileOf(key.flow);
    const ledger = await readLedger(file);
    const known = ledger.owners.find((owner) => owner.flow === key.flow && isSameCluster(owner, key));
    const objects = new Map((known?.objects ?? []).map((object) => [ownedKey(object), object]));
    change(objects);
    const owner: Owner = {
      flow: key.flow,
      address: known?.address ?? key.address,
      clusterName: known?.clusterName ?? key.clusterName,
      objects: [...objects.values()].sort((a, b) => (ownedKey(a) < ownedKey(b) ? -1 : 1)),
    };
    const others = ledger.owners.filter((other) => other !== known);
    await writeOwnJson(file, { format: 1, owners: owner.objects.length > 0 ? [...others, owner] : others });
  }

  return {
    async knows(flow) {
      return (await readLedger(fileOf(flow))).owners.some((owner) => owner.flow === flow);
    },
    async owned(key) {
      const { owners } = await readLedger(fileOf(key.flow));
      const owner = owners.find((candidate) => candidate.flow === key.flow && isSameCluster(candidate, key));
      return new Set(owner?.objects.map(ownedKey));
    },
    begin: (key, steps) =>
      update(key, (objects) => {
        for (const step of steps) {
          const id = ownedKey(step);
          const state = step.action === 'delete' ? 'leaving' : makes(step) ? 'intended' : null;
          if (state && (state === 'intended' || objects.has(id))) objects.set(id, entry(step, state));
        }
      }),
    end: (key, result) => update(key, (objects) => settle(objects, result)),
  };
}

/**
 * A step that failed may have been carried out all the same (the connection broke before the answer), and a crash leaves
 * entries undecided: what the second inspection says decides. It still wants the object made: it is not there. It names it
 * in another step: it is there, but somebody else's. It does not name it: it is there as we wanted it.
 */
function settle(objects: Map<string, LedgerObject>, { steps, done, verified }: ApplyResult): void {
  for (const step of steps) {
    if (!done.has(step.id)) continue;
    if (makes(step)) objects.set(ownedKey(step), entry(step, 'made'));
    else if (step.action === 'delete') objects.delete(ownedKey(step));
  }
  if (!verified) return;
  if (verified.allGone) return objects.clear();
  const stillWanted = new Map(verified.steps.map((step) => [ownedKey(step), step.action]));
  for (const [id, object] of [...objects]) {
    const action = stillWanted.get(id);
    if (object.state === 'intended') {
      if (action === undefined) objects.set(id, { ...object, state: 'made' });
      else if (action !== 'delete') objects.delete(id);
    } else if (object.state === 'leaving') {
      if (action === 'delete') objects.set(id, { ...object, state: 'made' });
      else if (verified.sawDeletes) objects.delete(id);
    }
  }
}

const makes = (step: Step) => step.action === 'create' || step.action === 'recreate';

function entry({ objectType, vhost, name }: Step, state: LedgerObject['state']): LedgerObject {
  return { objectType, vhost, name, state };
}

async function readLedger(file: string): Promise<LedgerFile> {
  let text: string;
  try {
    ({ text } = await readTextFile(file));
  } catch (error) {
    if (error instanceof Failure && isMissing(error.cause)) return { format: 1, owners: [] };
    throw error;
  }
  try {
    return ledgerSchema.parse(JSON.parse(text));
  } catch (error) {
    // Never set aside and begun anew: that would forget what is ours.
    throw new Failure('ledger/unreadable', `${file} is not a ledger of Tapline.`, {
      hint: 'Restore it from a backup, or remove it: Tapline then deletes nothing that it made before.',
      object: file,
      cause: error,
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
