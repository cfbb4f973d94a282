import type { Socket } from 'node:net';
import { encodeReply, type Reply } from './reply';

/** A blocking read that waits for entries. */
export interface BlockedRead {
  keys: string[];
  /** Tries again; ends the wait when there is something. */
  retry: () => void;
  end: (reply: Reply) => void;
}

/** A subscriber that leaves this much unread is cut off, as with Redis's default for pub/sub clients. */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024;

/** One client connection and what it has asked for. */
export class Session {
  name = '';
  isLoggedIn = false;
  isMonitor = false;
  readonly channels = new Set<string>();
  readonly patterns = new Map<string, (text: string) => boolean>();
  /** Commands of a transaction since MULTI; `failed` when one could not be queued. */
  transaction: { commands: string[][]; failed: boolean } | undefined;
  blocked: BlockedRead | undefined;
  lastCommand = '';
  readonly since: number;
  private output = '';
  private isScheduled = false;

  constructor(
    readonly id: number,
    private readonly socket: Socket,
    now: number,
    private readonly onOverrun: (bytes: number) => void,
  ) {
    this.since = now;
  }

  get address(): string {
    return `${this.socket.remoteAddress}:${this.socket.remotePort}`;
  }

  get subscriptions(): number {
    return this.channels.size + this.patterns.size;
  }

  /** Sends a reply with what else this tick has to send. */
  send(reply: Reply): void {
    this.sendEncoded(encodeReply(reply));
  }

  sendEncoded(text: string): void {
    if (this.socket.destroyed) return;
    this.output += text;
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => this.flush());
  }

  /** Sends what is waiting, then ends the connection. */
  end(): void {
    this.flush();
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private flush(): void {
    this.isScheduled = false;
    if (this.output === '' || this.socket.destroyed) return;
    const text = this.output;
    this.output = '';
    this.socket.write(text, 'latin1');
    if (this.socket.writableLength <= MAX_UNREAD_BYTES) return;
    this.onOverrun(this.socket.writableLength);
    this.socket.destroy();
  }
}
