import { Failure } from '@shared/failure';
import type { ConsumeMessage } from 'amqplib';
import type { ReadRequest, ReadResult } from '../../dead-letters';
import type { ConnectionTarget } from '../../driver';
import { closeQuietly } from '../close';
import { openConnection } from '../connect';
import { toDeadLetter } from './letter';
import { Publisher } from './publisher';
import { stateOf } from './state';
import { Taker } from './taker';
import { deliveryCount, isWorn, putBackCopies } from './worn';

/** Most messages one read takes out at a time. */
const MOST_READ = 1000;

/**
 * Reads the first messages of a queue and puts them back, on a connection of its own: should it or this process die, the broker
 * puts them back. @throws Failure `dead-letters/refused` where reading would lose something
 */
export async function read(target: ConnectionTarget, request: ReadRequest): Promise<ReadResult> {
  const { queue, signal } = request;
  const { state, deliveryLimit } = await stateOf(target, queue, signal);
  if (state.terms.refused !== undefined)
    throw new Failure('dead-letters/refused', state.terms.refused, { object: queue.name });
  if (state.problem !== undefined) throw new Failure('dead-letters/no-queue', state.problem, { object: queue.name });
  const wanted = Math.min(request.limit, MOST_READ);
  const budget = Math.min(wanted, state.depth ?? wanted);
  if (budget === 0) return { letters: [], notices: [], mayReadAgain: true };
  const connection = await openConnection(target, { purpose: 'dead letters', vhost: queue.vhost });
  try {
    const taker = await Taker.start(connection, { queue: queue.name, prefetch: budget, budget });
    const taken: ConsumeMessage[] = [];
    for (;;) {
      const batch = await taker.next(budget, signal);
      if (batch.length === 0) break;
      taken.push(...batch);
      await taker.hold(batch);
    }
    const letters = taken.map((message) => toDeadLetter(message, queue));
    const worn = taken.filter((message) => isWorn(message, deliveryLimit));
    if (worn.length > 0) {
      const publisher = await Publisher.start(connection);
      await putBackCopies(publisher, taker, queue.name, worn);
      await publisher.close();
    }
    await taker.close();
    const notices = noticesOf(taker, worn.length, letters.length, budget);
    const highest = Math.max(0, ...taken.map(deliveryCount));
    return { letters, notices, mayReadAgain: deliveryLimit === null || highest + 1 < deliveryLimit };
  } finally {
    await closeQuietly(connection);
  }
}

function noticesOf({ ending }: Taker, copied: number, got: number, wanted: number): string[] {
  const notices: string[] = [];
  if (copied > 0)
    notices.push(
      `${copied} of them had reached the delivery limit: the queue would have given them up. They were put back as copies, at its end.`,
    );
  if (ending === 'full') notices.push(`Only ${got} were read: they are too large for more at once.`);
  if (ending === 'starved') notices.push(`Only ${got} of ${wanted} came: another consumer has the queue for itself.`);
  if (ending === 'empty' && got < wanted)
    notices.push(`Only ${got} of ${wanted} came: others took the rest meanwhile.`);
  if (ending === 'gone') notices.push('The queue was deleted while it was read.');
  return notices;
}
