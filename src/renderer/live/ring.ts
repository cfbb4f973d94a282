/** The last `capacity` items, oldest first; what falls out is counted, never hidden. */
export interface Ring<T> {
  readonly length: number;
  /** Items that fell out since the ring was made or cleared. */
  readonly dropped: number;
  push: (items: readonly T[]) => void;
  /** A copy, newest first. */
  newestFirst: () => T[];
  clear: () => void;
}

/** Makes a ring; pushing costs the same however full it is. */
export function createRing<T>(capacity: number): Ring<T> {
  let slots: T[] = [];
  let start = 0;
  let dropped = 0;
  return {
    get length() {
      return slots.length;
    },
    get dropped() {
      return dropped;
    },
    push(items) {
      for (const item of items) {
        if (slots.length < capacity) slots.push(item);
        else {
          slots[start] = item;
          start = (start + 1) % capacity;
          dropped += 1;
        }
      }
    },
    newestFirst() {
      return [...slots.slice(start), ...slots.slice(0, start)].reverse();
    },
    clear() {
      slots = [];
      start = 0;
      dropped = 0;
    },
  };
}
