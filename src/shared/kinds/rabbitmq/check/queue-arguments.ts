import type { Problem } from '@shared/flow/problem';
import type { Json } from '@shared/flow/schema';
import { findValueFault, plainArgument } from '../argument-values';
import {
  argumentBoundaries,
  findArgument,
  judgeArgument,
  type QueueType,
  RABBIT_ARGUMENTS,
  type RabbitArgument,
} from '../arguments';
import { docs } from '../docs';
import { isAtLeast } from '../version';
import { judgeByVersion, nodeSubject, type Rule, say } from './finding';
import { type BrokerModel, type CheckedQueue, findText } from './model';
import { ownArguments } from './settings';
import { findClosest } from './spelling';

function problemAt(queue: CheckedQueue, key: string, problem: Omit<Problem, 'subject' | 'field'>): Problem {
  return { ...problem, subject: nodeSubject(queue.id), field: `settings.arguments.${key}` };
}

const queueKeys = RABBIT_ARGUMENTS.filter(({ on }) => on === 'queue').map(({ key }) => key);

function checkUnknown(queue: CheckedQueue, key: string): Problem[] {
  const meant = findClosest(key, queueKeys);
  if (meant) {
    const message = `Queue ${say(queue.object.name)} has an argument ${say(key)} that RabbitMQ ignores; is ${meant} meant?`;
    return [
      problemAt(queue, key, {
        code: 'queue/argument-misspelt',
        severity: 'warning',
        message,
        docsUrl: docs.optionalArguments,
      }),
    ];
  }
  if (!key.startsWith('x-')) return [];
  const message = `Queue ${say(queue.object.name)} has the argument ${say(key)}, which RabbitMQ itself does not know: without a plugin that does, it has no effect.`;
  return [
    problemAt(queue, key, {
      code: 'queue/argument-unknown',
      severity: 'hint',
      message,
      docsUrl: docs.optionalArguments,
    }),
  ];
}

/** Priorities have their own sentence: quorum queues have some, but not these. */
function explainUse(argument: RabbitArgument, queueType: QueueType, use: 'ignored' | 'refused'): string {
  if (argument.key === 'x-max-priority' && queueType === 'quorum') {
    return use === 'refused'
      ? 'quorum queues have no priorities and declaring one with x-max-priority is refused'
      : 'quorum queues have priorities of their own and x-max-priority has no effect on them';
  }
  if (argument.legacy && use === 'ignored') return `${argument.key} has no effect any more`;
  const others = Object.keys(argument.queueTypes ?? {});
  const where = others.includes(queueType) ? 'on this release' : `on ${queueType} queues`;
  return use === 'refused'
    ? `${argument.key} is not allowed ${where}: declaring it is refused`
    : `${argument.key} has no effect ${where}`;
}

function checkUse(queue: CheckedQueue, argument: RabbitArgument, queueType: QueueType, model: BrokerModel): Problem[] {
  const isPriority = argument.key === 'x-max-priority';
  const isMasterLocator = argument.key === 'x-queue-master-locator';
  return judgeByVersion(model.version, argumentBoundaries(argument), (version) => {
    const use = judgeArgument(argument, queueType, version);
    if (use === 'effective') return undefined;
    const milder = argument.legacy ? 'hint' : 'warning';
    return problemAt(queue, argument.key, {
      code: isPriority && queueType === 'quorum' ? 'queue/priorities-on-quorum' : `queue/argument-${use}`,
      severity: use === 'ignored' || (isMasterLocator && queueType === 'classic') ? milder : 'error',
      message: `Queue ${say(queue.object.name)}: ${explainUse(argument, queueType, use)}.`,
      docsUrl: isPriority ? docs.priority : argument.docsUrl,
    });
  });
}

