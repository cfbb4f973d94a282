import type { Flow } from '@shared/flow/schema';
import { isRetried } from '@shared/kinds/common/retry';
import { DELAY_HEADER, drawnDeadLetter, type RetryRoute, retryRoute } from '@shared/kinds/rabbitmq/retry';
import { RETRY_HEADERS } from '@shared/traffic/retry-headers';
import type { ConsumeMessage } from 'amqplib';
import type { Handling } from '../../live';
import type { SendResult } from '../../message';
import { copyOptions } from '../exact-copies';
import { consumeEnd, objectAt } from './ends';
import { Outlet, type Parcel } from './outlet';

/** Errors are cut to so many characters: headers must fit into one frame. */
const MAX_ERROR_LENGTH = 2000;

export type FailedHandling = Extract<Handling, { outcome: 'failed' }>;

/** Where a failed message went, or why it could not. */
export interface Successor {
  step: { type: 'retried'; attempt: number; delayMs: number } | { type: 'dead-lettered' };
  parcel: Parcel;
  result: SendResult;
}

/** The retry policy of a consume link with what it needs; undefined when there is none. */
export function consumeRoute(flow: Flow, link: string, defaultVhost: string): RetryRoute | undefined {
  const end = consumeEnd(flow, link, defaultVhost);
  const settings = flow.links[link]?.settings;
  if (!end || !settings) return undefined;
  const { vhost, queue, queueNode } = end;
  const drawn =
    queueNode === undefined ? undefined : drawnDeadLetter(flow, queueNode, (to) => objectAt(flow, to, vhost));
  return retryRoute({ vhost, queue, settings }, drawn);
}

/** 1 for a message that did not fail before. */
export function attemptOf({ properties }: Pick<ConsumeMessage, 'properties'>): number {
  const attempt = Number(properties.headers?.[RETRY_HEADERS.attempt] ?? 1);
  return Number.isInteger(attempt) && attempt > 0 ? attempt : 1;
}

/** The same where the queue gives a message back at once: quorum queues count how often they delivered it before. */
export function deliveryOf({ properties }: Pick<ConsumeMessage, 'properties'>): number {
  const before = Number(properties.headers?.['x-delivery-count'] ?? 0);
  return Number.isInteger(before) && before >= 0 ? before + 1 : 1;
}

/** The exchange a message was published to before it first failed. */
export function firstExchange({ fields, properties }: Pick<ConsumeMessage, 'fields' | 'properties'>): string {
  const first: unknown = properties.headers?.[RETRY_HEADERS.exchange];
  return typeof first === 'string' ? first : fields.exchange;
}

/** Sends failed messages on: to wait for their next attempt, or to where dead letters go. */
export class FailedMessages {
  readonly outlet: Outlet;

  constructor(
    readonly route: RetryRoute,
    private readonly random: () => number,
  ) {
    this.outlet = new Outlet({
      written: () => {},
      settled: () => {},
      refused: () => {}, // its messages fail, and the consumer says so
    });
  }

  /** Resolves when the broker has said what became of the copy. The message itself is settled by the caller, after that. */
  async send(message: ConsumeMessage, failure: FailedHandling, attempt: number): Promise<Successor> {
    const { policy, delaysMs, retryExchange, deadLetter } = this.route;
    const choices = isRetried(policy, attempt, failure.failureType) ? (delaysMs[attempt - 1] ?? []) : [];
    const delayMs = choices[Math.floor(this.random() * choices.length)];
    const told = {
      [RETRY_HEADERS.exchange]: firstExchange(message),
      [RETRY_HEADERS.error]: failure.reason.slice(0, MAX_ERROR_LENGTH),
      [RETRY_HEADERS.errorType]: failure.failureType,
    };
    const { routingKey } = message.fields;
    if (delayMs !== undefined) {
      const counted = { [RETRY_HEADERS.attempt]: attempt + 1, [DELAY_HEADER]: { '!': 'long', value: BigInt(delayMs) } };
      const parcel = this.copy(message, retryExchange, routingKey, { ...told, ...counted });
      const result = await this.outlet.send(parcel);
      return { step: { type: 'retried', attempt: attempt + 1, delayMs }, parcel, result };
    }
    const history = { [RETRY_HEADERS.attempts]: attempt, [RETRY_HEADERS.queue]: this.route.queue };
    const parcel = this.copy(message, deadLetter.exchange, deadLetter.routingKey ?? routingKey, {
      ...told,
      ...history,
    });
    return { step: { type: 'dead-lettered' }, parcel, result: await this.outlet.send(parcel) };
  }

  private copy(message: ConsumeMessage, exchange: string, routingKey: string, added: Record<string, unknown>): Parcel {
    const keeps = (header: string) => header !== RETRY_HEADERS.attempt && header !== DELAY_HEADER;
    return {
      exchange,
      routingKey,
      body: message.content,
      options: copyOptions(message, { without: DROPPED, keeps, added }),
    };
  }
}

/** The broker takes the user id of its own connection only, and an expiration would cut the wait short. */
const DROPPED = ['userId', 'expiration', 'clusterId'] as const;
