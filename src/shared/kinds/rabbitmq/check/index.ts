import type { Problem } from '@shared/flow/problem';
import type { Flow } from '@shared/flow/schema';
import type { RabbitFacts } from '../objects';
import { checkBindings, checkDanglingBindings, checkRepeatedBindings } from './bindings';
import { checkDeadLetterCycles } from './cycles';
import { checkAlternates, checkDeadLetterRoutes, checkDeadLetterTargets } from './dead-letters';
import { checkExchanges } from './exchanges';
import { nodeSubject, type Rule, say } from './finding';
import { checkCrossings, checkSecondLinks } from './link-ends';
import { buildModel } from './model';
import { checkDuplicates, checkNames } from './names';
import { checkAmbiguousPolicies, checkOverriddenLimits, checkPolicies } from './policies';
import { checkDroppedRejects, checkInternalTargets, checkLostMessages, checkUnmatchedBindings } from './publishing';
import { checkDeadLetterStrategy, checkQueueArguments, checkQueueProperties } from './queue-arguments';
import { checkDeliveryLimits, checkTransientQueues } from './releases';
import { checkRequeues, checkRetryPoliciesAgree, checkWaitingQueues } from './retries';
import { checkSandboxGaps } from './sandbox';
import { checkUnboundExchanges, checkUndrainedQueues, checkUnfilledQueues } from './traffic';

const RULES: readonly Rule[] = [
  checkNames,
  checkDuplicates,
  checkCrossings,
  checkSecondLinks,
  checkQueueArguments,
  checkQueueProperties,
  checkDeadLetterStrategy,
  checkExchanges,
  checkBindings,
  checkDanglingBindings,
  checkRepeatedBindings,
  checkDeadLetterTargets,
  checkDeadLetterRoutes,
  checkDeadLetterCycles,
  checkAlternates,
  checkUnboundExchanges,
  checkUnfilledQueues,
  checkUndrainedQueues,
  checkLostMessages,
  checkInternalTargets,
  checkUnmatchedBindings,
  checkDroppedRejects,
  checkDeliveryLimits,
  checkTransientQueues,
  checkPolicies,
  checkAmbiguousPolicies,
  checkOverriddenLimits,
  checkRetryPoliciesAgree,
  checkRequeues,
  checkWaitingQueues,
  checkSandboxGaps,
];

/** Drawn objects that say no broker, or one the flow does not have. */
function checkHomes(flow: Flow): Problem[] {
  return Object.entries(flow.nodes).flatMap(([id, node]): Problem[] => {
    const isOurs = node.type === 'rabbitmq.exchange' || node.type === 'rabbitmq.queue';
    if (!isOurs || node.ownership === 'ignored') return [];
    if (node.broker !== undefined && flow.brokers[node.broker]?.kind === 'rabbitmq') return [];
    const noun = node.type === 'rabbitmq.queue' ? 'Queue' : 'Exchange';
    const message =
      node.broker === undefined
        ? `${noun} ${say(node.name)} belongs to no broker: choose one.`
        : `${noun} ${say(node.name)} belongs to broker ${say(node.broker)}, which is no RabbitMQ of this flow.`;
    return [{ code: 'node/no-broker', severity: 'error', subject: nodeSubject(id), field: 'broker', message }];
  });
}

/** Ignored objects are drawn for reading only: nothing is said of them, nor of links that touch them. */
function isOfConcern(flow: Flow, { subject }: Problem): boolean {
  if (subject.type === 'node') return flow.nodes[subject.id]?.ownership !== 'ignored';
  const link = subject.type === 'link' ? flow.links[subject.id] : undefined;
  const ends = link ? [link.from, link.to] : [];
  return ends.every((end) => !('node' in end) || flow.nodes[end.node]?.ownership !== 'ignored');
}

/**
 * Every problem of a flow's RabbitMQ objects at once. Pure; the same in the window, on the command line and in tests.
 * `facts` by broker id: what is not known gives conditional sentences (“On RabbitMQ 4.3 and newer, …”), never silence.
 */
export function checkRabbit(flow: Flow, facts: Record<string, RabbitFacts | undefined>): Problem[] {
  const brokers = Object.entries(flow.brokers).filter(([, broker]) => broker.kind === 'rabbitmq');
  const found = brokers.flatMap(([id]) => {
    const model = buildModel(flow, id, facts[id]);
    return RULES.flatMap((rule) => rule(model));
  });
  return [...checkHomes(flow), ...found].filter((problem) => isOfConcern(flow, problem));
}
