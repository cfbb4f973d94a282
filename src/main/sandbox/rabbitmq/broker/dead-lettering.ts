import { buryMessage, type Death, isAutomaticCycle } from './dead-letter';
import type { DeathReason } from './events';
import type { Exchange } from './exchange';
import type { Message } from './message';
import type { Queue } from './queue';
import { type Hop, routeMessage } from './routing';
import type { Vhost } from './vhost';

/** Copies sent on in one turn of the event loop. */
const MOST_A_TURN = 2000;

/** A copy on its way to the dead-letter exchange. */
interface Departure {
  from: string;
  exchange: Exchange;
  copy: Message;
  deaths: Death[];
  reason: DeathReason;
}

/**
 * Sends the dead messages of a vhost on: after the operation that caused it, breadth first, as RabbitMQ does. A circle that
 * RabbitMQ does not cut (somebody rejected the message before) goes round for ever here, too; the sandbox stays usable
 * meanwhile.
 */
export class DeadLettering {
  private waiting: Departure[] = [];
  private held = 0;
  private isSending = false;
  private isScheduled = false;

  constructor(private readonly vhost: Vhost) {}

  /** Are copies still on their way? */
  get isUnderWay(): boolean {
    return this.waiting.length > 0;
  }

  /** Runs an operation; what dies in it leaves when it is done. */
  after<T>(operation: () => T): T {
    this.held++;
    try {
      return operation();
    } finally {
      this.held--;
      if (this.held === 0) this.send();
    }
  }

  /** For a timer: what dies in several queues at one moment leaves when all of it is dead. */
  afterAllDue(operation: () => void): void {
    this.held++;
    try {
      operation();
    } finally {
      this.held--;
      this.vhost.broker.clock.afterAllDue(() => {
        if (this.held === 0) this.send();
      });
    }
  }

  /** Sends a dead message on to its queue's dead-letter exchange, or drops it; both are told to the observer. */
  bury(queue: Queue, message: Message, reason: DeathReason): void {
    const { vhost } = this;
    const { broker } = vhost;
    const { 'x-dead-letter-exchange': target, 'x-dead-letter-routing-key': key } = queue.arguments;
    const exchange = typeof target === 'string' ? vhost.exchanges.get(target) : undefined;
    broker.observe?.({
      type: 'died',
      vhost: vhost.name,
      queue: queue.name,
      message,
      reason,
      target: exchange?.name ?? null,
    });
    if (!exchange) return;
    const { message: copy, deaths } = buryMessage({
      message,
      queue: queue.name,
      reason,
      exchange: exchange.name,
      routingKey: typeof key === 'string' ? key : undefined,
      now: broker.clock.now(),
      behaviour: broker.behaviour,
      nextId: message.id,
    });
    this.waiting.push({ from: queue.name, exchange, copy, deaths, reason });
    if (this.held === 0) this.send();
  }

  /** Forgets what has not left yet. */
  clear(): void {
    this.waiting = [];
  }

  private send(): void {
    if (this.isSending || this.isScheduled) return;
    this.isSending = true;
    try {
      for (let sent = 0; this.waiting.length > 0; ) {
        if (sent >= MOST_A_TURN) return this.sendLater();
        const wave = this.nextWave(MOST_A_TURN - sent);
        sent += wave.length;
        for (const departure of wave) this.deliver(departure);
      }
    } finally {
      this.isSending = false;
    }
  }

  private nextWave(atMost: number): Departure[] {
    const { chooseDeparture } = this.vhost.broker;
    if (!chooseDeparture) return this.waiting.splice(0, atMost);
    const queue = chooseDeparture([...new Set(this.waiting.map(({ from }) => from))]);
    return this.waiting.splice(
      this.waiting.findIndex(({ from }) => from === queue),
      1,
    );
  }

  private sendLater(): void {
    this.isScheduled = true;
    this.vhost.broker.clock.soon(() => {
      this.isScheduled = false;
      this.send();
    });
  }

  private deliver({ exchange, copy, deaths, reason }: Departure): void {
    const { vhost } = this;
    const { broker } = vhost;
    const hops: Hop[] | undefined = broker.observe ? [] : undefined;
    const targets = routeMessage(vhost, exchange, copy, hops).filter(
      (to) => reason === 'rejected' || !isAutomaticCycle(deaths, to.name),
    );
    broker.observe?.({
      type: 'routed',
      vhost: vhost.name,
      message: copy,
      queues: targets.map((to) => to.name),
      hops: hops ?? [],
    });
    for (const to of targets) {
      if (to.deleted) continue;
      if (broker.refusal(copy.body.length + copy.properties.length) === null) to.push(copy);
      else broker.observe?.({ type: 'refused', vhost: vhost.name, queue: to.name, message: copy });
    }
    copy.forgetDecoded();
  }
}
