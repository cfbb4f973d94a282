import type { Json } from '@shared/flow/schema';
import { plainArgument } from './argument-values';
import { findArgument } from './arguments';
import type { ArgumentTable, PolicyObject, PolicyTarget } from './objects';

/** What a policy is matched against. */
export interface PolicySubject {
  vhost: string;
  name: string;
  objectType: 'exchange' | 'queue';
  /** Of queues: `classic`, `quorum`, `stream`. */
  queueType?: string;
}

function isTarget(target: PolicyTarget, { objectType, queueType }: PolicySubject): boolean {
  switch (target) {
    case 'all':
      return true;
    case 'exchanges':
      return objectType === 'exchange';
    case 'queues':
      return objectType === 'queue';
    case 'classic_queues':
      return objectType === 'queue' && (queueType ?? 'classic') === 'classic';
    case 'quorum_queues':
      return objectType === 'queue' && queueType === 'quorum';
    case 'streams':
      return objectType === 'queue' && queueType === 'stream';
  }
}

/**
 * Finds the policy that applies to an object. Patterns are compiled once; one that is no regular expression here (Erlang's
 * dialect is wider) matches nothing.
 */
export class PolicyIndex {
  private readonly byVhost = new Map<string, { policy: PolicyObject; pattern: RegExp }[]>();

  constructor(policies: readonly PolicyObject[]) {
    const ordered = [...policies].sort((a, b) => b.priority - a.priority);
    for (const policy of ordered) {
      const pattern = compilePattern(policy.pattern);
      if (!pattern) continue;
      const list = this.byVhost.get(policy.vhost) ?? [];
      list.push({ policy, pattern });
      this.byVhost.set(policy.vhost, list);
    }
  }

  /** The one policy that applies: that with the highest priority. Predeclared `amq.` and default exchanges can have one, too. */
  find(subject: PolicySubject): PolicyObject | undefined {
    const candidates = this.byVhost.get(subject.vhost) ?? [];
    return candidates.find(({ policy, pattern }) => isTarget(policy.applyTo, subject) && pattern.test(subject.name))
      ?.policy;
  }
}

/** The pattern of a policy as a regular expression, or undefined where JavaScript cannot read it. */
export function compilePattern(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    try {
      return new RegExp(pattern);
    } catch {
      return undefined;
    }
  }
}

/** Settings of which RabbitMQ takes the smaller number when argument and policy both give one. */
const SMALLER_WINS = new Set(['message-ttl', 'expires', 'max-length', 'max-length-bytes', 'delivery-limit']);

/** Where the value in effect comes from. */
export type SettingOrigin = { from: 'argument' } | { from: 'policy' | 'operatorPolicy'; policy: PolicyObject };

/** A setting in effect on an object. */
export interface EffectiveSetting {
  value: Json;
  origin: SettingOrigin;
}

/**
 * The value of `key` in effect on an object: arguments beat policies, operator policies beat both, of limits the smaller
 * number counts. `key` is the argument's name (`x-message-ttl`, `alternate-exchange`).
 */
export function findEffective(
  key: string,
  on: 'queue' | 'exchange',
  table: ArgumentTable,
  policy: PolicyObject | undefined,
  operatorPolicy: PolicyObject | undefined,
): EffectiveSetting | undefined {
  const policyKey = findArgument(on, key)?.policyKey;
  const candidates: EffectiveSetting[] = [];
  const add = (value: Json | undefined, origin: SettingOrigin) => {
    if (value !== undefined && value !== null) candidates.push({ value, origin });
  };
  if (policyKey && operatorPolicy) {
    add(operatorPolicy.definition[policyKey], { from: 'operatorPolicy', policy: operatorPolicy });
  }
  add(plainArgument(table[key]), { from: 'argument' });
  if (policyKey && policy) add(policy.definition[policyKey], { from: 'policy', policy });
  if (policyKey && SMALLER_WINS.has(policyKey)) {
    // A negative delivery limit means none, so that a real one is the smaller.
    const size = ({ value }: EffectiveSetting) => (Number(value) < 0 ? Number.POSITIVE_INFINITY : Number(value));
    const numbers = candidates.filter(({ value }) => typeof value === 'number');
    return numbers.reduce<EffectiveSetting | undefined>(
      (least, next) => (least === undefined || size(next) < size(least) ? next : least),
      undefined,
    );
  }
  return candidates[0];
}
