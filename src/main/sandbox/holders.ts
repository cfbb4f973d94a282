/** Invariant: holders renew well within TICKS × TICK_MS, which is also how long a sandbox waits for a killed owner to come back. */
const TICK_MS = 5000;
const TICKS = 6;

/** Who keeps a sandbox alive, by an id of their own. */
export interface HolderList {
  /** Must be repeated; false when the sandbox is ending. */
  renew: (id: string) => boolean;
  /** True if that was the last one: it ends. */
  release: (id: string) => boolean;
}

/** Who needs a sandbox. It ends when the last one lets it go, or has not been heard of for a while (killed). */
export class Holders implements HolderList {
  private readonly ticksLeft = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private isAbandoned = false;

  /** `onAbandoned` is called once. Whoever starts the sandbox has as long as a holder to make itself known. */
  constructor(
    private readonly onAbandoned: () => void,
    private readonly options = { tickMs: TICK_MS, ticks: TICKS },
  ) {
    this.ticksLeft.set('', options.ticks);
    // Counts ticks, not time: a computer that slept must not end the sandbox when it wakes up.
    this.timer = setInterval(() => this.tick(), options.tickMs);
    this.timer.unref();
  }

  renew(id: string): boolean {
    if (this.isAbandoned) return false;
    this.ticksLeft.delete('');
    this.ticksLeft.set(id, this.options.ticks);
    return true;
  }

  release(id: string): boolean {
    this.ticksLeft.delete(id);
    this.endIfAlone();
    return this.isAbandoned;
  }

  close(): void {
    this.isAbandoned = true;
    clearInterval(this.timer);
  }

  private tick(): void {
    for (const [id, left] of this.ticksLeft) {
      if (left <= 1) this.ticksLeft.delete(id);
      else this.ticksLeft.set(id, left - 1);
    }
    this.endIfAlone();
  }

  private endIfAlone(): void {
    if (this.ticksLeft.size > 0 || this.isAbandoned) return;
    this.close();
    this.onAbandoned();
  }
}
