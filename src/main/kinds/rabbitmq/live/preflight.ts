import { Failure } from '@shared/failure';
import { retryObjects } from '@shared/kinds/rabbitmq/retry';
import type { InspectTraffic, Preflight } from '../../live';
import { type ApiConsumer, toConsumer } from '../api-shapes';
import { ask } from '../ask';
import { closeQuietly } from '../close';
import { openConnection } from '../connect';
import { findManagement } from '../management';
import { defaultVhost } from '../target';
import { readConnectionNames } from '../watch/read-management';
import { consumeEnd, publishEnd } from './ends';
import { consumeRoute } from './failures';

/** Asks the broker, passively, for the exchanges and queues that links need, and for consumers that others have there. */
export const preflight: InspectTraffic = async (target, { flow, links }) => {
  const home = defaultVhost(target);
  const consumed = links.flatMap((link) => consumeEnd(flow, link, home) ?? []);
  const published = links.flatMap((link) => publishEnd(flow, link, home) ?? []);
  const retried = links.flatMap((link) => consumeRoute(flow, link, home) ?? []);
  const found: Preflight = { missing: [], competing: [] };
  for (const vhost of new Set([home, ...[...consumed, ...published].map((end) => end.vhost)])) {
    const connection = await openConnection(target, { purpose: 'inspect', vhost });
    try {
      const routes = retried.filter((route) => route.vhost === vhost);
      const exchanges = [
        ...published.filter((end) => end.vhost === vhost).map(({ exchange }) => exchange),
        ...routes.flatMap((route) => [
          route.deadLetter.exchange,
          ...retryObjects(route).exchanges.map(({ name }) => name),
        ]),
      ];
      for (const exchange of new Set(exchanges.filter((name) => name !== ''))) {
        const reply = await ask(connection, (channel) => channel.checkExchange(exchange));
        if ('refused' in reply && reply.refused.code === 404) found.missing.push(`exchange “${exchange}”`);
      }
      const queues = [...consumed, ...published].filter((end) => end.vhost === vhost);
      const waiting = routes.flatMap((route) => retryObjects(route).queues.map(({ name }) => name));
      for (const queue of new Set([...queues.flatMap((end) => end.queue ?? []), ...waiting])) {
        const reply = await ask(connection, (channel) => channel.checkQueue(queue));
        if ('refused' in reply) {
          if (reply.refused.code === 404) found.missing.push(`queue “${queue}”`);
          continue;
        }
        const { consumerCount: consumers } = reply.answer;
        const node = consumed.find((end) => end.vhost === vhost && end.queue === queue)?.queueNode;
        if (consumers === 0 || node === undefined) continue;
        found.competing.push({ node, queue, consumers, names: await namesOf(target, vhost, queue) });
      }
    } finally {
      await closeQuietly(connection);
    }
  }
  return found;
};

/** Who consumes, as the management API tells it; nobody can say without. */
async function namesOf(target: Parameters<InspectTraffic>[0], vhost: string, queue: string): Promise<string[]> {
  const { client } = await findManagement(target);
  if (!client) return [];
  try {
    const consumers = await client.list<ApiConsumer>(`/api/consumers/${encodeURIComponent(vhost)}`);
    const names = await readConnectionNames(client);
    return consumers
      .map(toConsumer)
      .filter((consumer) => consumer.queue === queue)
      .map(({ connectionName, user, tag }) => {
        // Until the broker's statistics have them, connection and user are not told.
        const name = names.get(connectionName) ?? connectionName;
        return [name, `(${user === '' ? '' : `user ${user}, `}tag ${tag})`].filter(Boolean).join(' ');
      });
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  } finally {
    client.close();
  }
}
