import { FRAME_END, FRAME_HEARTBEAT } from '../codec/fields';

const HEARTBEAT_FRAME = Buffer.from([FRAME_HEARTBEAT, 0, 0, 0, 0, 0, 0, FRAME_END]);

/** Sends a connection's heartbeats, and notices a client that sends nothing for two of its intervals. */
export class Heartbeat {
  private lastInputAt = Date.now();
  private timer: NodeJS.Timeout | undefined;

  /** `isPaused`: nothing is read, so nothing can be missed. */
  constructor(
    private readonly send: (frame: Buffer) => void,
    private readonly onSilence: () => void,
    private readonly isPaused: () => boolean,
  ) {}

  /** The client was heard, or is listened to again. */
  heard(): void {
    this.lastInputAt = Date.now();
  }

  /** Begins with the interval agreed on; 0 is none. */
  start(seconds: number): void {
    if (!seconds) return;
    this.timer = setInterval(() => {
      if (!this.isPaused() && Date.now() - this.lastInputAt > seconds * 2000) this.onSilence();
      else this.send(HEARTBEAT_FRAME);
    }, seconds * 500);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
