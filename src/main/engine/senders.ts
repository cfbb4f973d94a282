import { Failure } from '@shared/failure';
import { endNode, type Flow } from '@shared/flow/schema';
import type { Sender } from '../kinds/live';
import { type Drivers, driverOf } from './kinds';
import type { LiveContext } from './live';
import type { TrafficHub } from './traffic-hub';

/** Publishes along any publish link, whatever broker it ends in. */
export interface Senders {
  /** Opens what these links need and gives a way to send along them. Release it when done. @throws Failure */
  acquire: (links: readonly string[]) => Promise<{ of: (link: string) => Sender; release: () => Promise<void> }>;
}

/** One sender a broker, shared by all who send and closed by the last of them. */
export function createSenders(context: LiveContext, drivers: Drivers, hub: TrafficHub): Senders {
  const open = new Map<string, { sender: Promise<Sender>; users: number }>();

  async function openSender(broker: string): Promise<Sender> {
    const target = (await context.targets())[broker];
    const flow = context.flow();
    if (!target) throw noConnection(flow, broker);
    const kind = flow.brokers[broker]?.kind ?? '';
    const send = driverOf(drivers, kind, broker).live?.send;
    if (!send) throw new Failure('publish/not-possible', `Tapline cannot publish to brokers of kind “${kind}” yet.`);
    const { sink, close } = hub.report('run');
    try {
      const sender = await send(target, { broker, flow: context.flow, sink, maskBodies: context.maskBodies });
      return {
        ...sender,
        async close() {
          await sender.close();
          close();
        },
      };
    } catch (error) {
      close();
      throw error;
    }
  }

  function take(broker: string): Promise<Sender> {
    const shared = open.get(broker) ?? { sender: openSender(broker), users: 0 };
    open.set(broker, shared);
    shared.users += 1;
    return shared.sender;
  }

  async function give(broker: string): Promise<void> {
    const shared = open.get(broker);
    if (!shared) return;
    shared.users -= 1;
    if (shared.users > 0) return;
    open.delete(broker);
    const sender = await shared.sender.catch(() => undefined);
    await sender?.close();
  }

  return {
    async acquire(links) {
      const flow = context.flow();
      const brokers = new Map<string, string>();
      for (const link of links) {
        const broker = brokerOfLink(flow, link);
        if (broker === undefined)
          throw new Failure('publish/no-broker', `The publish link “${link}” ends in no broker.`, { object: link });
        brokers.set(link, broker);
      }
      const used = [...new Set(brokers.values())];
      const release = async () => void (await Promise.all(used.map(give)));
      const opened = await Promise.allSettled(used.map(take));
      const failed = opened.find((one) => one.status === 'rejected');
      if (failed) {
        await release();
        throw failed.reason;
      }
      const senders = new Map<string, Sender>();
      opened.forEach((one, index) => {
        const broker = used[index];
        if (one.status === 'fulfilled' && broker !== undefined) senders.set(broker, one.value);
      });
      return {
        of(link) {
          const sender = senders.get(brokers.get(link) ?? '');
          if (!sender) throw new Error(`no sender was acquired for the link ${link}`);
          return sender;
        },
        release,
      };
    },
  };
}

/** The broker a publish or consume link ends in. */
export function brokerOfLink(flow: Flow, linkId: string): string | undefined {
  const link = flow.links[linkId];
  if (!link) return undefined;
  const [from, to] = [endNode(link.from), endNode(link.to)];
  return flow.nodes[to ?? '']?.broker ?? flow.nodes[from ?? '']?.broker ?? link.broker;
}

/** The flow speaks of a broker, and nothing says where it is. */
export function noConnection(flow: Flow, broker: string): Failure {
  return new Failure('connect/none', `Nothing says where the broker “${flow.brokers[broker]?.name ?? broker}” is.`, {
    hint: 'Give it a connection in the active environment.',
    object: broker,
  });
}
