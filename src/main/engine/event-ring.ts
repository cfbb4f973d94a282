import type { TrafficEvent } from '@shared/traffic/event';
import type { Observation } from '../kinds/live';

/** An event as it is kept: as it was seen, or as it was made ready to be shown. Rings share entries. */
export interface Entry {
  seq: number;
  observation: Observation;
  shown?: TrafficEvent;
}

/** What was made ready once serves again, and the message itself is let go. */
export function show(entry: Entry): TrafficEvent {
  if (entry.shown) return entry.shown;
  const { details, ...facts } = entry.observation;
  entry.shown = { seq: entry.seq, ...facts, ...details?.() };
  entry.observation = facts;
  return entry.shown;
}

/** The newest entries, bounded by number and by the bytes of their bodies. */
export class EventRing {
  private readonly slots: (Entry | undefined)[];
  private first = 0;
  private size = 0;
  private bytes = 0;

  constructor(
    private readonly capacity: number,
    private readonly maxBytes: number,
  ) {
    this.slots = new Array(capacity);
  }

  get length(): number {
    return this.size;
  }

  push(entry: Entry): void {
    if (this.size === this.capacity) this.dropOldest();
    this.slots[(this.first + this.size) % this.capacity] = entry;
    this.size += 1;
    this.bytes += entry.observation.sizeBytes;
    while (this.bytes > this.maxBytes && this.size > 1) this.dropOldest();
  }

  private dropOldest(): void {
    this.bytes -= this.at(0)?.observation.sizeBytes ?? 0;
    this.slots[this.first] = undefined;
    this.first = (this.first + 1) % this.capacity;
    this.size -= 1;
  }

  private at(position: number): Entry | undefined {
    return this.slots[(this.first + position) % this.capacity];
  }

  /** How many came after `seq`. */
  newerThan(seq: number): number {
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.at(middle)?.seq ?? 0) > seq) high = middle;
      else low = middle + 1;
    }
    return this.size - low;
  }

  /** `wanted` of the newest `among`, evenly spread; the newest is always one of them. */
  spread(among: number, wanted: number): Entry[] {
    const count = Math.min(among, wanted);
    const picked: Entry[] = [];
    for (let index = 0; index < count; index++) {
      const entry = this.at(this.size - 1 - Math.floor((index * among) / count));
      if (entry) picked.push(entry);
    }
    return picked;
  }
}
