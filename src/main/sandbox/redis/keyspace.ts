import { RedisError, WRONG_TYPE } from './reply';
import { entryBytes, Stream } from './stream';

export type RedisHash = Map<string, string>;
/** Scores by member. */
export class SortedSet extends Map<string, number> {}
export type RedisValue = string | Stream | RedisHash | SortedSet;

/** Estimate of what a key costs beside its value. */
const KEY_BYTES = 64;

/** Called with the class (`g`, `$`, `t`, `x`, …), the event and the key, as keyspace notifications name them. */
export type KeyEvent = (eventClass: string, event: string, key: string) => void;

/** All keys of the one database, with expiry and an estimate of the memory they hold. */
export class Keyspace {
  private readonly values = new Map<string, RedisValue>();
  private readonly expiries = new Map<string, number>();
  private bytes = 0;

  constructor(
    private readonly now: () => number,
    private readonly onEvent: KeyEvent,
  ) {}

  get usedBytes(): number {
    return this.bytes;
  }

  get size(): number {
    return this.values.size;
  }

  /** The value, or undefined when there is none or its time is over. */
  get(key: string): RedisValue | undefined {
    const expiry = this.expiries.get(key);
    if (expiry !== undefined && expiry <= this.now()) {
      this.delete(key);
      this.onEvent('x', 'expired', key);
      return undefined;
    }
    return this.values.get(key);
  }

  /** @throws RedisError WRONGTYPE */
  stream(key: string): Stream | undefined {
    const value = this.get(key);
    if (value === undefined || value instanceof Stream) return value;
    throw new RedisError(WRONG_TYPE);
  }

  /** @throws RedisError WRONGTYPE */
  text(key: string): string | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw new RedisError(WRONG_TYPE);
  }

  /** @throws RedisError WRONGTYPE */
  sortedSet(key: string): SortedSet | undefined {
    const value = this.get(key);
    if (value === undefined || value instanceof SortedSet) return value;
    throw new RedisError(WRONG_TYPE);
  }

  /** @throws RedisError WRONGTYPE */
  hash(key: string): RedisHash | undefined {
    const value = this.get(key);
    if (value === undefined || (value instanceof Map && !(value instanceof SortedSet))) return value as RedisHash;
    throw new RedisError(WRONG_TYPE);
  }

  createStream(key: string): Stream {
    const stream = new Stream((bytes) => this.charge(bytes));
    this.set(key, stream);
    return stream;
  }

  /** Replaces the value; an expiry goes, unless it is kept. */
  set(key: string, value: RedisValue, keepExpiry = false): void {
    const old = this.values.get(key);
    this.charge(valueBytes(value) - (old === undefined ? -KEY_BYTES - key.length : valueBytes(old)));
    this.values.set(key, value);
    if (!keepExpiry) this.expiries.delete(key);
  }

  /** To be told of bytes that values gained or lost by themselves. */
  charge(bytes: number): void {
    this.bytes += bytes;
  }

  delete(key: string): boolean {
    const value = this.values.get(key);
    if (value === undefined) return false;
    this.charge(-valueBytes(value) - KEY_BYTES - key.length);
    this.values.delete(key);
    this.expiries.delete(key);
    return true;
  }

  /** Epoch milliseconds; undefined takes the expiry away. */
  expire(key: string, at: number | undefined): void {
    if (at === undefined) this.expiries.delete(key);
    else this.expiries.set(key, at);
  }

  expiry(key: string): number | undefined {
    return this.expiries.get(key);
  }

  keys(): string[] {
    return [...this.values.keys()].filter((key) => this.get(key) !== undefined);
  }

  clear(): void {
    this.values.clear();
    this.expiries.clear();
    this.bytes = 0;
  }
}

function valueBytes(value: RedisValue): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof Stream) {
    return value.entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  }
  let bytes = 0;
  for (const [name, item] of value) bytes += name.length + (typeof item === 'string' ? item.length : 8) + 32;
  return bytes;
}

/** What `TYPE` calls it. */
export function typeName(value: RedisValue | undefined): string {
  if (value === undefined) return 'none';
  if (typeof value === 'string') return 'string';
  if (value instanceof Stream) return 'stream';
  return value instanceof SortedSet ? 'zset' : 'hash';
}
