import type { Flow } from '@shared/flow/schema';
import type { Phase } from '@shared/traffic/event';
import type { OpenSender, TrafficRequest } from '../../live';
import { showBody, toJsonTable } from '../../message-details';
import { defaultVhost } from '../target';
import { createVhostConnections } from './connections';
import { type PublishEnd, publishEnd } from './ends';
import { Outlet, type OutletObserver, type Parcel } from './outlet';
import { publishOptions, setProperties } from './properties';

/** Publishes along publish links: a connection a vhost, a channel a link, so that one link's refusals are no other's. */
export const openSender: OpenSender = async (target, request) => {
  const home = defaultVhost(target);
  const outlets = new Map<string, { outlet: Outlet; end: PublishEnd }>();
  let byLink = new Map<string, { outlet: Outlet; end: PublishEnd }>();
  let known: Flow | undefined;
  const connections = createVhostConnections(target, {
    purpose: 'publish',
    onStatus: (status) => request.sink.status(request.broker, status),
    onConnected: async (vhost, connection) => {
      const here = [...outlets.values()].filter(({ end }) => end.vhost === vhost);
      await Promise.all(here.map(({ outlet }) => outlet.attach(connection)));
    },
    onLost: (vhost) => {
      for (const { outlet, end } of outlets.values()) if (end.vhost === vhost) outlet.detach();
    },
  });

  /** Links are looked up once a flow: there are tens of thousands of messages a second. */
  function outletOf(link: string): { outlet: Outlet; end: PublishEnd } | undefined {
    const flow = request.flow();
    if (flow !== known) {
      known = flow;
      byLink = new Map();
    }
    const found = byLink.get(link);
    if (found) return found;
    const end = publishEnd(flow, link, home);
    if (!end) return undefined;
    const key = JSON.stringify([link, end]);
    const ready = outlets.get(key) ?? { outlet: new Outlet(observe(request, link, end)), end };
    byLink.set(link, ready);
    if (outlets.has(key)) return ready;
    outlets.set(key, ready);
    const connection = connections.current(end.vhost);
    if (connection) void ready.outlet.attach(connection);
    else
      connections.open(end.vhost).catch((error: Error) => {
        request.sink.notice('error', error.message, end.node);
        outlets.delete(key);
        byLink.delete(link);
        void ready.outlet.close();
      });
    return ready;
  }

  await connections.open(home);
  return {
    room: (link) => outletOf(link)?.outlet.room(),
    async send(link, { body, routingKey, ...message }) {
      const found = outletOf(link);
      if (!found) return { state: 'failed', reason: 'Its publish link leads nowhere.' };
      const { outlet, end } = found;
      try {
        const options = publishOptions({ body, routingKey, ...message });
        return await outlet.send({ exchange: end.exchange, routingKey: end.queue ?? routingKey, body, options });
      } catch (error) {
        return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async close() {
      await Promise.all([...outlets.values()].map(({ outlet }) => outlet.close()));
      await connections.close();
    },
  };
};

/** Counts and tells what becomes of the messages of a link. */
function observe(request: TrafficRequest, link: string, { node }: PublishEnd): OutletObserver {
  const { sink } = request;
  const at = { node, link };
  const count = (name: 'published' | 'confirmed' | 'returned' | 'failed') => {
    sink.add({ node }, name, 1, 'own');
    sink.add({ link }, name, 1, 'own');
  };
  const tell = (phase: Phase, { exchange, routingKey, body, options }: Parcel, reason?: string) =>
    sink.event({
      at: Date.now(),
      node,
      link,
      phase,
      exchange,
      routingKey,
      sizeBytes: body.length,
      messageId: options.messageId,
      reason,
      details: () => ({
        body: showBody(body, request.maskBodies()),
        headers: toJsonTable(options.headers),
        properties: setProperties(options),
      }),
    });
  return {
    written(parcel) {
      count('published');
      tell('published', parcel);
    },
    settled(parcel, result) {
      switch (result.state) {
        case 'confirmed':
          count('confirmed');
          return sink.trouble(at, null);
        case 'returned':
          // The broker confirms what it returns: it has been told, and dealt with it.
          count('confirmed');
          count('returned');
          return tell('returned', parcel, result.reason);
        case 'failed':
          count('failed');
          return tell('failed', parcel, result.reason);
        default:
          return result satisfies never;
      }
    },
    refused: (sentence) => sink.trouble(at, `Publishing is refused: ${sentence}`),
  };
}
