import { Failure } from '@shared/failure';
import type { Channel, ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../driver';
import { closeQuietly } from './close';
import { openConnection } from './connect';
import { type BrokerReply, replyOf } from './replies';

/** What came back: the answer, or the broker's refusal. */
export type Reply<T> = { answer: T } | { refused: BrokerReply };

/** Asks on a channel of its own, which a refusal closes. @throws Failure when the connection is lost meanwhile */
export async function ask<T>(connection: ChannelModel, question: (channel: Channel) => Promise<T>): Promise<Reply<T>> {
  const channel = await connection.createChannel().catch(lost);
  channel.on('error', () => {}); // the rejection below says the same
  try {
    const answer = await question(channel);
    await closeQuietly(channel);
    return { answer };
  } catch (error) {
    const reply = replyOf(error);
    if (reply.code !== 0 || error instanceof Failure) return { refused: reply };
    return lost(error);
  }
}

/** Asks what may close the connection, on one of its own. @throws Failure when it cannot be opened */
export async function askAlone<T>(
  target: ConnectionTarget,
  vhost: string,
  question: (channel: Channel) => Promise<T>,
): Promise<Reply<T>> {
  const connection = await openConnection(target, { purpose: 'inspect', vhost });
  let lastWords: BrokerReply | undefined;
  connection.on('error', (error) => {
    lastWords = replyOf(error);
  });
  try {
    return await ask(connection, question);
  } catch (error) {
    if (!lastWords) throw error;
    return { refused: lastWords };
  } finally {
    await closeQuietly(connection);
  }
}

function lost(cause: unknown): never {
  throw new Failure('connect/lost', 'The connection to the broker was lost while it was asked.', {
    retryable: true,
    cause,
  });
}
