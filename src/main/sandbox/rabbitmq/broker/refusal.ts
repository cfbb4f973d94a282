import type { QueueLimits } from './queue-limits';

/** What a queue has ready. */
interface Depth {
  readonly ready: number;
  readonly readyBytes: number;
}

/** A quorum queue that refused takes messages again when it is filled to this share at most. */
const ROOM_AGAIN = 0.8;

/**
 * Whether a queue with `x-overflow: reject-publish` takes one more message. A classic queue never passes its limit; a quorum queue
 * takes the message that does, and then no more until there is room again.
 */
export class Refusal {
  private isOverfull = false;

  constructor(
    private readonly limits: QueueLimits,
    private readonly isQuorum: boolean,
  ) {}

  applies({ ready, readyBytes }: Depth, bytesMore: number): boolean {
    const { refusesWhenFull, maxLength, maxBytes } = this.limits;
    if (!refusesWhenFull) return false;
    return this.isQuorum ? this.isOverfull : ready + 1 > maxLength || readyBytes + bytesMore > maxBytes;
  }

  /** To be told when messages came, those for waiting consumers being with them already. */
  hasTaken({ ready, readyBytes }: Depth): void {
    const { maxLength, maxBytes } = this.limits;
    if (ready > maxLength || readyBytes > maxBytes) this.isOverfull = true;
  }

  /** To be told when messages went. */
  hasLost({ ready, readyBytes }: Depth): void {
    const { maxLength, maxBytes } = this.limits;
    if (ready <= Math.trunc(maxLength * ROOM_AGAIN) && readyBytes <= Math.trunc(maxBytes * ROOM_AGAIN))
      this.isOverfull = false;
  }
}
