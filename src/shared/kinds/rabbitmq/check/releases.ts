import type { Problem } from '@shared/flow/problem';
import { docs } from '../docs';
import { isAtLeast } from '../version';
import { judgeByVersion, nodeSubject, type Rule, say } from './finding';
import { findNumber, findSetting } from './model';

/** Before 4.0 quorum queues had no delivery limit: a message that crashes its consumer comes back for ever. */
export const checkDeliveryLimits: Rule = (model) =>
  model.queues.flatMap((queue) => {
    if (queue.ownership === 'ignored' || queue.queueType !== 'quorum') return [];
    if (findNumber(queue, 'x-delivery-limit') !== undefined) return [];
    const name = say(queue.object.name);
    const isSafe = findSetting(queue, 'x-dead-letter-exchange') !== undefined || !model.links.consumed.has(queue.id);
    const common = {
      subject: nodeSubject(queue.id),
      field: 'settings.arguments.x-delivery-limit',
      docsUrl: docs.poisonMessages,
    };
    return judgeByVersion(model.version, ['4.0'], (version): Problem | undefined => {
      if (!isAtLeast(version, '4.0')) {
        const message = `Quorum queue ${name} has no delivery limit: a message that its consumer keeps returning is delivered again for ever.`;
        return { ...common, code: 'queue/no-delivery-limit', severity: 'warning', message };
      }
      if (isSafe) return undefined;
      const message = `Quorum queue ${name} drops a message after 20 deliveries, the default limit, since it has no dead-letter link.`;
      return { ...common, code: 'queue/default-delivery-limit', severity: 'hint', message };
    });
  });

/** Transient queues are on their way out: RabbitMQ 4.3 refuses those that are not exclusive. */
export const checkTransientQueues: Rule = (model) =>
  model.queues.flatMap((queue) => {
    if (queue.ownership !== 'managed' || queue.object.durable || queue.queueType !== 'classic') return [];
    return judgeByVersion(model.version, ['4.3'], (version): Problem | undefined => {
      if (!isAtLeast(version, '4.3')) return undefined;
      return {
        code: 'queue/transient',
        severity: 'error',
        subject: nodeSubject(queue.id),
        field: 'settings.durable',
        message: `Queue ${say(queue.object.name)} is transient, which is refused unless the broker’s configuration permits transient_nonexcl_queues.`,
        docsUrl: docs.transientQueues,
      };
    });
  });
