import { randomUUID } from 'node:crypto';
import type { Flow } from '@shared/flow/schema';
import { createTurns } from './in-turn';
import { createJourneys } from './journeys';
import { DRIVERS, type Drivers } from './kinds';
import type { LiveContext, LiveService } from './live';
import { publishNow } from './publish-now';
import { type Run, startRun } from './run';
import { createSenders } from './senders';
import { replayTape } from './tape/replay';
import { createTrafficHub } from './traffic-hub';
import { createWatching } from './watching';

/** While a flow runs, edits are looked for this often. */
const FOLLOW_MS = 500;

/** Live traffic of the open flow: what is run, published and watched comes together in one hub, of which frames are made. */
export function createLiveService(context: LiveContext, drivers: Drivers = DRIVERS): LiveService {
  const hub = createTrafficHub({ epoch: randomUUID(), now: Date.now });
  const senders = createSenders(context, drivers, hub);
  const watching = createWatching(context, drivers, hub);
  const inTurn = createTurns();
  /** How many messages a publisher made so far. */
  const made = new Map<string, number>();
  /** Called when the session ends. */
  const closers = new Set<() => void>();
  let run: Run | undefined;
  let following: NodeJS.Timeout | undefined;

  const nextSeq = (publisher: string) => {
    const seq = (made.get(publisher) ?? 0) + 1;
    made.set(publisher, seq);
    return seq;
  };

  /** Documents are never changed in place: another object is another flow. */
  function followEdits(followed: Run, since: Flow): void {
    following = setTimeout(() => {
      const flow = context.flow();
      void inTurn(async () => {
        if (run !== followed) return;
        if (flow !== since) await followed.follow();
        followEdits(followed, flow);
      });
    }, FOLLOW_MS);
  }

  async function stop(): Promise<void> {
    clearTimeout(following);
    const ended = run;
    run = undefined;
    await ended?.close();
  }

  return {
    frame: (request) =>
      hub.frame(request, { flow: context.flow(), watch: watching.mode(), running: run !== undefined }),
    ...createJourneys(hub, context.flow),
    listen({ closed, ...listener }) {
      const stopEvents = hub.listen(listener);
      closers.add(closed);
      return () => {
        stopEvents();
        closers.delete(closed);
      };
    },
    watch: watching.watch,
    run: ({ competeWith }) =>
      inTurn(async () => {
        if (run) return;
        const flow = context.flow();
        run = await startRun({ context, drivers, hub, senders, nextSeq, competeWith });
        followEdits(run, flow);
      }),
    stop: () => inTurn(stop),
    publish: (request) => publishNow(context, senders, request, () => nextSeq(request.node)),
    replay: (request) => replayTape(context, drivers, hub, request),
    async close() {
      for (const closed of closers) closed();
      await inTurn(stop);
      await watching.watch('off');
    },
  };
}
