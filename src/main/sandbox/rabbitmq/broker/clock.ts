/** Returned by `after`; call it to cancel. */
export type CancelTimer = () => void;

interface Timer {
  dueAt: number;
  run: () => void;
  cancelled: boolean;
}

/** Node's timers take at most this many milliseconds. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/**
 * The sandbox's own time, milliseconds since the epoch. It can be paused, stepped and run slower or faster, and every
 * TTL follows it. One real timer waits for whatever is due next; an exception in a timer goes to `onError`, never to
 * the process.
 */
export class SandboxClock {
  private baseVirtual: number;
  private baseReal: number;
  private speedFactor = 1;
  private isPaused = false;
  /** Sorted by due time, earliest last, so that the next one is popped. */
  private readonly timers: Timer[] = [];
  private readonly finishing: (() => void)[] = [];
  private wake: NodeJS.Timeout | undefined;

  constructor(
    private readonly onError: (error: unknown) => void,
    private readonly realNow: () => number = Date.now,
  ) {
    this.baseReal = realNow();
    this.baseVirtual = this.baseReal;
  }

  now(): number {
    if (this.isPaused) return this.baseVirtual;
    return this.baseVirtual + (this.realNow() - this.baseReal) * this.speedFactor;
  }

  get speed(): number {
    return this.speedFactor;
  }

  get paused(): boolean {
    return this.isPaused;
  }

  pause(): void {
    this.rebase();
    this.isPaused = true;
    this.arm();
  }

  resume(): void {
    this.baseReal = this.realNow();
    this.isPaused = false;
    this.arm();
  }

  /** 0.1 is ten times slower, 10 ten times faster. */
  setSpeed(factor: number): void {
    this.rebase();
    this.speedFactor = factor;
    this.arm();
  }

  /** Moves a paused clock on by `ms` and runs everything that falls due, in order. */
  step(ms: number): void {
    const until = this.now() + ms;
    for (let next = this.timers.at(-1); next && next.dueAt <= until; next = this.timers.at(-1)) {
      this.baseVirtual = Math.max(this.baseVirtual, next.dueAt);
      this.baseReal = this.realNow();
      this.runDue();
    }
    this.baseVirtual = until;
    this.baseReal = this.realNow();
    this.arm();
  }

  /** Runs `run` once at `dueAt` of this clock. */
  at(dueAt: number, run: () => void): CancelTimer {
    const timer: Timer = { dueAt, run, cancelled: false };
    let low = 0;
    let high = this.timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.timers[middle]?.dueAt ?? 0) > dueAt) low = middle + 1;
      else high = middle;
    }
    this.timers.splice(low, 0, timer);
    if (this.timers.at(-1) === timer) this.arm();
    return () => {
      timer.cancelled = true;
    };
  }

  /** For timers: runs `run` when all that is due at this moment has been done. */
  afterAllDue(run: () => void): void {
    this.finishing.push(run);
  }

  /** Runs `run` when the event loop has served its sockets; not a matter of this clock's time. */
  soon(run: () => void): void {
    setImmediate(() => this.guard(run));
  }

  close(): void {
    clearTimeout(this.wake);
    this.timers.length = 0;
    this.finishing.length = 0;
  }

  private rebase(): void {
    this.baseVirtual = this.now();
    this.baseReal = this.realNow();
  }

  private arm(): void {
    clearTimeout(this.wake);
    while (this.timers.at(-1)?.cancelled) this.timers.pop();
    const next = this.timers.at(-1);
    if (!next || this.isPaused) return;
    const realMs = Math.max(0, (next.dueAt - this.now()) / this.speedFactor);
    this.wake = setTimeout(() => this.runDue(), Math.min(Math.ceil(realMs), LONGEST_SLEEP_MS));
    this.wake.unref();
  }

  private runDue(): void {
    const now = this.now();
    for (let next = this.timers.at(-1); next && (next.cancelled || next.dueAt <= now); next = this.timers.at(-1)) {
      this.timers.pop();
      if (!next.cancelled) this.guard(next.run);
    }
    for (const run of this.finishing.splice(0)) this.guard(run);
    this.arm();
  }

  private guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.onError(error);
    }
  }
}
