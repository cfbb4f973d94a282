import { Failure } from '@shared/failure';
import { endNode, type Flow } from '@shared/flow/schema';
import { isConsumeLink } from '@shared/kinds/registry';
import type { Closable, Preflight, Receiver } from '../kinds/live';
import { type Drivers, driverOf } from './kinds';
import type { LiveContext } from './live';
import { publishLinks } from './publish-now';
import { runHandler } from './run-handler';
import { runPublisher } from './run-publisher';
import { brokerOfLink, noConnection, type Senders } from './senders';
import type { TrafficHub } from './traffic-hub';

export interface RunOptions {
  context: LiveContext;
  drivers: Drivers;
  hub: TrafficHub;
  senders: Senders;
  /** Position of a publisher's next message. */
  nextSeq: (publisher: string) => number;
}

/** A part of the flow that runs by itself, and what it was made of: when that changes, it begins again. */
interface Unit {
  kind: 'publisher' | 'handler';
  /** Of a publisher its publish links, of a handler its consume links. */
  links: string[];
  signature: string;
}

/** Publishers and handlers of the flow, running. */
export interface Run extends Closable {
  /** Carries on with the flow as it is now: begins what is new or changed, ends what is gone. Troubles are notices. */
  follow: () => Promise<void>;
}

/** Starts what Tapline runs of a flow: handlers first, so that nothing waits for them. @throws Failure, and then nothing runs */
export async function startRun(options: RunOptions & { competeWith: readonly string[] }): Promise<Run> {
  const { context, drivers, hub, senders, nextSeq } = options;
  const receivers = new Map<string, Promise<Receiver>>();
  const running = new Map<string, { signature: string; part: Closable }>();

  async function openReceiver(broker: string): Promise<Receiver> {
    const target = (await context.targets())[broker];
    if (!target) throw noConnection(context.flow(), broker);
    const kind = context.flow().brokers[broker]?.kind ?? '';
    const receive = driverOf(drivers, kind, broker).live?.receive;
    if (!receive) throw new Failure('run/not-possible', `Tapline cannot consume from brokers of kind “${kind}” yet.`);
    const { sink, close } = hub.report('run');
    try {
      const receiver = await receive(target, { broker, flow: context.flow, sink, maskBodies: context.maskBodies });
      return { ...receiver, close: async () => receiver.close().finally(close) };
    } catch (error) {
      close();
      throw error;
    }
  }

  async function receiverOf(link: string): Promise<Receiver> {
    const broker = brokerOfLink(context.flow(), link);
    if (broker === undefined) throw new Failure('run/no-queue', `The consume link “${link}” begins in no broker.`);
    const opening = receivers.get(broker) ?? openReceiver(broker);
    receivers.set(broker, opening);
    try {
      return await opening;
    } catch (error) {
      receivers.delete(broker);
      throw error;
    }
  }

  async function begin(id: string, { kind, links, signature }: Unit): Promise<void> {
    const part =
      kind === 'handler'
        ? await runHandler(id, links, { context, senders, hub, receiverOf })
        : await runPublisher(id, { context, senders, nextSeq: () => nextSeq(id) });
    running.set(id, { signature, part });
  }

  async function end(id: string): Promise<void> {
    const part = running.get(id)?.part;
    running.delete(id);
    await part?.close();
  }

  async function close(): Promise<void> {
    const units = unitsOf(context.flow());
    const isPublisher = (id: string) => units.get(id)?.kind === 'publisher';
    const ids = [...running.keys()];
    // Publishers first: what they sent may still be handled.
    await Promise.all(ids.filter(isPublisher).map(end));
    await Promise.all(ids.map(end));
    const open = await Promise.allSettled(receivers.values());
    await Promise.all(open.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
  }

  const units = unitsOf(context.flow());
  if (units.size === 0) {
    throw new Failure('run/nothing', `“${context.flow().name}” has no publisher or handler that Tapline runs.`, {
      hint: 'Draw a publisher and connect it to an exchange, or a handler and connect a queue to it.',
    });
  }
  await checkBrokers(units, options);
  try {
    for (const kind of ['handler', 'publisher'] as const)
      for (const [id, unit] of units) if (unit.kind === kind) await begin(id, unit);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    async follow() {
      const wanted = unitsOf(context.flow());
      for (const [id, { signature }] of [...running]) if (wanted.get(id)?.signature !== signature) await end(id);
      for (const [id, unit] of wanted) {
        if (running.has(id)) continue;
        try {
          await begin(id, unit);
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          hub.notice('error', error.message, id);
        }
      }
    },
    close,
  };
}

/** Publishers that publish by themselves, and handlers with something to handle; never what runs elsewhere. */
function unitsOf(flow: Flow): Map<string, Unit> {
  const units = new Map<string, Unit>();
  for (const [id, node] of Object.entries(flow.nodes)) {
    if (node.settings['runsIn'] === 'elsewhere') continue;
    const outgoing = Object.keys(publishLinks(flow, id));
    if (node.type === 'publisher' && outgoing.length > 0 && node.settings['ratePerSecond'] !== 0)
      units.set(id, { kind: 'publisher', links: outgoing, signature: signatureOf(flow, id, outgoing) });
    if (node.type !== 'handler') continue;
    const links = Object.keys(flow.links).filter((link) => {
      const { type, to } = flow.links[link] ?? {};
      return type !== undefined && isConsumeLink(type) && to !== undefined && endNode(to) === id;
    });
    if (links.length > 0)
      units.set(id, { kind: 'handler', links, signature: signatureOf(flow, id, [...links, ...outgoing]) });
  }
  return units;
}

/** Everything a unit is made of: its settings, its links, and the objects at their other ends. */
function signatureOf(flow: Flow, id: string, links: string[]): string {
  const ends = links.flatMap((link) => [flow.links[link]?.from, flow.links[link]?.to]);
  const nodes = ends.flatMap((end) => (end && 'node' in end ? (flow.nodes[end.node] ?? []) : []));
  const objects = nodes.map(({ type, name, broker, settings }) => [type, name, broker, settings['vhost']]);
  return JSON.stringify([flow.nodes[id]?.settings, links.map((link) => flow.links[link]), objects]);
}

/** Refuses to run where objects are missing, or where others consume who were not named. @throws Failure */
async function checkBrokers(
  units: ReadonlyMap<string, Unit>,
  { context, drivers, competeWith }: RunOptions & { competeWith: readonly string[] },
): Promise<void> {
  const flow = context.flow();
  const targets = await context.targets();
  const byBroker = new Map<string, string[]>();
  for (const [id, { links }] of units) {
    for (const link of [...links, ...Object.keys(publishLinks(flow, id))]) {
      const broker = brokerOfLink(flow, link);
      if (broker !== undefined) byBroker.set(broker, [...(byBroker.get(broker) ?? []), link]);
    }
  }
  const found: Preflight = { missing: [], competing: [] };
  for (const [broker, links] of byBroker) {
    const target = targets[broker];
    if (!target) throw noConnection(flow, broker);
    const check = driverOf(drivers, flow.brokers[broker]?.kind ?? '', broker).live?.preflight;
    const { missing, competing } = (await check?.(target, { flow, links })) ?? found;
    found.missing.push(...missing);
    found.competing.push(...competing.filter(({ node }) => !competeWith.includes(node)));
  }
  if (found.missing.length > 0) {
    const list = found.missing.slice(0, 5).join(', ');
    const more = found.missing.length > 5 ? ` and ${found.missing.length - 5} more` : '';
    throw new Failure('run/not-deployed', `The broker does not have the ${list}${more}.`, {
      hint: 'Deploy the flow first.',
    });
  }
  if (found.competing.length === 0) return;
  const sentences = found.competing.map(({ queue, consumers, names }) => {
    const who = names.length > 0 ? `: ${names.join('; ')}` : '';
    return `“${queue}” (${consumers === 1 ? '1 consumer' : `${consumers} consumers`}${who})`;
  });
  throw new Failure(
    'run/would-compete',
    `Others consume from ${sentences.join(', ')}. Tapline's handlers would take some of their messages.`,
    { hint: 'Go on only if that is meant.', object: found.competing[0]?.node },
  );
}
