import { plainArgument } from './argument-values';
import type { QueueObject, RabbitFacts, VhostObject } from './objects';
import type { StepObject } from './plan/payload';

/** How the sandbox calls itself where RabbitMQ says `RabbitMQ`. */
export const SANDBOX_PRODUCT = 'Tapline sandbox';

/** Is the broker the embedded one? */
export function isSandbox(facts: RabbitFacts | undefined): boolean {
  return facts?.product === SANDBOX_PRODUCT;
}

const REST = 'deploy it to a RabbitMQ.';

/** Why the sandbox cannot have an object; undefined for all else. */
export function findSandboxGap(object: StepObject): string | undefined {
  switch (object.type) {
    case 'queue':
      return isStream(object.queue) ? `The sandbox has no streams: to use “${object.queue.name}”, ${REST}` : undefined;
    case 'policy':
      return `The sandbox has no policies: for “${object.policy.name}” to apply, ${REST}`;
    case 'operator-policy':
      return `The sandbox has no operator policies: for “${object.policy.name}” to apply, ${REST}`;
    case 'parameter':
      return `The sandbox has no ${object.component} parameters: for “${object.name}” to count, ${REST}`;
    case 'vhost':
    case 'exchange':
    case 'binding':
      return undefined;
  }
}

function isStream({ arguments: table }: QueueObject): boolean {
  return plainArgument(table['x-queue-type']) === 'stream';
}

/** What of a virtual host the sandbox leaves out, as a sentence; undefined when that is nothing. */
export function findVhostGap({ name, defaultQueueType, limits = {} }: VhostObject): string | undefined {
  const parts = [
    ...(defaultQueueType ? ['default queue types'] : []),
    ...(Object.keys(limits).length > 0 ? ['limits'] : []),
  ];
  if (parts.length === 0) return undefined;
  return `The sandbox has no ${parts.join(' and ')} of virtual hosts: those of “${name}” count only on a RabbitMQ.`;
}
