import type { Behaviour } from './behaviour';
import type { SandboxClock } from './clock';
import type { Observer } from './events';
import { Vhost } from './vhost';

/** Bounds of the sandbox. Above `softBytes` publishing connections are paused and told so; above the hard limits publishes are refused. */
export interface SandboxLimits {
  maxMessages: number;
  softBytes: number;
  maxBytes: number;
  maxConnections: number;
  maxChannelsPerConnection: number;
  handshakeMs: number;
}

/** Invariant: softBytes < maxBytes, so that publishers are slowed down before they are refused. */
export const DEFAULT_LIMITS: SandboxLimits = {
  maxMessages: 2_000_000,
  softBytes: 384 * 1024 * 1024,
  maxBytes: 512 * 1024 * 1024,
  maxConnections: 200,
  maxChannelsPerConnection: 2047,
  handshakeMs: 10_000,
};

const MIB = 1024 * 1024;

/** Below this share of `softBytes` paused publishers go on: some distance, so that they do not flicker. */
const RESUME_SHARE = 0.9;

/** The state of a sandbox: vhosts with their objects and messages, and the sum of what they hold. No sockets here. */
export class SandboxBroker {
  readonly vhosts = new Map<string, Vhost>();
  /** Set by whoever wants to see every event; undefined costs nothing. */
  observe: Observer | undefined;
  /** Told when publishers must pause or may go on. */
  onPressure: (isFull: boolean) => void = () => {};
  /**
   * Of several queues with dead letters, whose next one leaves first; undefined: what died first. RabbitMQ's queues are processes
   * of their own, so there any may be first: a test tries which orders lead to what it saw.
   */
  chooseDeparture: ((queues: string[]) => string) | undefined;
  /** Ready, in all queues. */
  messages = 0;
  bytes = 0;
  /** Delivered and not yet settled: they need memory too, but consumers let them go, so that publishers are not paused for them. */
  private unackedMessages = 0;
  private unackedBytes = 0;
  isFull = false;
  private lastMessageId = 0;

  constructor(
    readonly behaviour: Behaviour,
    readonly clock: SandboxClock,
    readonly limits: SandboxLimits = DEFAULT_LIMITS,
    /** User names and passwords. */
    readonly users: ReadonlyMap<string, string> = new Map([['guest', 'guest']]),
    /** How it calls itself, to clients and in the management API: people and ledgers tell brokers apart by it. */
    readonly clusterName = 'tapline-sandbox',
  ) {
    this.addVhost('/');
  }

  addVhost(name: string): Vhost {
    const existing = this.vhosts.get(name);
    if (existing) return existing;
    const vhost = new Vhost(this, name);
    this.vhosts.set(name, vhost);
    return vhost;
  }

  removeVhost(name: string): boolean {
    const vhost = this.vhosts.get(name);
    if (!vhost) return false;
    this.vhosts.delete(name);
    vhost.deadLetters.clear();
    for (const queue of [...vhost.queues.values()]) vhost.deleteQueue(queue);
    return true;
  }

  nextMessageId(): number {
    return ++this.lastMessageId;
  }

  /** Counts what queues hold; a body shared by several queues counts in each, so the bound is on the safe side. */
  account(messages: number, bytes: number): void {
    this.messages += messages;
    this.bytes += bytes;
    const isFull =
      this.bytes > this.limits.softBytes || (this.isFull && this.bytes > this.limits.softBytes * RESUME_SHARE);
    if (isFull === this.isFull) return;
    this.isFull = isFull;
    this.onPressure(isFull);
  }

  /** The same for what is delivered and not yet settled. */
  accountUnacked(messages: number, bytes: number): void {
    this.unackedMessages += messages;
    this.unackedBytes += bytes;
  }

  /** The sentence a publisher is refused with, or null while there is room for `bytes` more. */
  refusal(bytes: number): string | null {
    const { maxBytes, maxMessages } = this.limits;
    if (this.bytes + this.unackedBytes + bytes > maxBytes)
      return `the sandbox is full: it holds at most ${Math.round(maxBytes / MIB)} MiB of messages`;
    if (this.messages + this.unackedMessages >= maxMessages)
      return `the sandbox is full: it holds at most ${maxMessages} messages`;
    return null;
  }

  /** What its user is told while publishers wait or are refused; else null. */
  fullness(): string | null {
    if (this.isFull) return 'The sandbox is full: publishers wait until messages are taken out.';
    const refusal = this.refusal(1);
    return refusal && `New messages are refused: ${refusal}.`;
  }

  /** Totals over all queues. */
  totals(): { ready: number; unacked: number } {
    let unacked = 0;
    for (const vhost of this.vhosts.values()) for (const queue of vhost.queues.values()) unacked += queue.unacked;
    return { ready: this.messages, unacked };
  }

  close(): void {
    for (const vhost of this.vhosts.values()) {
      vhost.deadLetters.clear();
      for (const queue of vhost.queues.values()) queue.stopTimers();
    }
    this.clock.close();
  }
}
