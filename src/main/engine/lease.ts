import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Failure } from '@shared/failure';
import { z } from 'zod';
import { lockHolderSchema, ownHolder, releaseLock, takeLock } from './lock-file';

/** What only one process at a time may do with a flow in an environment. */
export type Activity = 'deploy' | 'run' | 'watch' | 'redrive';

const WORDS: Record<Activity, string> = {
  deploy: 'being deployed',
  run: 'running',
  watch: 'being watched',
  redrive: 'being redriven',
};

const holderSchema = lockHolderSchema.extend({ since: z.number(), activity: z.string(), flow: z.string() });
type Holder = z.infer<typeof holderSchema>;

export interface Lease {
  release: () => Promise<void>;
}

export interface LeaseRequest {
  dataFolder: string;
  activity: Activity;
  /** Identity of the flow. */
  flow: string;
  /** Name for the sentence of a refusal. */
  flowName: string;
  /** Identity of the brokers, whatever the environment is called. */
  where: string;
}

/**
 * Takes the one lease of an activity on a flow in an environment. Locks left behind by processes that ended are taken over.
 * @throws Failure `lease/held` naming the process that has it
 */
export async function acquireLease(request: LeaseRequest): Promise<Lease> {
  const folder = join(request.dataFolder, 'leases');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = createHash('sha256').update(`${request.flow}\0${request.where}\0${request.activity}`).digest('hex');
  const file = join(folder, `${key.slice(0, 32)}.lock`);
  const own: Holder = { ...ownHolder(), since: Date.now(), activity: request.activity, flow: request.flowName };
  const lock = await takeLock(file, own, holderSchema);
  if (!lock.taken) throw held(request, lock.holder, file);
  return { release: () => releaseLock(file, own) };
}

function held(request: LeaseRequest, holder: Holder, file: string): Failure {
  const here = holder.host === hostname();
  const who = holder.pid === process.pid && here ? 'this Tapline' : `process ${holder.pid} on ${holder.host}`;
  const since = new Date(holder.since).toISOString();
  return new Failure(
    'lease/held',
    `The flow "${request.flowName}" is already ${WORDS[request.activity]} there by ${who}, since ${since}.`,
    {
      hint: here ? 'Stop it there first.' : `Stop it there first; if that machine is gone, remove ${file}.`,
      object: request.flowName,
      retryable: true,
    },
  );
}
