import type { BrokerFacts } from '@shared/kinds/facts';

/** A consumer group as wanted. */
export interface GroupObject {
  stream: string;
  group: string;
  /** `$`, `0` or an entry's id. */
  start: string;
}

/** What a flow wants of a Redis: keys of streams, and groups. Channels and patterns exist only while somebody listens. */
export interface RedisTopology {
  streams: string[];
  groups: GroupObject[];
}

/** A group as found. */
export interface FoundGroup {
  name: string;
  consumers: number;
  /** Delivered and not acknowledged. */
  pending: number;
  lastDeliveredId: string;
  /** Entries not read yet; null where Redis cannot tell. */
  lag: number | null;
}

export interface FoundStream {
  key: string;
  length: number;
  groups: FoundGroup[];
}

/** What is known of a Redis; unknown fields are undefined. */
export interface RedisFacts extends BrokerFacts {
  mode?: 'standalone' | 'cluster' | 'sentinel';
}

/** What was found of the keys asked for. */
export interface FoundRedis {
  facts: RedisFacts;
  streams: Record<string, FoundStream>;
  /** Keys that hold something else, with its type. */
  otherTypes: Record<string, string>;
}
