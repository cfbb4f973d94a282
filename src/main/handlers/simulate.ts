import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@shared/failure';
import { type HandlerSettings, handlerSettingsSchema } from '@shared/kinds/common/schema';
import { matchTopic } from '@shared/kinds/rabbitmq/route/match';
import { type CreateBehaviour, HandlingFailed } from './behaviour';

/** Takes as long as the latency says; fails for the keys that are to fail, and else as often as the failure rate says. */
export const createSimulate: CreateBehaviour = async ({ settings, random }) => {
  const parsed = handlerSettingsSchema
    .pick({ latency: true, failureRate: true, failingKeys: true })
    .safeParse(settings);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? 'latency';
    throw new Failure(
      'handler/invalid-setting',
      `The handler’s setting “${field}” is not valid: ${issue?.message.replace(/^Invalid input: /, '')}.`,
      { object: field },
    );
  }
  const { latency, failureRate, failingKeys } = parsed.data;
  return {
    async handle({ routingKey }, signal) {
      const latencyMs = sampleLatency(latency, random);
      if (latencyMs > 0) await sleep(latencyMs, undefined, { signal });
      const pattern = failingKeys.find((one) => matchTopic(one, routingKey));
      if (pattern !== undefined)
        throw new HandlingFailed(`Failed as simulated: keys like “${pattern}” do.`, 'simulated');
      if (random() < failureRate) throw new HandlingFailed('Failed as simulated.', 'simulated');
      return { forwards: [], logs: [] };
    },
    async close() {},
  };
};

/** Milliseconds, never below 0. */
export function sampleLatency(latency: HandlerSettings['latency'], random: () => number): number {
  switch (latency.shape) {
    case 'fixed':
      return latency.ms;
    case 'uniform':
      return latency.minMs + (latency.maxMs - latency.minMs) * random();
    case 'normal': {
      // Box–Muller; the logarithm of 0 is avoided.
      const deviations = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      return Math.max(0, latency.meanMs + deviations * latency.deviationMs);
    }
    default:
      return latency satisfies never;
  }
}
