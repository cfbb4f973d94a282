import type { DeathReason, DeliveryMode, TraceHop } from '@shared/kinds/rabbitmq/sandbox-trace';
import type { Message } from './message';

export type { DeathReason };

/**
 * Everything that happens to a message in the sandbox, as it happens. Nothing is inferred or sampled here; whoever
 * listens decides what to keep. `vhost` is always that of the exchange or queue named.
 */
export type SandboxEvent =
  | {
      type: 'published';
      vhost: string;
      message: Message;
      mandatory: boolean;
      client: string;
      process?: string | undefined;
    }
  /** `hops` are the bindings and alternate exchanges it took; `queues` is empty when it was unroutable. */
  | {
      type: 'routed';
      vhost: string;
      message: Message;
      queues: string[];
      hops: TraceHop[];
    }
  | { type: 'returned'; vhost: string; message: Message }
  | {
      type: 'delivered';
      vhost: string;
      queue: string;
      message: Message;
      client: string;
      process?: string | undefined;
      redelivered: boolean;
      mode: DeliveryMode;
    }
  | { type: 'acked'; vhost: string; queue: string; message: Message }
  | { type: 'requeued'; vhost: string; queue: string; message: Message }
  /** It left the queue for a dead-letter exchange (`target`), or for nowhere (`target` null: dropped). */
  | { type: 'died'; vhost: string; queue: string; message: Message; reason: DeathReason; target: string | null }
  /** The queue would not take it (`x-overflow: reject-publish`). */
  | { type: 'refused'; vhost: string; queue: string; message: Message }
  | { type: 'purged'; vhost: string; queue: string; messages: number }
  /** Objects came or went; the view of the topology is stale. */
  | { type: 'topology'; vhost: string };

export type Observer = (event: SandboxEvent) => void;
