import { setMaxListeners } from 'node:events';
import { Failure } from '@shared/failure';
import type { Flow, Json } from '@shared/flow/schema';
import { outputsOf } from '@shared/kinds/common/outputs';
import { type HandlerSettings, handlerSettingsSchema } from '@shared/kinds/common/schema';
import type { Phase } from '@shared/traffic/event';
import { JOURNEY_HEADERS } from '@shared/traffic/journey-headers';
import { type Behaviour, type Forward, type HandledMessage, HandlingFailed } from '../handlers/behaviour';
import { behaviourNamed } from '../handlers/behaviours';
import type { Closable, Handling, Receiver } from '../kinds/live';
import type { OutgoingMessage, OutgoingProperties } from '../kinds/message';
import { showBody } from '../kinds/message-details';
import type { LiveContext } from './live';
import type { Senders } from './senders';
import type { TrafficHub } from './traffic-hub';

/** When a run ends, handlers get so long for what they hold; then their messages go back to the queue. */
const GRACE_MS = 10_000;

/** Stands for a line in environments that show no bodies. */
const MASKED_LINE = 'A line that is masked here, as bodies are.';

export interface RunHandlerOptions {
  context: LiveContext;
  senders: Senders;
  hub: TrafficHub;
  /** Of the broker a consume link begins in. @throws Failure */
  receiverOf: (link: string) => Promise<Receiver>;
}

/**
 * Runs one handler of the flow: its behaviour, fed by its consume links. What a behaviour sends on goes out after it succeeded;
 * the message is done when all of that is confirmed, and failed when some of it is not. @throws Failure
 */
export async function runHandler(id: string, links: string[], options: RunHandlerOptions): Promise<Closable> {
  const { context, senders, hub, receiverOf } = options;
  const flow = context.flow();
  const settings = readHandler(flow, id);
  const outputs = outputsOf(flow, id);
  const behaviour = await createBehaviour(flow, id, settings, context.variables());
  const interrupt = new AbortController();
  // One listener for each message that is being handled; node warns from the eleventh on.
  setMaxListeners(0, interrupt.signal);
  const interruptible = createInterruptible(interrupt.signal);
  const { sink, close } = hub.report('run');
  const open: Closable[] = [{ close: async () => close() }, behaviour];
  try {
    const sending = outputs.length > 0 ? await senders.acquire(outputs.map(({ link }) => link)) : undefined;
    if (sending) open.push({ close: sending.release });

    const send = async (forward: Forward, message: HandledMessage): Promise<void> => {
      if (!sending) throw new HandlingFailed(`The handler has no output to send to.`, 'output');
      const key = flow.links[forward.link]?.settings['routingKey'];
      const routingKey = forward.routingKey ?? (typeof key === 'string' && key !== '' ? key : message.routingKey);
      const sent = sending.of(forward.link).send(forward.link, onward(id, forward, routingKey, message));
      const result = await interruptible(sent);
      if (result.state !== 'confirmed') throw new HandlingFailed(result.reason, result.state);
    };

    const tell = (phase: Phase, message: HandledMessage, line?: string) => {
      const { messageId, routingKey, source, exchange, attempt, body, headers, properties } = message;
      sink.event({
        at: Date.now(),
        node: id,
        phase,
        queue: source,
        routingKey,
        attempt,
        sizeBytes: body.length,
        exchange,
        messageId,
        // What a handler writes may hold what it read.
        reason: line !== undefined && context.maskBodies() ? MASKED_LINE : line,
        details: () => ({ body: showBody(body, context.maskBodies()), headers, properties }),
      });
    };

    const handle = async (message: HandledMessage): Promise<Handling> => {
      try {
        const { forwards, logs, route } = await behaviour.handle(message, interrupt.signal);
        for (const line of logs) tell('logged', message, line);
        if (route === null) {
          sink.add({ node: id }, 'unmatched', 1, 'own');
          tell('unmatched', message);
        }
        await Promise.all(forwards.map((forward) => send(forward, message)));
        return { outcome: 'done' };
      } catch (error) {
        if (interrupt.signal.aborted) return { outcome: 'requeue' };
        const logs = error instanceof HandlingFailed ? error.logs : [];
        for (const line of logs) tell('logged', message, line);
        return {
          outcome: 'failed',
          reason: error instanceof Error ? error.message : String(error),
          failureType: error instanceof HandlingFailed ? error.type : error instanceof Error ? error.name : 'Error',
        };
      }
    };

    const { prefetch, concurrency } = settings;
    for (const link of links) {
      const receiver = await receiverOf(link);
      open.push(await receiver.consume({ link, prefetch, concurrency, handle }));
    }
  } catch (error) {
    await closeAll(open);
    throw error;
  }
  return {
    async close() {
      const grace = setTimeout(() => interrupt.abort(), GRACE_MS);
      await closeAll(open);
      clearTimeout(grace);
    },
  };
}

