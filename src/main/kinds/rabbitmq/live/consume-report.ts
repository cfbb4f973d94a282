import { describeRetry } from '@shared/kinds/common/retry';
import type { CounterSource } from '@shared/traffic/counter';
import type { Phase } from '@shared/traffic/event';
import type { ConsumeMessage } from 'amqplib';
import type { TrafficRequest } from '../../live';
import { showBody, toJsonTable } from '../../message-details';
import type { ConsumeEnd } from './ends';
import { firstExchange } from './failures';
import { setProperties } from './properties';

/** Counts and tells what becomes of the messages of one consume link. */
export class ConsumeReport {
  constructor(
    private readonly traffic: TrafficRequest,
    private readonly link: string,
    private readonly end: ConsumeEnd,
    /** Drawn dead-letter link of the queue. */
    private readonly deadLetterLink: string | undefined,
  ) {}

  tellRetried(
    message: ConsumeMessage,
    reason: string,
    attempts: number | undefined,
    { attempt, delayMs }: { attempt: number; delayMs: number },
  ): void {
    const next = { attempt, delayMs };
    this.tell('retried', message, describeRetry(reason, attempts, next), next);
  }

  /** Of the drawn link this is at least the number: others may consume from the queue, too. */
  countDeadLetter(source: CounterSource): void {
    const link = this.deadLetterLink;
    if (link === undefined) return;
    this.traffic.sink.add({ link }, 'deadLettered', 1, source);
    this.traffic.sink.gap({ link }, ['deadLettered']);
  }

  count(name: 'delivered' | 'acked' | 'failed' | 'rejected' | 'retried' | 'deadLettered'): void {
    const { sink } = this.traffic;
    sink.add({ node: this.end.node }, name, 1, 'own');
    sink.add({ link: this.link }, name, 1, 'own');
  }

  tell(
    phase: Phase,
    { fields, properties, content }: ConsumeMessage,
    reason: string | undefined,
    told: { attempt: number; delayMs?: number },
  ): void {
    this.traffic.sink.event({
      at: Date.now(),
      node: this.end.node,
      link: this.link,
      phase,
      queue: this.end.queue,
      exchange: phase === 'dead-lettered' ? fields.exchange : firstExchange({ fields, properties }),
      routingKey: fields.routingKey,
      sizeBytes: content.length,
      messageId: typeof properties.messageId === 'string' ? properties.messageId : undefined,
      reason,
      attempt: told.attempt,
      delayMs: told.delayMs,
      details: () => ({
        body: showBody(content, this.traffic.maskBodies()),
        headers: toJsonTable(properties.headers ?? {}),
        properties: setProperties(properties),
      }),
    });
  }
}
