import type { Outcome, Step } from '@shared/deploy/plan';
import type { RedisStepObject } from '@shared/kinds/redis/plan';
import type { Redis } from 'ioredis';
import type { ApplyRequest, ConnectionTarget } from '../driver';
import { openRedis } from './connect';

type RedisStep = Step & { object: RedisStepObject };
type Settled = Pick<Outcome, 'outcome' | 'error'>;

const CANCELLED: Settled = {
  outcome: 'skipped',
  error: { code: 'deploy/cancelled', message: 'The deploy was cancelled before this step.' },
};

/** Carries out steps one after the other: there are few, and each is one round trip. Every step gets exactly one outcome. */
export async function applySteps(target: ConnectionTarget, { steps, onOutcome, signal }: ApplyRequest): Promise<void> {
  const redis = await openRedis(target, 'deploy');
  try {
    for (const step of steps as RedisStep[]) {
      const settled = signal?.aborted ? CANCELLED : await perform(redis, step);
      onOutcome({ stepId: step.id, ...settled });
    }
  } finally {
    redis.disconnect();
  }
}

async function perform(redis: Redis, { action, object }: RedisStep): Promise<Settled> {
  try {
    if (object.type === 'stream') {
      if (action === 'delete') await redis.del(object.stream);
      else await createEmptyStream(redis, object.stream);
    } else {
      const { stream, group, start } = object.group;
      if (action === 'delete') await redis.xgroup('DESTROY', stream, group);
      else await redis.xgroup('CREATE', stream, group, start, 'MKSTREAM');
    }
    return { outcome: 'done' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.startsWith('BUSYGROUP')) return { outcome: 'unchanged' };
    return { outcome: 'failed', error: refusal(message) };
  }
}

/** Redis has no command for it: a group made with its stream, and taken away again, leaves the stream. */
async function createEmptyStream(redis: Redis, stream: string): Promise<void> {
  const temporary = 'tapline-creates-the-stream';
  const replies = await redis
    .multi()
    .xgroup('CREATE', stream, temporary, '$', 'MKSTREAM')
    .xgroup('DESTROY', stream, temporary)
    .exec();
  const failed = replies?.find(([error]) => error)?.[0];
  if (failed) throw failed;
}

function refusal(message: string): NonNullable<Outcome['error']> {
  const needed = /^NOPERM/.test(message)
    ? 'The user needs ACL rules such as: ~KEY +xgroup +xinfo +xlen +type +del.'
    : undefined;
  return { code: 'deploy/refused', message, ...(needed ? { hint: needed } : {}) };
}
