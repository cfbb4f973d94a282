import { canonicalJson } from '@shared/canonical';
import type { Problem } from '@shared/flow/problem';
import { endNode } from '@shared/flow/schema';
import { retryPolicyOf } from '@shared/kinds/common/retry';
import { plainArgument } from '../argument-values';
import { docs } from '../docs';
import { objectKey } from '../objects';
import { PolicyIndex } from '../policies';
import { retriedQueues, retryObjects, retryRoute } from '../retry';
import { linkSubject, type Rule, say } from './finding';
import type { BrokerModel } from './model';

const drawnQueue = (model: BrokerModel) => (node: string) => model.queues.find(({ id }) => id === node)?.object;

/** The waiting queues of a queue are made once: two policies cannot both be right. */
export const checkRetryPoliciesAgree: Rule = (model) => {
  const first = new Map(retriedQueues(model.flow, drawnQueue(model)).map((retried) => [retried.node, retried]));
  return Object.entries(model.flow.links).flatMap(([id, link]): Problem[] => {
    const queue = first.get(endNode(link.from) ?? '');
    if (link.type !== 'consume' || !queue || queue.link === id) return [];
    const policy = retryPolicyOf(link.settings);
    if (
      !policy ||
      policy.attempts < 2 ||
      canonicalJson(policy) === canonicalJson(retryPolicyOf(queue.settings) ?? null)
    )
      return [];
    const message = `Queue ${say(queue.queue)} has two handlers with retry policies that differ: make them the same.`;
    return [
      {
        code: 'consume/retry-policies-differ',
        severity: 'error',
        subject: linkSubject(id),
        field: 'settings.retry',
        message,
      },
    ];
  });
};

/** Only quorum queues count deliveries: elsewhere a message that always fails comes back at once, for ever. */
export const checkRequeues: Rule = (model) =>
  model.links.consumes.flatMap(({ id, link, node }): Problem[] => {
    const policy = retryPolicyOf(link.settings);
    const reference = model.refer(link.from);
    const queue = reference && model.queueAt.get(objectKey(reference.vhost, reference.name));
    if (policy?.wait !== 'requeue' || policy.attempts < 2 || node.settings['runsIn'] === 'elsewhere' || !queue)
      return [];
    if (queue.queueType === 'quorum' || queue.queueType === undefined) return [];
    const message = `Failed messages of ${say(queue.object.name)} go back at once, but only quorum queues count how often: in a ${queue.queueType} queue they come back for ever.`;
    return [
      {
        code: 'consume/requeue-uncounted',
        severity: 'error',
        subject: linkSubject(id),
        field: 'settings.retry.wait',
        message,
        docsUrl: docs.poisonMessages,
      },
    ];
  });

/** A policy that matches a waiting queue can let messages come back early, or lose them. */
export const checkWaitingQueues: Rule = (model) => {
  const policies = new PolicyIndex(model.policies);
  return retriedQueues(model.flow, drawnQueue(model)).flatMap((retried): Problem[] => {
    const route = retryRoute(retried, { exchange: '' });
    if (!route) return [];
    return retryObjects(route).queues.flatMap(({ vhost, name, arguments: args }): Problem[] => {
      const { queueType } = route;
      const policy = policies.find({ vhost, name, objectType: 'queue', queueType });
      if (!policy) return [];
      const { 'message-ttl': ttl, expires, 'max-length': most, 'max-length-bytes': mostBytes } = policy.definition;
      const delayMs = Number(plainArgument(args['x-message-ttl']));
      const harm =
        typeof ttl === 'number' && ttl < delayMs
          ? `lets messages come back after ${ttl} ms instead of ${delayMs}`
          : typeof expires === 'number'
            ? 'deletes it, with what waits in it, when it is not used'
            : queueType === 'classic' && (most !== undefined || mostBytes !== undefined)
              ? 'bounds it: what does not fit is lost'
              : undefined;
      if (harm === undefined) return [];
      const message = `Policy ${say(policy.name)} matches ${say(name)}, where failed messages wait, and ${harm}.`;
      return [
        {
          code: 'consume/retry-policy-overridden',
          severity: 'error',
          subject: linkSubject(retried.link),
          field: 'settings.retry',
          message,
          docsUrl: docs.policies,
        },
      ];
    });
  });
};
