import { compareIds, formatId, type StreamId } from './stream-id';

/** An entry delivered to a consumer and not acknowledged yet. */
export interface PendingEntry {
  id: StreamId;
  consumer: string;
  deliveredAt: number;
  deliveries: number;
}

export interface GroupConsumer {
  /** Last time it asked; and last time it got something, -1 for never. */
  seenAt: number;
  activeAt: number;
}

/** A consumer group: how far it has read, and what it still owes an acknowledgement for. */
export class ConsumerGroup {
  readonly consumers = new Map<string, GroupConsumer>();
  private pending = new Map<string, PendingEntry>();
  private newestPending: StreamId = { ms: 0, seq: 0 };
  private isSorted = true;

  constructor(
    readonly name: string,
    public lastDelivered: StreamId,
  ) {}

  get pendingCount(): number {
    return this.pending.size;
  }

  /** The consumer of that name, made when it is new. */
  consumer(name: string, nowMs: number): GroupConsumer {
    const known = this.consumers.get(name);
    if (known) {
      known.seenAt = nowMs;
      return known;
    }
    const made = { seenAt: nowMs, activeAt: -1 };
    this.consumers.set(name, made);
    return made;
  }

  owe(entry: PendingEntry): void {
    if (compareIds(entry.id, this.newestPending) < 0) this.isSorted = false;
    else this.newestPending = entry.id;
    this.pending.set(formatId(entry.id), entry);
  }

  pendingAt(id: StreamId): PendingEntry | undefined {
    return this.pending.get(formatId(id));
  }

  /** True when it was pending. */
  settle(id: StreamId): boolean {
    return this.pending.delete(formatId(id));
  }

  /** Pending entries by rising id. Deleting while iterating is allowed. */
  *pendingEntries(): IterableIterator<PendingEntry> {
    if (!this.isSorted) {
      this.pending = new Map([...this.pending].sort(([, a], [, b]) => compareIds(a.id, b.id)));
      this.isSorted = true;
    }
    yield* this.pending.values();
  }

  pendingOf(consumer: string): number {
    let count = 0;
    for (const entry of this.pending.values()) if (entry.consumer === consumer) count += 1;
    return count;
  }

  /** Forgets a consumer with what it owes; answers how many entries that were. */
  removeConsumer(name: string): number {
    if (!this.consumers.delete(name)) return 0;
    let count = 0;
    for (const [key, entry] of this.pending) if (entry.consumer === name && this.pending.delete(key)) count += 1;
    return count;
  }
}
