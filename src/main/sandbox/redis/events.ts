/** Everything that happens to a message in the sandbox, as it happens; exact and complete. Texts are latin1. */
export type RedisSandboxEvent =
  | { type: 'published'; channel: string; message: string; receivers: number }
  /** A subscriber got a message; `pattern` when it came through one. */
  | { type: 'pushed'; channel: string; pattern?: string; message: string; client: string }
  | { type: 'added'; stream: string; id: string; fields: string[] }
  | {
      type: 'delivered';
      stream: string;
      group: string;
      consumer: string;
      id: string;
      deliveries: number;
      fields: string[];
    }
  | { type: 'acked'; stream: string; group: string; id: string }
  /** Entries that went by XTRIM, MAXLEN or XDEL. */
  | { type: 'removed'; stream: string; entries: number; how: 'deleted' | 'trimmed' }
  /** A subscriber was cut off since it did not read what it was sent. */
  | { type: 'overrun'; client: string; bytes: number };

export type RedisObserver = (event: RedisSandboxEvent) => void;
