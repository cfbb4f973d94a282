import type { DeadLetter, Home } from '@shared/dead-letters/dead-letter';
import { isEmptyFilter } from '@shared/dead-letters/filter';
import { describeReason } from '@shared/dead-letters/history';
import type { PreviewTarget, RedriveOrder, RedrivePreview } from '@shared/dead-letters/redrive';
import { type DeadLetterContext, type Reachable, reach } from './dead-letters';
import { homeFor, selector } from './redrive';
import { readUnfinished } from './redrive-journal';

/** Places listed one by one; the rest is counted. */
const MOST_TARGETS = 50;
/** So many redrives before mean that the handler keeps failing. */
const MANY_REDRIVES = 2;

/** What a redrive would do, from the depth and from the letters that were read before. Changes nothing. @throws Failure */
export async function previewRedrive(
  context: DeadLetterContext,
  order: RedriveOrder,
  known: readonly DeadLetter[],
  now: number,
): Promise<RedrivePreview> {
  const reachable = await reach(context, order.queue);
  const { queue, target, driver, journal } = reachable;
  const states = await driver.list(target, { flow: context.flow });
  const state = states.find(({ vhost, name }) => vhost === queue.vhost && name === queue.name);
  const { isMeant } = selector(order, now);
  const meant = known.filter(isMeant);
  const homeless = meant.filter((letter) => !homeFor(letter, order));
  const homes = meant.length > 0 ? homesOf(meant, order) : guessHomes(reachable, order);
  const targets = await Promise.all(
    homes.slice(0, MOST_TARGETS).map((entry) => describeTarget(context, reachable, entry)),
  );
  const depth = state?.depth ?? null;
  const unfinished = await readUnfinished(context.dataFolder, journal);
  const warnings = [
    ...(state?.problem === undefined ? [] : [state.problem]),
    ...(state?.terms.refused === undefined ? [] : [state.terms.refused]),
    ...whatIsUnknown(order, depth, known.length),
    ...(homes.length > MOST_TARGETS
      ? [`They go to ${homes.length} places; the first ${MOST_TARGETS} are listed.`]
      : []),
    ...(homeless.length > 0
      ? [`Of ${homeless.length} of them nothing tells where they belong: they stay, unless a destination is given.`]
      : []),
    ...whatMayFail(meant),
    ...(meant.length === 0 && targets.length === 0 && !order.to
      ? [
          'Nothing tells yet where they belong: each message is asked when its turn comes, and stays if it does not tell.',
        ]
      : []),
    ...((state?.consumers ?? 0) > 0 ? [`${queue.name} has other consumers: what they take is not redriven.`] : []),
  ];
  return {
    depth,
    known: known.length,
    matching: meant.length,
    targets,
    warnings,
    ...(unfinished ? { unfinished } : {}),
  };
}

interface Counted {
  home: Home;
  count: number;
}

function homesOf(letters: readonly DeadLetter[], order: RedriveOrder): Counted[] {
  const counted = new Map<string, Counted>();
  for (const letter of letters) {
    const home = homeFor(letter, order);
    if (!home) continue;
    const key = `${home.exchange}\u0000${home.routingKey}`;
    const entry = counted.get(key);
    if (entry) entry.count += 1;
    else counted.set(key, { home, count: 1 });
  }
  return [...counted.values()].sort((a, b) => b.count - a.count);
}

/** Of messages nobody has read: what was asked for, or what the names and the drawing tell. */
function guessHomes({ driver, queue }: Reachable, { to }: RedriveOrder): Counted[] {
  if (!to) return driver.guessHomes(queue).map((home) => ({ home, count: 0 }));
  if (to.routingKey === undefined) return [];
  const { exchange, routingKey } = to;
  return [
    {
      home: { exchange, routingKey, reach: exchange === '' ? 'queue' : 'exchange', name: exchange, why: 'as asked' },
      count: 0,
    },
  ];
}

async function describeTarget(
  { flow }: DeadLetterContext,
  { queue, target, driver }: Reachable,
  { home, count }: Counted,
): Promise<PreviewTarget> {
  const { exchange, routingKey, why, inferred } = home;
  const missing = await driver.checkHome(target, queue.vhost, home);
  const reaches = driver.reaches(flow, queue, home);
  const isUnroutable = missing === null && reaches?.length === 0;
  const problem =
    missing ??
    (isUnroutable
      ? `By the drawing no queue is bound to ${exchange} for the key “${routingKey}”: they would be returned and put back.`
      : null);
  return {
    home: { exchange, routingKey, why, ...(inferred ? { inferred } : {}) },
    count,
    reaches,
    ...(problem === null ? {} : { problem }),
  };
}

function whatIsUnknown({ filter, ids }: RedriveOrder, depth: number | null, known: number): string[] {
  if (ids || depth === null || known >= depth) return [];
  const rest = depth - known;
  const these = rest === 1 ? '1 message has' : `${rest.toLocaleString('en')} messages have`;
  return isEmptyFilter(filter)
    ? known === 0
      ? []
      : [`${these} not been read: where they go is not known yet.`]
    : [`${these} not been read: how many of them the filter lets through is not known yet.`];
}

/** What the letters themselves foretell. */
function whatMayFail(letters: readonly DeadLetter[]): string[] {
  const often = letters.filter(({ redriven }) => (redriven?.times ?? 0) >= MANY_REDRIVES);
  const once = letters.filter(({ redriven }) => redriven !== null).length - often.length;
  const warnings: string[] = [];
  if (often.length > 0)
    warnings.push(
      `${often.length} of them came back ${MANY_REDRIVES} times or more after a redrive: their handler keeps failing.`,
    );
  if (once > 0) warnings.push(`${once} of them came back once after a redrive: is the cause mended?`);
  const expired = letters.filter(({ reason }) => reason === 'expired').length;
  if (expired > 0)
    warnings.push(
      `${expired} of them ${describeReason('expired')}: they will again, unless somebody consumes in time.`,
    );
  const full = letters.filter(({ reason }) => reason === 'maxlen').length;
  if (full > 0)
    warnings.push(
      `${full} of them were pushed out of a full queue: it may push them out again, or others in their place.`,
    );
  return warnings;
}
