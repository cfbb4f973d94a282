import { isDeepStrictEqual } from 'node:util';
import { IllegalOperationError } from 'amqplib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRabbit } from '../../support/rabbitmq';
import { type Observation, play } from './play';
import { FIRST_QUEUES, type Step, sequence, sequenceWithQuorum } from './random-sequence';
import { type RunningTarget, startRealTarget, startSandboxTarget } from './targets';

/** `TAPLINE_SEQUENCES=1000` plays so many, `TAPLINE_SEED` others than the usual ones; `TAPLINE_SHRINK=1` shortens one that differs. */
const SEQUENCES = Number(process.env.TAPLINE_SEQUENCES ?? 100);
const SEED = Number(process.env.TAPLINE_SEED ?? 432_896);
const STEPS = 40;
/** Sequences played at a time, each in vhosts of its own: most of the time is waiting for answers. */
const LANES = 4;
/** Orders in which dead letters may travel that the sandbox is tried with before it counts as different. */
const ORDERS = 64;
/** So many of them may go round for ever, which takes a while to be told. */
const ENDLESS_ORDERS = 3;
/** No sequence takes so long, on a busy machine either. */
const PATIENCE_MS = 600_000;
/** How often the real broker is asked again before a difference counts as the sandbox's. */
const REPEATS = 2;

/**
 * With quorum queues about one sequence in twenty still differs: each channel is told for itself that a queue is too full, and
 * returned messages have a place of their own. So they are played only when asked for, with `TAPLINE_QUORUM=1`.
 */
const KINDS = [
  { queues: 'classic queues', generated: sequence(STEPS) },
  ...(process.env.TAPLINE_QUORUM === '1'
    ? [{ queues: 'quorum queues among them', generated: sequenceWithQuorum(STEPS) }]
    : []),
];

interface Lane {
  real: RunningTarget;
  sandbox: Awaited<ReturnType<typeof startSandboxTarget>>;
}

/** Sequences with nothing to compare, or whose outcome is an accident of RabbitMQ's processes (`otherOrder`, `racy`). */
type Undecided = 'otherOrder' | 'racy' | 'endless' | 'brokenOff';
type Difference = { real: unknown; sandbox: unknown };

/** The first step in which two plays differ, with what both saw. */
function firstDifference(real: Observation[], sandbox: Observation[]): Difference | null {
  const index = real.findIndex((seen, at) => !isDeepStrictEqual(seen, sandbox[at]));
  return index < 0 ? null : { real: real[index], sandbox: sandbox[index] };
}

/** The same with the queues' names turned around (q0 is q3). */
function renamed<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replace(/q([0-3])/g, (_, digit) => `q${3 - Number(digit)}`));
}

/** The same with the queues declared the other way round at the beginning. */
function redeclared<T>(stepsOrSeen: T[]): T[] {
  const [begin, end] = FIRST_QUEUES;
  return [...stepsOrSeen.slice(0, begin), ...stepsOrSeen.slice(begin, end).reverse(), ...stepsOrSeen.slice(end)];
}

type Variant = <T>(stepsOrSeen: T[]) => T[];
const VARIANTS: Variant[] = [(same) => same, renamed, redeclared, (both) => redeclared(renamed(both))];

/**
 * Plays on the real broker. `endless` where dead letters go round for ever, `brokenOff` where RabbitMQ sent a frame on a channel after
 * closing it (its writer and reader are processes of their own): amqplib then ends the connection.
 */
async function playReal(real: RunningTarget, steps: Step[]): Promise<Observation[] | 'endless' | 'brokenOff'> {
  try {
    return (await play(real, steps)) ?? 'endless';
  } catch (error) {
    if (error instanceof IllegalOperationError) return 'brokenOff';
    throw error;
  }
}

/**
 * True when the sandbox sees the same as `real` with dead letters travelling in another order. RabbitMQ's queues are processes: what
 * each of them sends arrives in order, what two send at once in any, and often always in the same one, since one has more to do.
 */
async function isOtherOrder({ broker, ...sandbox }: Lane['sandbox'], steps: Step[], real: Observation[]) {
  try {
    let endless = 0;
    for (let seed = 1; seed <= ORDERS && endless < ENDLESS_ORDERS; seed++) {
      const order = fc.sample(fc.infiniteStream(fc.nat()), { numRuns: 1, seed })[0] as Iterator<number>;
      broker.chooseDeparture = (queues) => queues[order.next().value % queues.length] as string;
      const seen = await play(sandbox, steps);
      if (!seen) endless++;
      else if (!firstDifference(real, seen)) return true;
    }
    return false;
  } finally {
    broker.chooseDeparture = undefined;
  }
}