/** Lets go of promises when the signal says so. (`Promise.race` with one that never settles keeps every other in memory.) */
function createInterruptible(signal: AbortSignal): <T>(promise: Promise<T>) => Promise<T> {
  const waiting = new Set<(reason: unknown) => void>();
  signal.addEventListener('abort', () => {
    for (const reject of waiting) reject(signal.reason);
  });
  return (promise) =>
    new Promise((resolve, reject) => {
      waiting.add(reject);
      const settle = <V>(how: (value: V) => void, value: V) => {
        waiting.delete(reject);
        how(value);
      };
      promise.then(
        (value) => settle(resolve, value),
        (reason: unknown) => settle(reject, reason),
      );
    });
}

/** The last that was opened first: consumers end before what they need. */
async function closeAll(open: Closable[]): Promise<void> {
  for (const one of open.splice(0).reverse()) await one.close();
}

/** @throws Failure `handler/invalid-setting` */
function readHandler(flow: Flow, id: string): HandlerSettings {
  const node = flow.nodes[id];
  const parsed = handlerSettingsSchema.safeParse(node?.settings ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Failure(
    'handler/invalid-setting',
    `“${issue?.path.join('.')}” of the handler “${node?.name ?? id}” is not valid: ${issue?.message.replace(/^Invalid input: /, '')}.`,
    { object: id },
  );
}

async function createBehaviour(
  flow: Flow,
  id: string,
  settings: HandlerSettings,
  variables: Readonly<Record<string, string>>,
): Promise<Behaviour> {
  const node = flow.nodes[id];
  try {
    return await behaviourNamed(settings.behaviour)({
      settings: node?.settings ?? {},
      outputs: outputsOf(flow, id),
      variables,
      random: Math.random,
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, hint } = error;
    throw new Failure(code, `The handler “${node?.name ?? id}” cannot run. ${error.message}`, { hint, object: id });
  }
}

/** Headers that belong to a message's past in another queue, not to what follows from it. */
const PAST_HEADERS = /^x-(death|first-death-|last-death-|delivery-count|acquired-count|opt-deaths)|^tapline-/;

/** What goes on from a handled message: its own headers but for those of its past, and where it comes from. */
function onward(id: string, forward: Forward, routingKey: string, message: HandledMessage): OutgoingMessage {
  const { messageId, properties, native } = message;
  const headers: Record<string, Json> = {};
  for (const [name, value] of Object.entries(forward.headers ?? message.headers))
    if (!PAST_HEADERS.test(name)) headers[name] = value;
  headers[JOURNEY_HEADERS.origin] = id;
  const journey = message.headers[JOURNEY_HEADERS.journey] ?? messageId;
  if (journey !== undefined) headers[JOURNEY_HEADERS.journey] = journey;
  const kept: OutgoingProperties = { persistent: properties['deliveryMode'] !== 1 };
  for (const name of ['contentType', 'contentEncoding', 'correlationId', 'replyTo', 'type', 'appId'] as const) {
    const value = properties[name];
    if (typeof value === 'string') kept[name] = value;
  }
  if (forward.contentType !== undefined) kept.contentType = forward.contentType;
  if (messageId !== undefined) kept.messageId = messageId;
  return { routingKey, body: forward.body, headers, properties: kept, native };
}
