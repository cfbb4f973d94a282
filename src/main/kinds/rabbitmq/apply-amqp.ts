import type { Outcome } from '@shared/deploy/plan';
import { Failure } from '@shared/failure';
import type { Channel, ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../driver';
import { CANCELLED, errorOf, type RabbitStep, type Settle } from './apply';
import { closeQuietly } from './close';
import { openConnection } from './connect';
import { explainRefusal } from './explain-refusal';
import { performStep, WouldLose } from './perform-step';
import { type BrokerReply, replyOf } from './replies';

/** Tries of a step whose connection went away under it without a word before it is told as failed. */
const MAX_TRIES = 3;
/** After a cancel, steps in flight have this long to be answered before the connection is closed under them. */
const GRACE_MS = 3000;

/**
 * Carries out steps that do not depend on each other. A refusal closes the channel it came on: the lane opens another and goes on
 * with the next step. A refusal that closes the connection takes innocent steps with it: these are tried again one at a time, so
 * that each gets its own answer; then all lanes go on.
 */
export async function applyOverAmqp(
  target: ConnectionTarget,
  { steps, lanes }: { steps: RabbitStep[]; lanes: number },
  settle: Settle,
  signal?: AbortSignal,
): Promise<void> {
  const byVhost = new Map<string, RabbitStep[]>();
  for (const step of steps) byVhost.set(step.vhost, [...(byVhost.get(step.vhost) ?? []), step]);
  for (const [vhost, list] of byVhost) await applyInVhost(target, vhost, { steps: list, lanes }, settle, signal);
}

async function applyInVhost(
  target: ConnectionTarget,
  vhost: string,
  { steps, lanes }: { steps: RabbitStep[]; lanes: number },
  settle: Settle,
  signal?: AbortSignal,
): Promise<void> {
  const tries = new Map<RabbitStep, number>();
  let waiting = steps;
  let suspects: RabbitStep[] = [];
  while (waiting.length + suspects.length > 0) {
    if (signal?.aborted) return settleAll([...suspects, ...waiting], settle, 'skipped', CANCELLED);
    const connection = await openConnection(target, { purpose: 'deploy', vhost }).catch(failureOf);
    if (connection instanceof Failure)
      return settleAll([...suspects, ...waiting], settle, 'failed', errorOf(connection));
    const isAlone = suspects.length > 0;
    const batch = isAlone ? suspects : waiting;
    const { interrupted, untouched, lastWords } = await runLanes(
      connection,
      batch,
      isAlone ? 1 : lanes,
      signal,
      (step, reply) => settleReply(step, reply, settle, target),
    );
    await closeQuietly(connection);
    if (signal?.aborted) settleAll(interrupted.splice(0), settle, 'skipped', UNSURE);
    const again = interrupted.filter((step) => {
      const count = (tries.get(step) ?? 0) + 1;
      tries.set(step, count);
      // Alone on its connection when the broker closed it: it is the one.
      const verdict = isAlone ? lastWords : undefined;
      if (!verdict && count < MAX_TRIES) return true;
      const message = verdict ?? 'The connection was lost again and again while this was carried out.';
      settle(step, 'failed', { code: 'broker/connection-closed', message, hint: 'The broker’s log may say more.' });
      return false;
    });
    suspects = isAlone ? [...again, ...untouched] : again;
    waiting = isAlone ? waiting : untouched;
  }
}

const UNSURE = {
  code: 'deploy/cancelled',
  message: 'The deploy was cancelled while this step was under way; it may have been carried out.',
};

type Answer = 'done' | Failure | WouldLose | BrokerReply;

interface LaneResult {
  /** In flight when the connection went away: nobody knows what became of them. */
  interrupted: RabbitStep[];
  untouched: RabbitStep[];
  /** Why the broker closed the connection, if it said so. */
  lastWords?: string;
}

async function runLanes(
  connection: ChannelModel,
  steps: readonly RabbitStep[],
  lanes: number,
  signal: AbortSignal | undefined,
  onAnswer: (step: RabbitStep, answer: Answer) => void,
): Promise<LaneResult> {
  const result: LaneResult = { interrupted: [], untouched: [...steps].reverse() };
  let isLost = false;
  connection.on('error', (error) => {
    const { code, sentence } = replyOf(error);
    if (code !== 0) result.lastWords = sentence; // else the network went, not the broker's patience
  });
  connection.on('close', () => {
    isLost = true;
  });
  const lane = async () => {
    let channel: Channel | undefined;
    while (!isLost && !signal?.aborted) {
      const step = result.untouched.pop();
      if (!step) break;
      try {
        channel ??= await openChannel(connection);
        await performStep(connection, channel, step);
        onAnswer(step, 'done');
      } catch (error) {
        const reply = replyOf(error);
        if (error instanceof Failure) onAnswer(step, error);
        else {
          channel = undefined;
          if (error instanceof WouldLose) onAnswer(step, error);
          else if (reply.code === 0) result.interrupted.push(step);
          else onAnswer(step, reply);
        }
      }
    }
  };
  const onAbort = () => setTimeout(() => closeQuietly(connection), GRACE_MS).unref();
  signal?.addEventListener('abort', onAbort, { once: true });
  await Promise.all(Array.from({ length: Math.min(lanes, steps.length) }, lane));
  signal?.removeEventListener('abort', onAbort);
  result.untouched.reverse();
  return result;
}

async function openChannel(connection: ChannelModel): Promise<Channel> {
  const channel = await connection.createChannel();
  channel.on('error', () => {}); // the rejected call says the same
  return channel;
}

function settleReply(step: RabbitStep, answer: Answer, settle: Settle, target: ConnectionTarget): void {
  if (answer === 'done') settle(step, 'done');
  else if (answer instanceof Failure) settle(step, 'failed', errorOf(answer));
  else if (answer instanceof WouldLose)
    settle(step, 'skipped', {
      code: 'deploy/would-lose-messages',
      message: answer.message,
      hint: 'Plan again and look at the counts.',
    });
  // What is to be deleted and is not there any more is gone, which is what was wanted.
  else if (answer.code === 404 && step.action === 'delete') settle(step, 'done');
  else settle(step, 'failed', explainRefusal(answer, step, target));
}

function settleAll(
  steps: readonly RabbitStep[],
  settle: Settle,
  outcome: Outcome['outcome'],
  error: Outcome['error'],
): void {
  for (const step of steps) settle(step, outcome, error);
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}
