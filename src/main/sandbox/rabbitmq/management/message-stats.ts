import type { ExchangeTotals, QueueTotals } from '@shared/kinds/rabbitmq/sandbox-trace';
import type { Described } from './describe';

/** `message_stats` of an exchange, without rates; RabbitMQ leaves them out where nothing was published yet, too. */
export function exchangeStats(totals: ExchangeTotals | undefined): Described {
  if (!totals?.published) return {};
  return { message_stats: { publish_in: totals.published, publish_out: totals.publishedOut } };
}

/** The same of a queue: what clients published, and what they got and acknowledged, since the sandbox began or was reset. */
export function queueStats(totals: QueueTotals | undefined): Described {
  if (!totals || totals.published + totals.delivered === 0) return {};
  const { published, delivered, deliveredBy, acked, redelivered } = totals;
  const { deliver = 0, deliver_no_ack = 0, get = 0, get_no_ack = 0 } = deliveredBy;
  const deliveries = { deliver, deliver_no_ack, get, get_no_ack, deliver_get: delivered, redeliver: redelivered };
  return {
    message_stats: {
      ...(published > 0 ? { publish: published } : {}),
      ...(delivered > 0 ? { ...deliveries, ack: acked } : {}),
    },
  };
}
