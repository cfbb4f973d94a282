import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { mayTry, type TriedForward, type TryReport, type TryRequest } from '@shared/api/try-handler';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import { outputsOf } from '@shared/kinds/common/outputs';
import { type Behaviour, type Forward, HandlingFailed } from '../handlers/behaviour';
import { behaviourNamed } from '../handlers/behaviours';

/** Characters of a body that are shown. */
const SHOWN_LENGTH = 20_000;

/**
 * Runs a handler of the flow on a sample message and tells what it would send; nothing is sent. @throws Failure for a handler
 * that cannot run, or whose behaviour does things that cannot be undone
 */
export async function tryHandler(
  flow: Flow,
  { node: id, message }: TryRequest,
  variables: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<TryReport> {
  const node = flow.nodes[id];
  const name = node?.settings['behaviour'];
  if (node?.type !== 'handler' || typeof name !== 'string' || !mayTry(name)) {
    throw new Failure('handler/not-tried', 'Only handlers with the behaviour script or route can be tried.', {
      object: id,
    });
  }
  const outputs = outputsOf(flow, id);
  const nameOf = new Map(outputs.map((output) => [output.link, output.name]));
  const behaviour = await behaviourNamed(name)({ settings: node.settings, outputs, variables, random: Math.random });
  try {
    return await handle(behaviour, message, nameOf, signal);
  } finally {
    await behaviour.close();
  }
}

async function handle(
  behaviour: Behaviour,
  message: TryRequest['message'],
  nameOf: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<TryReport> {
  const { routingKey, type, headers, body, attempt } = message;
  const properties = { contentType: 'application/json' };
  const about = { messageId: randomUUID(), source: 'sample', redelivered: false, properties };
  const sample = { ...about, routingKey, type, headers, attempt, body: Buffer.from(body) };
  try {
    const { forwards, logs, route } = await behaviour.handle(sample, signal);
    return { forwards: forwards.map((forward) => toTried(forward, nameOf)), logs, route };
  } catch (error) {
    if (!(error instanceof HandlingFailed)) throw error;
    return { forwards: [], logs: [...error.logs], failure: { type: error.type, message: error.message } };
  }
}

function toTried(forward: Forward, nameOf: ReadonlyMap<string, string>): TriedForward {
  const { link, body, routingKey, headers, contentType } = forward;
  const isText = isUtf8(body);
  const text = body.toString(isText ? 'utf8' : 'base64');
  return {
    output: nameOf.get(link) ?? link,
    routingKey,
    headers,
    contentType,
    body: text.slice(0, SHOWN_LENGTH),
    isBase64: !isText,
    isCut: text.length > SHOWN_LENGTH,
    bytes: body.length,
  };
}
