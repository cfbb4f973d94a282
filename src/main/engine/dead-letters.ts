import type { DeadLetter, DeadLetterQueue } from '@shared/dead-letters/dead-letter';
import type { DeadLetterOverview, ListedQueue, QueueRef } from '@shared/dead-letters/redrive';
import { Failure } from '@shared/failure';
import type { DeadLetterDriver, ReadResult } from '../kinds/dead-letters';
import type { ConnectionTarget } from '../kinds/driver';
import { urlAddress } from './connection-url';
import { driverOf } from './kinds';
import type { DeployContext } from './planner';
import { type JournalKey, readUnfinished } from './redrive-journal';

/** What dead letters are looked at and redriven with. */
export type DeadLetterContext = Omit<DeployContext, 'ledger'>;

/** A dead-letter queue with what is needed to talk to it. */
export interface Reachable {
  queue: DeadLetterQueue;
  target: ConnectionTarget;
  driver: DeadLetterDriver;
  journal: JournalKey;
}

/** All dead-letter queues of the flow, with their depths; no message is read. Brokers that do not answer are told, not thrown. */
export async function listDeadLetters(context: DeadLetterContext, signal?: AbortSignal): Promise<DeadLetterOverview> {
  const { flow, targets, drivers, dataFolder } = context;
  const overview: DeadLetterOverview = { queues: [], problems: [] };
  for (const [broker, { kind }] of Object.entries(flow.brokers)) {
    const target = targets[broker];
    const driver = drivers[kind]?.deadLetters;
    if (!target || !driver) continue;
    try {
      for (const queue of await driver.list(target, { flow, signal })) {
        const unfinished = await readUnfinished(dataFolder, journalKey(target, queue));
        overview.queues.push({ ...queue, ...(unfinished ? { unfinished } : {}) });
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      overview.problems.push({ broker, message: error.message, ...(error.hint ? { hint: error.hint } : {}) });
    }
  }
  return overview;
}

function journalKey(target: ConnectionTarget, { vhost, name }: Pick<QueueRef, 'vhost' | 'name'>): JournalKey {
  return { address: urlAddress(target.url), vhost, queue: name };
}

/** The queue that is meant. One that the drawing does not know as a dead-letter queue is refused. @throws Failure */
export async function reach(context: DeadLetterContext, ref: QueueRef): Promise<Reachable> {
  const { flow, targets, drivers, environment } = context;
  const target = targets[ref.broker];
  if (!target)
    throw new Failure(
      'dead-letters/no-connection',
      `${environment.name} has no connection for the broker “${ref.broker}”.`,
      {
        hint: 'Add one in the connection dialog.',
        object: ref.broker,
      },
    );
  const kind = flow.brokers[ref.broker]?.kind ?? '';
  const driver = driverOf(drivers, kind, ref.broker);
  if (!driver.deadLetters)
    throw new Failure('dead-letters/not-here', `Brokers of kind “${kind}” have no dead letters that Tapline can read.`);
  const facts = await driver.facts(target);
  const isMeant = ({ vhost, name }: DeadLetterQueue) => vhost === ref.vhost && name === ref.name;
  const queues = driver.deadLetters.find(flow, ref.broker, facts);
  const queue = queues.find(isMeant);
  if (!queue)
    throw new Failure('dead-letters/not-one', `${ref.name} is no dead-letter queue of the flow “${flow.name}”.`, {
      hint: queues.length > 0 ? `It has ${queues.map(({ name }) => name).join(', ')}.` : 'By the drawing it has none.',
      object: ref.name,
    });
  return { queue, target, driver: driver.deadLetters, journal: journalKey(target, ref) };
}

/** Reads messages, which may take them out and put them back, and is on the audit log. @throws Failure */
export async function readDeadLetters(
  context: DeadLetterContext,
  { ref, limit, signal }: { ref: QueueRef; limit: number; signal?: AbortSignal },
): Promise<ReadResult> {
  const { environment, audit, flow } = context;
  const { queue, target, driver } = await reach(context, ref);
  if (environment.protection === 'read-only' && !driver.isReadHarmless)
    throw new Failure(
      'environment/read-only',
      `${environment.name} is read-only, and reading a queue changes it: Tapline takes no message out there.`,
      { hint: 'Watch the flow instead: dead letters that come meanwhile are shown.', object: environment.name },
    );
  const result = await driver.read(target, { queue, limit, signal });
  await audit.write({
    event: 'dead-letters-read',
    flow: flow.name,
    environment: environment.name,
    broker: ref.broker,
    vhost: ref.vhost,
    queue: ref.name,
    messages: result.letters.length,
  });
  return result;
}

/** Bodies are masked on protected environments. */
export function maskLetters(letters: DeadLetter[], { environment }: DeadLetterContext): DeadLetter[] {
  if (environment.protection === 'open') return letters;
  return letters.map((letter) => ({ ...letter, body: { format: 'masked' } }));
}

/** `vhost/queue`, or the queue alone where its name says enough. */
export function findListed(queues: readonly ListedQueue[], text: string): ListedQueue[] {
  return queues.filter(({ node, name, vhost }) => node === text || name === text || `${vhost}/${name}` === text);
}