/**
 * True when the real broker itself does not always answer alike, or did answer like the sandbox once. Where messages
 * die in several queues at once, the order in which they arrive elsewhere is an accident of its processes: with the
 * queues named or declared in another order it comes out differently.
 */
async function isRacy(real: RunningTarget, steps: Step[], first: Observation[], sandbox: Observation[]) {
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const variant of VARIANTS) {
      const seen = await playReal(real, variant(steps));
      if (typeof seen === 'string') return true;
      const again = variant(seen);
      if (!firstDifference(again, sandbox) || firstDifference(again, first)) return true;
    }
  }
  return false;
}

/**
 * Plays steps on both brokers. `otherOrder`: see isOtherOrder; `racy` is a difference RabbitMQ has from itself, too. `endless`: dead
 * letters go round for ever, since somebody rejected them before (RabbitMQ does the same, see the behaviour of that name), so there is
 * nothing to compare. `brokenOff`: see playReal.
 */
async function compare({ real, sandbox }: Lane, steps: Step[]): Promise<Difference | Undecided | null> {
  const fromSandbox = await play(sandbox, steps);
  if (!fromSandbox) return 'endless';
  const fromReal = await playReal(real, steps);
  if (typeof fromReal === 'string') return fromReal;
  const difference = firstDifference(fromReal, fromSandbox);
  if (!difference) return null;
  if (await isOtherOrder(sandbox, steps, fromReal)) return 'otherOrder';
  return (await isRacy(real, steps, fromReal, fromSandbox)) ? 'racy' : difference;
}

/** Fails where a sequence hangs, so that the run names it. */
async function withPatience<T>(playing: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const gaveUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([playing, gaveUp]).finally(() => clearTimeout(timer));
}

describe.skipIf(!hasRabbit)('random topologies and messages', () => {
  let lanes: Lane[];
  beforeAll(async () => {
    const open = async (): Promise<Lane> => {
      const real = await startRealTarget();
      return { real, sandbox: await startSandboxTarget(real.version) };
    };
    lanes = await Promise.all(Array.from({ length: LANES }, open));
  });
  afterAll(() => Promise.all(lanes.flatMap(({ real, sandbox }) => [real.close(), sandbox.close()])));

  it.each(KINDS)(
    `look the same on both brokers, $queues (${SEQUENCES} sequences, seed ${SEED})`,
    {
      timeout: 3_600_000,
    },
    async ({ queues, generated }) => {
      const waiting = fc.sample(generated, { numRuns: SEQUENCES, seed: SEED }).entries();
      const differences: (Difference & { path: number })[] = [];
      const undecided: Record<Undecided, number> = { otherOrder: 0, racy: 0, endless: 0, brokenOff: 0 };
      const playOn = async (lane: Lane) => {
        for (const [path, steps] of waiting) {
          const outcome = await withPatience(compare(lane, steps)).catch((cause) => {
            throw new Error(`sequence ${path} of seed ${SEED} could not be played`, { cause });
          });
          if (typeof outcome === 'string') undecided[outcome]++;
          else if (outcome) differences.push({ path, ...outcome });
        }
      };
      await Promise.all(lanes.map(playOn));
      const own = JSON.stringify(undecided);
      console.log(`${SEQUENCES} sequences played, ${queues}, seed ${SEED}; of RabbitMQ's own making: ${own}`);
      const [first] = differences;
      if (first && process.env.TAPLINE_SHRINK === '1') {
        const isSame = fc.asyncProperty(generated, async (steps) => {
          const outcome = await compare(lanes[0] as Lane, steps);
          if (typeof outcome !== 'string') expect(outcome?.sandbox).toEqual(outcome?.real);
        });
        await fc.assert(isSame, { seed: SEED, path: String(first.path), numRuns: 1 });
      }
      const all = (key: 'real' | 'sandbox') => differences.map(({ path, [key]: seen }) => ({ path, seen }));
      expect(all('sandbox')).toEqual(all('real'));
      expect(lanes.flatMap(({ sandbox }) => sandbox.bugs)).toEqual([]);
    },
  );
});
