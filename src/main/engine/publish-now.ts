import type { PublishReport } from '@shared/api/contract';
import { Failure } from '@shared/failure';
import { endNode, type Flow, type Json } from '@shared/flow/schema';
import type { LiveContext, PublishRequest } from './live';
import { createMessageMaker } from './message-maker';
import { keepPace } from './pace';
import { createTally, keepPatience } from './publish-tally';
import type { Senders } from './senders';

/** Publish links that begin at a node, with their settings. */
export function publishLinks(flow: Flow, node: string): Record<string, Record<string, Json>> {
  const links = Object.entries(flow.links).filter(([, { type, from }]) => type === 'publish' && endNode(from) === node);
  return Object.fromEntries(links.map(([id, { settings }]) => [id, settings]));
}

/** Publishes at once from one publisher and waits for every confirm. @throws Failure when nothing could be published */
export async function publishNow(
  context: LiveContext,
  senders: Senders,
  request: PublishRequest,
  /** Position of the publisher's next message. */
  nextSeq: () => number,
): Promise<PublishReport> {
  const flow = context.flow();
  const node = flow.nodes[request.node];
  if (node?.type !== 'publisher') {
    throw new Failure('publish/no-publisher', `The flow has no publisher “${request.node}”.`, { object: request.node });
  }
  const links = publishLinks(flow, request.node);
  const ways = Object.keys(links);
  if (ways.length === 0) {
    throw new Failure('publish/no-link', `The publisher “${node.name}” has no publish link.`, {
      hint: 'Connect it to an exchange or a queue.',
      object: request.node,
    });
  }
  const { body, routingKey, headers } = request;
  const make = await createMessageMaker(request.node, node, {
    links,
    variables: context.variables(),
    overrides: { body, routingKey, headers: headers as Record<string, Json> | undefined },
  });
  const acquired = await senders.acquire(ways);
  const tally = createTally();
  const patience = keepPatience(tally, request.signal);
  try {
    const paced = keepPace({
      ratePerSecond: request.ratePerSecond || undefined,
      count: request.count,
      signal: patience.signal,
      send() {
        const message = make(nextSeq());
        let full: Promise<void> | undefined;
        for (const link of ways) {
          const sender = acquired.of(link);
          tally.expect(sender.send(link, message(link)));
          full = sender.room(link) ?? full;
        }
        return full;
      },
    });
    await Promise.race([paced, tally.givenUp]);
    await Promise.race([tally.settled(), tally.givenUp]);
  } finally {
    patience.end();
    await acquired.release();
  }
  const { failed: _, ...report } = tally.report();
  return report;
}
