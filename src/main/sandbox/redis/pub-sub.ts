import { compileGlob } from '@shared/kinds/redis/glob';
import type { RedisObserver } from './events';
import { encodeReply } from './reply';
import type { Session } from './session';

/** Channels and patterns: at most once, nothing is kept. */
export class PubSub {
  private readonly byChannel = new Map<string, Set<Session>>();
  private readonly withPatterns = new Set<Session>();

  constructor(private readonly observe: RedisObserver) {}

  subscribe(session: Session, channel: string): void {
    session.channels.add(channel);
    const subscribers = this.byChannel.get(channel) ?? new Set();
    this.byChannel.set(channel, subscribers.add(session));
  }

  unsubscribe(session: Session, channel: string): void {
    session.channels.delete(channel);
    const subscribers = this.byChannel.get(channel);
    subscribers?.delete(session);
    if (subscribers?.size === 0) this.byChannel.delete(channel);
  }

  subscribePattern(session: Session, pattern: string): void {
    session.patterns.set(pattern, compileGlob(pattern));
    this.withPatterns.add(session);
  }

  unsubscribePattern(session: Session, pattern: string): void {
    session.patterns.delete(pattern);
    if (session.patterns.size === 0) this.withPatterns.delete(session);
  }

  /** How many got it; a client that matches by channel and by pattern gets it twice, as in Redis. */
  publish(channel: string, message: string): number {
    let receivers = 0;
    const direct = this.byChannel.get(channel);
    if (direct) {
      const encoded = encodeReply(['message', channel, message]);
      for (const session of direct) {
        session.sendEncoded(encoded);
        receivers += 1;
        this.observe({ type: 'pushed', channel, message, client: session.name });
      }
    }
    for (const session of this.withPatterns) {
      for (const [pattern, matches] of session.patterns) {
        if (!matches(channel)) continue;
        session.send(['pmessage', pattern, channel, message]);
        receivers += 1;
        this.observe({ type: 'pushed', channel, pattern, message, client: session.name });
      }
    }
    this.observe({ type: 'published', channel, message, receivers });
    return receivers;
  }

  channels(): string[] {
    return [...this.byChannel.keys()];
  }

  subscribers(channel: string): number {
    return this.byChannel.get(channel)?.size ?? 0;
  }

  patternCount(): number {
    return new Set([...this.withPatterns].flatMap((session) => [...session.patterns.keys()])).size;
  }

  remove(session: Session): void {
    for (const channel of [...session.channels]) this.unsubscribe(session, channel);
    for (const pattern of [...session.patterns.keys()]) this.unsubscribePattern(session, pattern);
  }
}