function checkArgument(queue: CheckedQueue, key: string, value: Json, model: BrokerModel): Problem[] {
  const argument = findArgument('queue', key);
  if (!argument) return checkUnknown(queue, key);
  const { queueType } = queue;
  if (!queueType) return [];
  const name = say(queue.object.name);
  if (argument.link) {
    const message = `Queue ${name} has ${key} among its arguments; draw it as a dead-letter link, the only place Tapline keeps it.`;
    return [
      problemAt(queue, key, {
        code: 'queue/argument-is-link',
        severity: 'warning',
        message,
        docsUrl: argument.docsUrl,
      }),
    ];
  }
  const uses = checkUse(queue, argument, queueType, model);
  const isUnknownYet = argument.knownSince && model.version && !isAtLeast(model.version, argument.knownSince);
  if (isUnknownYet || uses.some(({ severity }) => severity === 'error')) return uses;
  const fault = findValueFault(argument.value, value, queueType);
  if (!fault) return uses;
  // Some values the broker takes although its documentation says that they do not work.
  const isTaken = findValueFault(argument.value, value) === undefined;
  return [
    ...uses,
    problemAt(queue, key, {
      code: 'queue/argument-value',
      severity: isTaken ? 'warning' : 'error',
      message: isTaken
        ? `Queue ${name}: ${key} ${fault} on ${queueType} queues; ${say(String(plainArgument(value)))} does not work there.`
        : `Queue ${name}: ${key} ${fault}.`,
      docsUrl: argument.docsUrl,
    }),
  ];
}

/** Arguments that do not fit the queue's type, the broker's release or their own range, and names that RabbitMQ does not know. */
export const checkQueueArguments: Rule = (model) =>
  model.queues.flatMap((queue) => {
    if (queue.ownership !== 'managed') return [];
    const ownType = ownArguments(queue.node).find(([key]) => key === 'x-queue-type');
    if (!queue.queueType && ownType) {
      const message = `Queue ${say(queue.object.name)} has the type ${say(String(plainArgument(ownType[1])))}; RabbitMQ has classic, quorum and stream.`;
      return [
        problemAt(queue, 'x-queue-type', {
          code: 'queue/unknown-type',
          severity: 'error',
          message,
          docsUrl: docs.queues,
        }),
      ];
    }
    return ownArguments(queue.node).flatMap(([key, value]) => checkArgument(queue, key, value, model));
  });

/** Quorum queues and streams are always durable and stay when consumers go. */
export const checkQueueProperties: Rule = ({ queues }) =>
  queues.flatMap((queue): Problem[] => {
    const { queueType, object, ownership, id } = queue;
    if (ownership !== 'managed' || queueType === undefined || queueType === 'classic') return [];
    const noun = queueType === 'stream' ? 'stream' : 'quorum queue';
    const refused = (field: string, what: string): Problem => ({
      code: 'queue/property-refused',
      severity: 'error',
      subject: nodeSubject(id),
      field: `settings.${field}`,
      message: `Queue ${say(object.name)} is a ${noun} and cannot be ${what}: declaring it is refused.`,
      docsUrl: queueType === 'stream' ? docs.streams : docs.quorumFeatures,
    });
    return [
      ...(object.durable ? [] : [refused('durable', 'transient')]),
      ...(object.autoDelete ? [refused('autoDelete', 'auto-delete')] : []),
    ];
  });

/** At-least-once dead-lettering works only with a dead-letter exchange and `reject-publish`. */
export const checkDeadLetterStrategy: Rule = ({ queues }) =>
  queues.flatMap((queue): Problem[] => {
    if (queue.ownership === 'ignored' || queue.queueType !== 'quorum') return [];
    if (findText(queue, 'x-dead-letter-strategy') !== 'at-least-once') return [];
    const name = say(queue.object.name);
    const common = { subject: nodeSubject(queue.id), docsUrl: docs.deadLetterStrategy, severity: 'warning' as const };
    if (findText(queue, 'x-dead-letter-exchange') === undefined) {
      const message = `Queue ${name} asks for at-least-once dead letters but has no dead-letter link; it has no effect.`;
      return [
        { ...common, code: 'queue/strategy-without-dlx', field: 'settings.arguments.x-dead-letter-strategy', message },
      ];
    }
    if (findText(queue, 'x-overflow') === 'reject-publish') return [];
    const message = `Queue ${name} asks for at-least-once dead letters without x-overflow=reject-publish; RabbitMQ falls back to at-most-once.`;
    return [{ ...common, code: 'queue/strategy-needs-overflow', field: 'settings.arguments.x-overflow', message }];
  });
