import type { QueueEntry } from './message';

/** Above this many dead slots the array is compacted, once they are half of it. */
const COMPACT_AFTER = 4096;

/** First in, first out, with a way back to the original place; both ends in constant time. */
export class EntryDeque {
  private entries: (QueueEntry | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.entries.length - this.head;
  }

  first(): QueueEntry | undefined {
    return this.entries[this.head];
  }

  push(entry: QueueEntry): void {
    this.entries.push(entry);
  }

  shift(): QueueEntry | undefined {
    const entry = this.entries[this.head];
    if (!entry) return undefined;
    this.entries[this.head++] = undefined;
    if (this.head === this.entries.length) {
      this.entries = [];
      this.head = 0;
    } else if (this.head > COMPACT_AFTER && this.head * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return entry;
  }

  /** Puts entries back where their sequence says. */
  restore(returned: QueueEntry[]): void {
    const sorted = [...returned].sort((a, b) => a.sequence - b.sequence);
    const rest = this.toArray();
    const lastReturned = sorted.at(-1);
    const firstWaiting = rest[0];
    const inOrder = !lastReturned || !firstWaiting || lastReturned.sequence < firstWaiting.sequence;
    const merged = sorted.concat(rest);
    this.entries = inOrder ? merged : merged.sort((a, b) => a.sequence - b.sequence);
    this.head = 0;
  }

  /** Empties it and returns what was there. */
  drain(): QueueEntry[] {
    const all = this.toArray();
    this.entries = [];
    this.head = 0;
    return all;
  }

  toArray(): QueueEntry[] {
    return this.entries.slice(this.head) as QueueEntry[];
  }
}
