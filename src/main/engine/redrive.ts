import type { DeadLetter, Home } from '@shared/dead-letters/dead-letter';
import { compileFilter, originalKey } from '@shared/dead-letters/filter';
import type { RedriveOrder, RedriveSummary } from '@shared/dead-letters/redrive';
import { Failure } from '@shared/failure';
import type { Decision, RedriveCounts } from '../kinds/dead-letters';
import { type DeadLetterContext, type Reachable, reach } from './dead-letters';
import { acquireLease } from './lease';
import { targetsIdentity } from './planner';
import { checkProtection } from './protection';
import { openJournal, type RedriveJournal } from './redrive-journal';

export interface RedriveOptions {
  /** The environment's name as typed; needed where its protection is `confirm`. */
  confirmation?: string;
  /** Called once it is known how many messages it will look at most. */
  onBegin?: (total: number) => void;
  onProgress?: (counts: RedriveCounts) => void;
  /** Resolves at once unless the run is paused. */
  mayGoOn?: () => Promise<void>;
  /** Ends it in good order. */
  signal?: AbortSignal;
  now?: () => number;
}

/**
 * Where a letter goes by an order; undefined when nothing tells. `reach: exchange` takes the exchange by which it came where that is
 * known.
 */
export function homeFor(
  letter: DeadLetter,
  { to, reach: wanted }: Pick<RedriveOrder, 'to' | 'reach'>,
): Home | undefined {
  if (!to) return letter.homes.find((home) => home.reach === wanted) ?? letter.homes[0];
  const routingKey = to.routingKey ?? originalKey(letter);
  const isQueue = to.exchange === '';
  return {
    exchange: to.exchange,
    routingKey,
    reach: isQueue ? 'queue' : 'exchange',
    name: isQueue ? routingKey : to.exchange,
    why: 'as asked',
  };
}

/** Which letters an order means. Ids are used up: an id given once stands for one of several equal messages. */
export function selector({ ids, filter }: Pick<RedriveOrder, 'ids' | 'filter'>, now: number) {
  const matches = compileFilter(filter, now);
  if (!ids) return { isMeant: matches, isDone: () => false };
  const wanted = new Map<string, number>();
  for (const id of ids) wanted.set(id, (wanted.get(id) ?? 0) + 1);
  return {
    isMeant(letter: DeadLetter) {
      const left = wanted.get(letter.id) ?? 0;
      if (left === 0 || !matches(letter)) return false;
      if (left === 1) wanted.delete(letter.id);
      else wanted.set(letter.id, left - 1);
      return true;
    },
    isDone: () => wanted.size === 0,
  };
}

/**
 * Moves dead letters home, one run a queue at a time. Ends `lost` rather than throwing once it has begun: what was done counts, and
 * the next run goes on. @throws Failure when it may not begin; then nothing was changed
 */
export async function runRedrive(
  context: DeadLetterContext,
  order: RedriveOrder,
  options: RedriveOptions = {},
): Promise<RedriveSummary> {
  const { environment, flow, dataFolder, audit } = context;
  checkProtection(environment, options.confirmation);
  const reachable = await reach(context, order.queue);
  const { target } = reachable;
  const lease = await acquireLease({
    dataFolder,
    activity: 'redrive',
    flow: `dead letters of ${order.queue.vhost}/${order.queue.name}`,
    flowName: flow.name,
    where: targetsIdentity({ [target.broker]: target }),
  });
  const about = { flow: flow.name, environment: environment.name, ...order.queue, queue: order.queue.name };
  try {
    const budget = await depthOf(context, reachable);
    await checkDestination(reachable, order);
    const { ids, filter, to, reach: via, limit, ratePerSecond, edits } = order;
    const asked = { filter, to, via, limit, ratePerSecond, selected: ids?.length, edited: Object.keys(edits).length };
    await audit.write({ event: 'redrive-started', ...about, depth: budget, ...asked });
    options.onBegin?.(budget);
    const summary = await carryOut(context, reachable, order, options, budget);
    await audit.write({ event: 'redrive-ended', ...about, summary });
    return summary;
  } finally {
    await lease.release();
  }
}

