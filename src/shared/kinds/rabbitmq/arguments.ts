import { EXCHANGE_ARGUMENTS } from './argument-table/exchange-arguments';
import { LASTING_ARGUMENTS } from './argument-table/lasting-arguments';
import { TRAFFIC_ARGUMENTS } from './argument-table/traffic-arguments';
import { isAtLeast, isWithin, type VersionSpan } from './version';

export const QUEUE_TYPES = ['classic', 'quorum', 'stream'] as const;
export type QueueType = (typeof QUEUE_TYPES)[number];

/** What an argument may hold. Bounds are inclusive. */
export type ValueRule =
  | { type: 'integer'; min?: number; max?: number; unit?: string; default?: number }
  | { type: 'boolean'; default?: boolean }
  | {
      type: 'choice';
      options: { value: string; label: string; help?: string; queueTypes?: QueueType[]; deprecated?: true }[];
      default?: string;
    }
  | { type: 'text'; pattern?: RegExp; expected?: string; placeholder?: string };

/**
 * One optional argument of queues or exchanges that RabbitMQ knows. Form fields, check and plan all read this table.
 * Source: `capabilities()` of the queue types in rabbitmq-server, and RabbitMQ 3.10 itself.
 */
export interface RabbitArgument {
  on: 'queue' | 'exchange';
  key: string;
  label: string;
  help: string;
  docsUrl: string;
  /** Heading in forms. */
  group:
    | 'Messages'
    | 'Limits'
    | 'Delivery'
    | 'Replication'
    | 'Retention'
    | 'Lifetime'
    | 'Dead letters'
    | 'Routing'
    | 'Legacy';
  value: ValueRule;
  /** Queue types it has an effect on, and on which releases. */
  queueTypes?: Partial<Record<QueueType, VersionSpan>>;
  /** Queue types and releases that accept it without effect; elsewhere declaring is refused with 406. */
  ignoredBy?: Partial<Record<QueueType, VersionSpan>>;
  /** First release that knows the name; earlier ones take it as a custom argument without effect. */
  knownSince?: string;
  /** Exchange types it has an effect on; absent: all. */
  exchangeTypes?: string[];
  /** Key in a policy definition that sets the same; absent: only the declaration can. */
  policyKey?: string;
  /** The flow stores it as a link of this type, never in `arguments`. */
  link?: 'dead-letter' | 'alternate';
  /** No effect on current releases; exports leave it out with a note. */
  legacy?: boolean;
}

/** Every argument of queues and exchanges, in the order of forms. Units and defaults as RabbitMQ has them. */
export const RABBIT_ARGUMENTS: readonly RabbitArgument[] = [
  ...TRAFFIC_ARGUMENTS,
  ...LASTING_ARGUMENTS,
  ...EXCHANGE_ARGUMENTS,
];

const byKey = new Map(RABBIT_ARGUMENTS.map((argument) => [`${argument.on} ${argument.key}`, argument]));
const byPolicyKey = new Map(
  RABBIT_ARGUMENTS.flatMap((argument) => (argument.policyKey ? [[argument.policyKey, argument] as const] : [])),
);

/** The table's entry for an argument, or undefined for one that RabbitMQ does not know. */
export function findArgument(on: 'queue' | 'exchange', key: string): RabbitArgument | undefined {
  return byKey.get(`${on} ${key}`);
}

/** The argument that a key of a policy definition stands for. */
export function findPolicyArgument(policyKey: string): RabbitArgument | undefined {
  return byPolicyKey.get(policyKey);
}

/** What a release makes of an argument: it takes effect, is accepted without effect, or declaring is refused with 406. */
export type ArgumentUse = 'effective' | 'ignored' | 'refused';

/** What `version` makes of an argument on a queue of a type. */
export function judgeArgument(argument: RabbitArgument, queueType: QueueType, version: string): ArgumentUse {
  const { queueTypes, ignoredBy, knownSince } = argument;
  if (knownSince && !isAtLeast(version, knownSince)) return 'ignored';
  const effective = queueTypes?.[queueType];
  if (effective && isWithin(version, effective)) return 'effective';
  const ignored = ignoredBy?.[queueType];
  return ignored && isWithin(version, ignored) ? 'ignored' : 'refused';
}

/** Releases at which the verdict on an argument may change. */
export function argumentBoundaries({ queueTypes, ignoredBy, knownSince }: RabbitArgument): string[] {
  const spans = [...Object.values(queueTypes ?? {}), ...Object.values(ignoredBy ?? {})];
  return [knownSince, ...spans.flatMap((span) => [span.since, span.until])].filter((bound) => bound !== undefined);
}
