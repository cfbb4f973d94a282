import type { DeadLetter, Home } from '@shared/dead-letters/dead-letter';
import type { ConsumeMessage } from 'amqplib';
import type { Decision, LetterEdit, RedriveCounts, RedriveRequest } from '../../dead-letters';
import type { ConnectionTarget } from '../../driver';
import { keepRate } from '../../keep-rate';
import { closeQuietly } from '../close';
import { openConnection } from '../connect';
import { readAddress } from '../target';
import { toDeadLetter } from './letter';
import { toOutgoing } from './outgoing';
import { type Fate, Publisher } from './publisher';
import { stateOf } from './state';
import { Taker } from './taker';
import { isWorn, putBackCopies } from './worn';

/** Messages that go through publishing, confirming and recording together. */
const BATCH_SIZE = 100;
/** Batches under way at a time. */
const MOST_UNDERWAY = 3;
/** While those are confirmed, the next one is already on its way here. A crash can make no more than these arrive twice. */
const PREFETCH = (MOST_UNDERWAY + 1) * BATCH_SIZE;
/** So long at least a batch takes where a rate is given, so that messages go out evenly. */
const TICK_MS = 100;

interface Taken {
  message: ConsumeMessage;
  letter: DeadLetter;
  decision: Decision;
}

type Sending = Taken & { decision: { do: 'send'; home: Home; edit?: LetterEdit } };

/**
 * Moves dead letters home: publishes a batch, waits until each is confirmed and that is on record, then takes it out of the queue.
 * A crash at any moment leaves every message in the queue, or at home, or (at most `PREFETCH`) in both.
 */
export async function redrive(target: ConnectionTarget, request: RedriveRequest): Promise<RedriveCounts> {
  const { queue, budget } = request;
  const { vhost } = queue;
  const counts: RedriveCounts = {
    looked: 0,
    redriven: 0,
    returned: 0,
    failed: 0,
    alreadySent: 0,
    skipped: 0,
    sawAll: true,
  };
  if (budget === 0) return counts;
  const { deliveryLimit } = await stateOf(target, queue, request.signal);
  const taking = await openConnection(target, { purpose: 'redrive', vhost });
  // An alarm of the broker blocks connections that publish; taking messages out must not wait for that.
  const publishing = await openConnection(target, { purpose: 'redrive', vhost }).catch(async (error: unknown) => {
    await closeQuietly(taking);
    throw error;
  });
  try {
    const taker = await Taker.start(taking, { queue: queue.name, prefetch: PREFETCH, budget });
    const publisher = await Publisher.start(publishing);
    const worn: ConsumeMessage[] = [];
    const run: Run = { target, request, taker, publisher, counts, deliveryLimit, worn, sending: 0 };
    const underway = new Set<Promise<void>>();
    while (!isOver(run)) {
      await request.mayGoOn();
      const startedAt = performance.now();
      const batch = await taker.next(batchSize(run), request.signal);
      if (batch.length === 0) break;
      const settling = settle(run, batch).then(() => {
        underway.delete(settling);
        request.onProgress({ ...counts });
      });
      // Its failure is met by the waits below; others that fail with it say the same.
      settling.catch(() => {});
      underway.add(settling);
      while (underway.size >= MOST_UNDERWAY || isAtLimit(run)) await Promise.race(underway);
      await keepRate(request, batch.length, performance.now() - startedAt);
    }
    await Promise.all(underway);
    counts.sawAll = taker.ending === 'budget' || taker.ending === 'empty' || counts.looked >= budget;
    await putBackCopies(publisher, taker, queue.name, worn);
    await taker.close();
    await publisher.close();
  } finally {
    await Promise.all([closeQuietly(taking), closeQuietly(publishing)]);
  }
  return counts;
}

interface Run {
  target: ConnectionTarget;
  request: RedriveRequest;
  taker: Taker;
  publisher: Publisher;
  counts: RedriveCounts;
  deliveryLimit: number | null;
  /** Held back, and would be given up by the queue if it were returned. */
  worn: ConsumeMessage[];
  /** Messages under way. */
  sending: number;
}

function isOver({ request, counts }: Run): boolean {
  const isFull = request.limit !== undefined && counts.redriven >= request.limit;
  return request.signal.aborted || isFull || request.isDone?.() === true;
}

/** Do those under way use the limit up? If one of them is returned, another may go. */
function isAtLimit({ request: { limit }, counts, sending }: Run): boolean {
  return limit !== undefined && sending > 0 && counts.redriven + sending >= limit;
}

function batchSize({ request: { ratePerSecond, limit }, counts, sending }: Run): number {
  const byRate = ratePerSecond === undefined ? BATCH_SIZE : Math.ceil((ratePerSecond * TICK_MS) / 1000);
  const byLimit = limit === undefined ? BATCH_SIZE : limit - counts.redriven - sending;
  return Math.max(1, Math.min(BATCH_SIZE, byRate, byLimit));
}

/** Deals with one batch; afterwards each of its messages is gone from the queue or held to be put back. */
async function settle(run: Run, batch: ConsumeMessage[]): Promise<void> {
  const { target, request, taker, publisher, counts } = run;
  const { record, queue } = request;
  const taken = batch.map((message): Taken => {
    const letter = toDeadLetter(message, queue);
    return { message, letter, decision: request.decide(letter) };
  });
  const sending = taken.filter((entry): entry is Sending => entry.decision.do === 'send');
  const dropped = taken.filter(({ decision }) => decision.do === 'drop');
  const left = taken.filter(({ decision }) => decision.do === 'leave');
  const context = { user: readAddress(target).username, now: Date.now() };
  run.sending += sending.length;
  if (sending.length > 0) await record.sending(sending.map(({ letter }) => letter.id));
  const fates = await Promise.all(
    sending.map(({ message, letter, decision: { home, edit } }) =>
      publisher.publish(toOutgoing(message, letter, home, edit, context)),
    ),
  );
  const fated = (fate: Fate) => sending.filter((_, index) => fates[index] === fate);
  const confirmed = fated('confirmed');
  if (confirmed.length > 0) await record.confirmed(confirmed.map(({ letter }) => letter.id));
  const gone = taken.filter((entry) => entry.decision.do === 'drop' || confirmed.includes(entry as Sending));
  taker.remove(gone.map(({ message }) => message));
  const returned = fated('returned');
  const refused = fated('refused');
  const unsent = [...returned, ...refused];
  if (unsent.length > 0) await record.returned(unsent.map(({ letter }) => letter.id));
  const held = [...unsent, ...left].map(({ message }) => message);
  run.worn.push(...held.filter((message) => isWorn(message, run.deliveryLimit)));
  await taker.hold(held);
  run.sending -= sending.length;
  counts.looked += batch.length;
  counts.redriven += confirmed.length;
  counts.alreadySent += dropped.length;
  counts.returned += returned.length;
  counts.failed += refused.length;
  counts.skipped += left.length;
}
