import type { Closable } from '../kinds/live';
import type { LiveContext } from './live';
import { createMessageMaker, readPublisher } from './message-maker';
import { keepPace } from './pace';
import { publishLinks } from './publish-now';
import type { Senders } from './senders';

/** Publishes at a publisher's rate until it is closed or its count is reached. @throws Failure */
export async function runPublisher(
  id: string,
  options: { context: LiveContext; senders: Senders; nextSeq: () => number },
): Promise<Closable> {
  const { context, senders, nextSeq } = options;
  const flow = context.flow();
  const node = flow.nodes[id];
  if (!node) throw new Error(`the flow has no node ${id}`);
  const { ratePerSecond, burst, count } = readPublisher(id, node);
  const links = publishLinks(flow, id);
  const make = await createMessageMaker(id, node, { links, variables: context.variables() });
  const ways = Object.keys(links);
  const acquired = await senders.acquire(ways);
  const stop = new AbortController();
  const onTheWay = new Set<Promise<unknown>>();
  /** Wakes up a pace that waits for room at a broker that is away. */
  let wake: () => void = () => {};

  const done = keepPace({
    ratePerSecond,
    burst,
    count,
    signal: stop.signal,
    send() {
      const message = make(nextSeq());
      const full: Promise<void>[] = [];
      for (const link of ways) {
        const sender = acquired.of(link);
        const sent: Promise<unknown> = sender.send(link, message(link)).finally(() => onTheWay.delete(sent));
        onTheWay.add(sent);
        const room = sender.room(link);
        if (room) full.push(room);
      }
      if (full.length === 0) return undefined;
      return new Promise<void>((resolve) => {
        wake = resolve;
        void Promise.all(full).then(() => resolve());
      });
    },
  });
  return {
    async close() {
      stop.abort();
      wake();
      await done;
      await settledWithin(onTheWay, CONFIRM_MS);
      await acquired.release();
    },
  };
}

/** When a run ends, the broker gets so long to confirm what is on the way. */
const CONFIRM_MS = 5000;

async function settledWithin(promises: ReadonlySet<Promise<unknown>>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.all(promises), over]);
  clearTimeout(timer);
}
