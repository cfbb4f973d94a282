import { ConsumerGroup } from './consumer-group';
import { RedisError } from './reply';
import { compareIds, formatId, MIN_ID, parseId, type StreamId } from './stream-id';

/** `fields`: name, value, name, value …, one byte a character. */
export interface StreamEntry {
  id: StreamId;
  fields: string[];
}

/** When entries go: the oldest beyond a length, or those with smaller ids. `approximate` trims whole blocks only. */
export type Trim = { approximate: boolean } & ({ by: 'MAXLEN'; length: number } | { by: 'MINID'; id: StreamId });

/** What Redis keeps in one node of its radix tree: the grain of approximate trimming. */
const BLOCK_ENTRIES = 100;
/** Estimate of what an entry costs beside its fields. */
const ENTRY_BYTES = 64;

export function entryBytes({ fields }: StreamEntry): number {
  return fields.reduce((sum, field) => sum + field.length, ENTRY_BYTES);
}

/** An append-only log with consumer groups. `charge` is told how many bytes were added or freed. */
export class Stream {
  readonly entries: StreamEntry[] = [];
  readonly groups = new Map<string, ConsumerGroup>();
  lastId: StreamId = MIN_ID;
  maxDeletedId: StreamId = MIN_ID;
  entriesAdded = 0;

  constructor(private readonly charge: (bytes: number) => void) {}

  /** Index of the first entry whose id is not below (or, with `above`, is above) the given one. */
  indexOf(id: StreamId, above = false): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareIds((this.entries[middle] as StreamEntry).id, id);
      if (above ? order <= 0 : order < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  find(id: StreamId): StreamEntry | undefined {
    const entry = this.entries[this.indexOf(id)];
    return entry && compareIds(entry.id, id) === 0 ? entry : undefined;
  }

  /** Entries of a range, both ends included, oldest first. */
  range(from: StreamId, to: StreamId): StreamEntry[] {
    return this.entries.slice(this.indexOf(from), this.indexOf(to, true));
  }

  /** Entries after an id, at most `count`. */
  after(id: StreamId, count: number): StreamEntry[] {
    const start = this.indexOf(id, true);
    return this.entries.slice(start, start + count);
  }

  /** The id an entry gets: `*`, `123-*` or one given whole. @throws RedisError */
  nextId(wanted: string, nowMs: number): StreamId {
    if (wanted === '*') {
      return nowMs > this.lastId.ms ? { ms: nowMs, seq: 0 } : { ms: this.lastId.ms, seq: this.lastId.seq + 1 };
    }
    const partial = /^(\d+)-\*$/.exec(wanted);
    const id = partial ? parseId(partial[1] ?? '') : parseId(wanted);
    if (partial && id.ms === this.lastId.ms) id.seq = this.lastId.seq + 1;
    if (!partial && compareIds(id, MIN_ID) === 0) {
      throw new RedisError('ERR The ID specified in XADD must be greater than 0-0');
    }
    if (compareIds(id, this.lastId) <= 0) {
      throw new RedisError('ERR The ID specified in XADD is equal or smaller than the target stream top item');
    }
    return id;
  }

  add(entry: StreamEntry): void {
    this.entries.push(entry);
    this.lastId = entry.id;
    this.entriesAdded += 1;
    this.charge(entryBytes(entry));
  }

  /** True when the entry was there. Pending entries of groups keep pointing at it, as in Redis. */
  delete(id: StreamId): boolean {
    const index = this.indexOf(id);
    const entry = this.entries[index];
    if (!entry || compareIds(entry.id, id) !== 0) return false;
    this.entries.splice(index, 1);
    this.charge(-entryBytes(entry));
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id;
    return true;
  }

  /** How many entries went. */
  trim(trim: Trim): number {
    const excess = trim.by === 'MAXLEN' ? this.entries.length - trim.length : this.indexOf(trim.id);
    const count = Math.max(0, trim.approximate ? excess - (excess % BLOCK_ENTRIES) : excess);
    if (count === 0) return 0;
    const gone = this.entries.splice(0, count);
    for (const entry of gone) this.charge(-entryBytes(entry));
    const last = gone[gone.length - 1];
    if (last && compareIds(last.id, this.maxDeletedId) > 0) this.maxDeletedId = last.id;
    return count;
  }

  createGroup(name: string, lastDelivered: StreamId): ConsumerGroup {
    const group = new ConsumerGroup(name, lastDelivered);
    this.groups.set(name, group);
    return group;
  }

  /** Entries a group has not read yet; null when deletions after its position make that unknowable, as Redis says too. */
  lag(group: ConsumerGroup): number | null {
    const unread = this.entries.length - this.indexOf(group.lastDelivered, true);
    const first = this.entries[0];
    const deletedWithin =
      first !== undefined &&
      compareIds(this.maxDeletedId, first.id) > 0 &&
      compareIds(this.maxDeletedId, group.lastDelivered) > 0;
    return deletedWithin ? null : unread;
  }

  /** `[id, [name, value, …]]`, as every reading command answers. */
  static reply({ id, fields }: StreamEntry): [string, string[]] {
    return [formatId(id), fields];
  }
}
