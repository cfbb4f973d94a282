import type { Problem } from '@shared/flow/problem';
import { findValueFault } from '../argument-values';
import { findPolicyArgument, RABBIT_ARGUMENTS } from '../arguments';
import { docs } from '../docs';
import type { PolicyObject } from '../objects';
import { compilePattern } from '../policies';
import { judgeByVersion, nodeSubject, type Rule, say, sayList } from './finding';
import { type BrokerModel, type CheckedExchange, type CheckedQueue, findSetting } from './model';
import { isTable } from './settings';
import { findClosest } from './spelling';

const policyKeys = RABBIT_ARGUMENTS.flatMap(({ policyKey }) => (policyKey ? [policyKey] : []));
const MIRRORING = /^ha-(mode|params|sync-mode|sync-batch-size|promote-on-(shutdown|failure))$/;

/** A policy of the flow, with where it is kept. */
interface DrawnPolicy {
  /** `settings.policies.retry` */
  field: string;
  noun: string;
  policy: PolicyObject;
}

/** Policies stored in the flow; those found in the broker are not the flow's to correct. */
export function drawnPolicies(model: BrokerModel): DrawnPolicy[] {
  const settings = model.flow.brokers[model.id]?.settings ?? {};
  const read = (part: 'policies' | 'operatorPolicies', noun: string, resolved: PolicyObject[]): DrawnPolicy[] => {
    const records = settings[part];
    if (!isTable(records)) return [];
    return Object.entries(records).flatMap(([id, record]) => {
      const name = isTable(record) ? record['name'] : undefined;
      const policy = resolved.find((candidate) => candidate.name === name);
      return policy ? [{ field: `settings.${part}.${id}`, noun, policy }] : [];
    });
  };
  return [
    ...read('policies', 'Policy', model.policies),
    ...read('operatorPolicies', 'Operator policy', model.operatorPolicies),
  ];
}

function matchesOf({ policy, noun }: DrawnPolicy, model: BrokerModel): (CheckedExchange | CheckedQueue)[] {
  if (noun === 'Operator policy') return model.queues.filter((queue) => queue.operatorPolicy === policy);
  return [...model.exchanges, ...model.queues].filter((checked) => checked.policy === policy);
}

function checkDefinition(drawn: DrawnPolicy, model: BrokerModel): Problem[] {
  const { field, noun, policy } = drawn;
  const who = `${noun} ${say(policy.name)}`;
  return Object.entries(policy.definition).flatMap(([key, value]): Problem[] => {
    const common = {
      subject: { type: 'broker' as const, id: model.id },
      field: `${field}.definition.${key}`,
      docsUrl: docs.policies,
    };
    if (MIRRORING.test(key)) {
      return judgeByVersion(model.version, ['4.0'], (version) =>
        Number.parseInt(version, 10) < 4
          ? undefined
          : {
              ...common,
              code: 'policy/mirroring',
              severity: 'error',
              message: `${who} sets ${key}, but mirrored queues were removed: the policy is refused. Use quorum queues.`,
            },
      );
    }
    const argument = findPolicyArgument(key);
    if (!argument) {
      const meant = key.startsWith('x-') ? findClosest(key, policyKeys) : undefined;
      if (!meant) return [];
      const message = `${who} has the key ${key}; in policies it is written ${meant}, and RabbitMQ refuses the other.`;
      return [{ ...common, code: 'policy/misspelt', severity: 'error', message }];
    }
    const fault = findValueFault(argument.value, value);
    return fault ? [{ ...common, code: 'policy/value', severity: 'error', message: `${who}: ${key} ${fault}.` }] : [];
  });
}

/** Definitions and patterns that RabbitMQ refuses, and policies that match nothing drawn. */
export const checkPolicies: Rule = (model) =>
  drawnPolicies(model).flatMap((drawn): Problem[] => {
    const { field, noun, policy } = drawn;
    const subject = { type: 'broker' as const, id: model.id };
    const who = `${noun} ${say(policy.name)}`;
    const problems = checkDefinition(drawn, model);
    const common = { subject, field: `${field}.pattern`, docsUrl: docs.policies };
    if (!compilePattern(policy.pattern)) {
      const message = `${who} has the pattern “${policy.pattern}”, which is no regular expression that Tapline can read; what it matches is not checked.`;
      return [...problems, { ...common, code: 'policy/pattern', severity: 'warning', message }];
    }
    if (matchesOf(drawn, model).length > 0 || model.exchanges.length + model.queues.length === 0) return problems;
    const message = `${who} applies to nothing that is drawn: no name matches “${policy.pattern}”, or another policy has the higher priority.`;
    return [...problems, { ...common, code: 'policy/matches-nothing', severity: 'hint', message }];
  });

/** Two policies of one priority on one object: which of them applies is left to chance. */
export const checkAmbiguousPolicies: Rule = (model) => {
  const seen = new Set<string>();
  const candidates = model.policies.map((policy) => ({ policy, pattern: compilePattern(policy.pattern) }));
  if (candidates.length < 2) return [];
  return [...model.exchanges, ...model.queues].flatMap((checked): Problem[] => {
    const { policy: chosen, object } = checked;
    if (!chosen || checked.ownership === 'ignored') return [];
    const rival = candidates.find(
      ({ policy, pattern }) =>
        policy !== chosen &&
        policy.vhost === object.vhost &&
        policy.priority === chosen.priority &&
        policy.applyTo === chosen.applyTo &&
        pattern?.test(object.name),
    )?.policy;
    const pair = rival && [chosen.name, rival.name].sort().join('\u0000');
    if (!rival || pair === undefined || seen.has(pair)) return [];
    seen.add(pair);
    const message = `Policies ${sayList([chosen.name, rival.name])} both match ${checked.objectType} ${say(object.name)} with priority ${chosen.priority}: which of them applies is not defined.`;
    return [
      {
        code: 'policy/ambiguous',
        severity: 'warning',
        subject: { type: 'broker', id: model.id },
        message,
        docsUrl: docs.policies,
      },
    ];
  });
};

const LIMITS = [
  { key: 'x-message-ttl', unit: 'ms', effect: 'messages leave earlier than drawn' },
  { key: 'x-max-length', unit: 'messages', effect: 'it overflows earlier than drawn' },
  { key: 'x-max-length-bytes', unit: 'bytes', effect: 'it overflows earlier than drawn' },
  { key: 'x-expires', unit: 'ms', effect: 'it is deleted earlier than drawn' },
];

/** Policies that cut what a queue's own arguments promise: a time to live of 4 s becomes 300 ms. */
export const checkOverriddenLimits: Rule = (model) =>
  model.queues.flatMap((queue) =>
    LIMITS.flatMap(({ key, unit, effect }): Problem[] => {
      const drawn = queue.object.arguments[key];
      const setting = queue.ownership === 'ignored' ? undefined : findSetting(queue, key);
      if (drawn === undefined || !setting || setting.origin.from === 'argument') return [];
      const who = setting.origin.from === 'policy' ? 'Policy' : 'Operator policy';
      const message = `${who} ${say(setting.origin.policy.name)} cuts ${key} of queue ${say(queue.object.name)} to ${String(setting.value)} ${unit}: ${effect}.`;
      return [
        {
          code: 'policy/cuts-limit',
          severity: 'warning',
          subject: nodeSubject(queue.id),
          field: `settings.arguments.${key}`,
          message,
          docsUrl: docs.policies,
        },
      ];
    }),
  );
