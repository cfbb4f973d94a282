import type { CounterName } from '@shared/traffic/counter';
import type { Phase } from '@shared/traffic/event';
import type { TrafficRequest } from '../../live';
import { showBody } from '../../message-details';
import type { EntryMessage } from '../entry';
import type { RedisConsumeEnd } from './ends';

/** What is told of one message. */
export interface Told extends Partial<EntryMessage> {
  queue: string;
  body: Buffer;
  reason?: string;
  /** Of deliveries and failures: the attempt it is; of retries: the one that comes. */
  attempt?: number;
  /** Of retries: how long until then. */
  delayMs?: number;
}

/** Counts and tells what a handler's link does, on the handler and on the link. */
export function createReporter(traffic: TrafficRequest, link: string, end: Pick<RedisConsumeEnd, 'node'>) {
  const { sink } = traffic;
  return {
    count(name: CounterName) {
      sink.add({ node: end.node }, name, 1, 'own');
      sink.add({ link }, name, 1, 'own');
    },
    gap(names: CounterName[]) {
      sink.gap({ node: end.node }, names);
      sink.gap({ link }, names);
    },
    tell(phase: Phase, { queue, body, reason, messageId, routingKey, headers, properties, attempt, delayMs }: Told) {
      sink.event({
        at: Date.now(),
        node: end.node,
        link,
        phase,
        queue,
        ...(routingKey === undefined ? {} : { routingKey }),
        sizeBytes: body.length,
        ...(messageId === undefined ? {} : { messageId }),
        ...(reason === undefined ? {} : { reason }),
        ...(attempt === undefined ? {} : { attempt }),
        ...(delayMs === undefined ? {} : { delayMs }),
        details: () => ({
          body: showBody(body, traffic.maskBodies()),
          ...(headers ? { headers } : {}),
          ...(properties ? { properties } : {}),
        }),
      });
    },
  };
}
export type Reporter = ReturnType<typeof createReporter>;
