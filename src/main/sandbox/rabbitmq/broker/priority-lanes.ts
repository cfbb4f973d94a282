import { EntryDeque } from './entry-deque';
import type { QueueEntry } from './message';

/** The ready messages of a queue: one lane a priority, the highest served first. */
export class PriorityLanes {
  private readonly lanes: EntryDeque[];

  constructor(private readonly maxPriority: number) {
    this.lanes = Array.from({ length: maxPriority + 1 }, () => new EntryDeque());
  }

  push(entry: QueueEntry): void {
    this.laneOf(entry).push(entry);
  }

  first(): QueueEntry | undefined {
    return this.headLane()?.first();
  }

  shift(): QueueEntry | undefined {
    return this.headLane()?.shift();
  }

  /** Puts entries back where their sequence says. */
  restore(entries: QueueEntry[]): void {
    const byLane = new Map<EntryDeque, QueueEntry[]>();
    for (const entry of entries) {
      const lane = this.laneOf(entry);
      const list = byLane.get(lane);
      if (list) list.push(entry);
      else byLane.set(lane, [entry]);
    }
    for (const [lane, list] of byLane) lane.restore(list);
  }

  /** Empties it and returns what was there. */
  drain(): QueueEntry[] {
    return this.lanes.flatMap((lane) => lane.drain());
  }

  /** Head first. */
  toArray(): QueueEntry[] {
    return [...this.lanes].reverse().flatMap((lane) => lane.toArray());
  }

  private laneOf({ message }: QueueEntry): EntryDeque {
    return this.lanes[Math.min(message.priority, this.maxPriority)] as EntryDeque;
  }

  private headLane(): EntryDeque | undefined {
    for (let index = this.maxPriority; index >= 0; index--) if (this.lanes[index]?.length) return this.lanes[index];
    return undefined;
  }
}