/** Messages that are ready now. @throws Failure when the queue is not there or must not be read */
async function depthOf({ flow }: DeadLetterContext, { driver, target, queue }: Reachable): Promise<number> {
  const states = await driver.list(target, { flow });
  const state = states.find(({ vhost, name }) => vhost === queue.vhost && name === queue.name);
  const problem = state?.terms.refused ?? state?.problem;
  if (!state || state.depth === null || problem !== undefined)
    throw new Failure('dead-letters/no-queue', problem ?? `${queue.name} could not be looked at.`, {
      object: queue.name,
    });
  return state.depth;
}

/** A destination that was asked for must be there. @throws Failure `redrive/no-target` */
async function checkDestination({ driver, target, queue }: Reachable, { to }: RedriveOrder): Promise<void> {
  if (!to || (to.exchange === '' && to.routingKey === undefined)) return;
  const home = {
    exchange: to.exchange,
    routingKey: to.routingKey ?? '',
    reach: 'exchange',
    name: to.exchange,
    why: '',
  } as const;
  const problem = await driver.checkHome(target, queue.vhost, home);
  if (problem !== null)
    throw new Failure('redrive/no-target', `${problem} Nothing was redriven.`, {
      object: to.exchange || to.routingKey,
    });
}

async function carryOut(
  context: DeadLetterContext,
  reachable: Reachable,
  order: RedriveOrder,
  options: RedriveOptions,
  budget: number,
): Promise<RedriveSummary> {
  const { driver, target, queue } = reachable;
  const now = (options.now ?? Date.now)();
  const signal = options.signal ?? new AbortController().signal;
  const journal = await openJournal(context.dataFolder, reachable.journal, now);
  const extra = { homeless: 0, maybeTwice: 0 };
  const { isMeant, isDone } = selector(order, now);
  let counts: RedriveCounts = {
    looked: 0,
    redriven: 0,
    returned: 0,
    failed: 0,
    alreadySent: 0,
    skipped: 0,
    sawAll: false,
  };
  let error: RedriveSummary['error'];
  let inGoodOrder = false;
  try {
    counts = await driver.redrive(target, {
      queue,
      budget,
      limit: order.limit,
      ratePerSecond: order.ratePerSecond,
      record: journal,
      signal,
      isDone,
      mayGoOn: options.mayGoOn ?? (async () => {}),
      decide: (letter) => decide(letter, order, journal, isMeant, extra),
      onProgress: (seen) => {
        counts = seen;
        options.onProgress?.(seen);
      },
    });
    inGoodOrder = true;
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    error = { code: failure.code, message: failure.message, ...(failure.hint ? { hint: failure.hint } : {}) };
  } finally {
    await journal.close({ inGoodOrder, sawAll: counts.sawAll });
  }
  const { redriven, returned, failed, skipped, alreadySent } = counts;
  const left = await depthOf(context, reachable).catch(() => null);
  const ended = error ? 'lost' : signal.aborted ? 'cancelled' : 'done';
  return { redriven, returned, failed, left, skipped, alreadySent, ...extra, ended, ...(error ? { error } : {}) };
}

function decide(
  letter: DeadLetter,
  order: RedriveOrder,
  journal: RedriveJournal,
  isMeant: (letter: DeadLetter) => boolean,
  extra: { homeless: number; maybeTwice: number },
): Decision {
  // Equal messages without an id cannot be told apart: rather twice than lost.
  if (letter.messageId !== undefined && journal.claimConfirmed(letter.id)) return { do: 'drop' };
  if (!isMeant(letter)) return { do: 'leave' };
  const home = homeFor(letter, order);
  if (!home) {
    extra.homeless += 1;
    return { do: 'leave' };
  }
  if (journal.claimUncertain(letter.id)) extra.maybeTwice += 1;
  return { do: 'send', home, edit: order.edits[letter.id] };
}
