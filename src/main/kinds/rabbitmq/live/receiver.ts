import { Failure } from '@shared/failure';
import { endNode, type Flow } from '@shared/flow/schema';
import { retryPolicyOf } from '@shared/kinds/common/retry';
import { consumeSettingsSchema } from '@shared/kinds/common/schema';
import type { BrokerStatus } from '@shared/traffic/frame';
import { worstStatus } from '@shared/traffic/worst-status';
import type { OpenReceiver } from '../../live';
import { replyOf } from '../replies';
import { defaultVhost } from '../target';
import { createVhostConnections } from './connections';
import { LinkConsumer } from './consumer';
import { consumeEnd } from './ends';
import { consumeRoute, FailedMessages } from './failures';

/** Consumes along consume links: a connection a vhost, apart from those that publish, and a channel a link. */
export const openReceiver: OpenReceiver = async (target, traffic) => {
  const home = defaultVhost(target);
  const consumers = new Set<LinkConsumer>();
  const statuses = new Map<string, BrokerStatus>();
  const tell = (purpose: string) => (status: BrokerStatus) => {
    statuses.set(purpose, status);
    traffic.sink.status(traffic.broker, worstStatus(statuses.values()));
  };
  const connections = createVhostConnections(target, {
    purpose: 'consume',
    onStatus: tell('consume'),
    onConnected: async (vhost, connection) => {
      await Promise.all([...consumers].filter((one) => one.vhost === vhost).map((one) => one.resume(connection)));
    },
    onLost: (vhost) => {
      for (const one of consumers) if (one.vhost === vhost) one.detach();
    },
  });
  const failing = new Set<FailedMessages>();
  const retryConnections = createVhostConnections(target, {
    purpose: 'retry',
    onStatus: tell('retry'),
    onConnected: async (vhost, connection) => {
      const here = [...failing].filter(({ route }) => route.vhost === vhost);
      await Promise.all(here.map(({ outlet }) => outlet.attach(connection)));
    },
    onLost: (vhost) => {
      for (const { route, outlet } of failing) if (route.vhost === vhost) outlet.detach();
    },
  });

  /** What sends on the failed messages of a link, where it has a retry policy. */
  async function openFailed(link: string): Promise<FailedMessages | undefined> {
    const route = consumeRoute(traffic.flow(), link, home);
    if (!route) return undefined;
    await retryConnections.open(route.vhost);
    const failed = new FailedMessages(route, Math.random);
    failing.add(failed);
    const connection = retryConnections.current(route.vhost);
    if (connection) await failed.outlet.attach(connection);
    return failed;
  }

  await connections.open(home);
  return {
    async consume(request) {
      const flow = traffic.flow();
      const end = consumeEnd(flow, request.link, home);
      if (!end) throw new Failure('run/no-queue', `The consume link “${request.link}” begins at no queue.`);
      const { priority, exclusive } = consumeSettingsSchema.parse(flow.links[request.link]?.settings ?? {});
      const options = { exclusive, ...(priority === undefined ? {} : { priority }) };
      await connections.open(end.vhost);
      const failed = await openFailed(request.link);
      const consumer = new LinkConsumer(
        traffic,
        request,
        end,
        options,
        retryPolicyOf(flow.links[request.link]?.settings ?? {}),
        failed,
        deadLetterLinkOf(flow, end.queueNode),
      );
      const forget = () => failed && failing.delete(failed);
      const connection = connections.current(end.vhost);
      try {
        if (connection) await consumer.begin(connection);
      } catch (error) {
        await consumer.close();
        forget();
        const { sentence } = replyOf(error);
        throw new Failure('run/not-consumed', `The queue “${end.queue}” cannot be consumed from: ${sentence}.`, {
          object: end.queueNode,
          cause: error,
        });
      }
      consumers.add(consumer);
      return {
        async close() {
          await consumer.close();
          consumers.delete(consumer);
          forget();
        },
      };
    },
    async close() {
      await Promise.all([...consumers].map((one) => one.close()));
      await Promise.all([connections.close(), retryConnections.close()]);
    },
  };
};

function deadLetterLinkOf(flow: Flow, queueNode: string | undefined): string | undefined {
  const isFrom = (link: Flow['links'][string]) => link.type === 'dead-letter' && endNode(link.from) === queueNode;
  return Object.keys(flow.links).find((id) => queueNode !== undefined && flow.links[id] && isFrom(flow.links[id]));
}
