import type { Json } from '@shared/flow/schema';
import type { BrokerFacts } from '@shared/kinds/facts';

/** AMQP 0-9-1 field types that JSON cannot tell apart; needed because header matching is type-strict. */
export type ArgumentType =
  | 'byte'
  | 'short'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'decimal'
  | 'bytes'
  | 'timestamp'
  | 'void';

/** A value whose AMQP type was chosen. Numbers that may pass 2⁵³ are decimal strings; `bytes` is base64. */
export interface TypedArgument {
  $type: ArgumentType;
  value: string | number | null;
}

/**
 * An argument as the flow stores it. Plain JSON stands for the natural AMQP type: string → longstr, boolean → bool,
 * whole number → long, other number → double, array → array, object → table, null → void.
 * An object with `$type` is a TypedArgument.
 */
export type ArgumentValue = Json;
export type ArgumentTable = Record<string, ArgumentValue>;

export interface VhostObject {
  name: string;
  description?: string;
  defaultQueueType?: string;
  tags?: string[];
  limits?: Record<string, Json>;
  extra?: Record<string, Json>;
}

export interface ExchangeObject {
  vhost: string;
  /** `""` is the default exchange; it is never declared. */
  name: string;
  type: string;
  durable: boolean;
  autoDelete: boolean;
  internal: boolean;
  /** Includes `alternate-exchange`. */
  arguments: ArgumentTable;
}

export interface QueueObject {
  vhost: string;
  name: string;
  durable: boolean;
  autoDelete: boolean;
  exclusive: boolean;
  /** Includes `x-queue-type`, `x-dead-letter-exchange` and `x-dead-letter-routing-key`. */
  arguments: ArgumentTable;
}

export interface BindingObject {
  vhost: string;
  source: string;
  destination: string;
  destinationType: 'queue' | 'exchange';
  routingKey: string;
  arguments: ArgumentTable;
}

export type PolicyTarget = 'all' | 'exchanges' | 'queues' | 'classic_queues' | 'quorum_queues' | 'streams';

export interface PolicyObject {
  vhost: string;
  name: string;
  /** Erlang regular expression, unanchored; `""` matches everything. */
  pattern: string;
  applyTo: PolicyTarget;
  priority: number;
  definition: Record<string, Json>;
}

/** Shovels, federation upstreams and other runtime parameters. Secrets inside are `{{secret:ID}}`. */
export interface ParameterObject {
  vhost: string;
  component: string;
  name: string;
  value: Json;
}

/** What a flow wants of one broker, or what was found in it. */
export interface Topology {
  vhosts: VhostObject[];
  exchanges: ExchangeObject[];
  policies: PolicyObject[];
  operatorPolicies: PolicyObject[];
  parameters: ParameterObject[];
  globalParameters: { name: string; value: Json }[];
  queues: QueueObject[];
  bindings: BindingObject[];
}

/** Live numbers of a queue at inspection. */
export interface QueueStats {
  messages: number;
  ready: number;
  unacked: number;
  consumers: number;
}

/** A live consumer, for `elsewhere` handlers and for refusing to compete with somebody's service. */
export interface ConsumerInfo {
  vhost: string;
  queue: string;
  tag: string;
  connectionName: string;
  user: string;
}

/** What is seen in a live broker. Lists that could not be read are null: unknown, not empty. */
export interface FoundTopology {
  facts: RabbitFacts;
  vhosts: VhostObject[] | null;
  exchanges: ExchangeObject[];
  policies: PolicyObject[] | null;
  operatorPolicies: PolicyObject[] | null;
  parameters: ParameterObject[] | null;
  queues: QueueObject[];
  bindings: BindingObject[] | null;
  /** By `vhost\u0000queue`. */
  queueStats: Record<string, QueueStats>;
  consumers: ConsumerInfo[] | null;
  /**
   * Without management only existence (and one difference at a time) can be told: these names exist, their arguments are
   * those wanted unless `differences` says otherwise.
   */
  visibility: 'full' | 'partial';
  /** Sentences on what could not be seen. */
  cannotSee: string[];
  /** Found by active declare without management: the broker's own sentence on the first difference, by `type\u0000vhost\u0000name`. */
  differences: Record<string, string>;
}

/** What is known of a broker; every field may be unknown (undefined), which gives conditional problems, never silence. */
export interface RabbitFacts extends BrokerFacts {
  /** Names in `GET /api/overview` exchange_types. */
  exchangeTypes?: string[];
  /** Vhost of the connection's URL: that of nodes which name none. */
  defaultVhost?: string;
  /** By vhost. */
  defaultQueueTypes?: Record<string, string>;
  featureFlags?: string[];
  policies?: PolicyObject[];
  operatorPolicies?: PolicyObject[];
}

/** Key of an object within one broker. */
export function objectKey(vhost: string, name: string): string {
  return `${vhost}\u0000${name}`;
}
