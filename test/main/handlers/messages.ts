import type { BehaviourRequest, HandledMessage } from '@main/handlers/behaviour';
import type { Json } from '@shared/flow/schema';

/** A message as a handler gets it; a body that is no text is written as JSON. */
export function messageOf(part: Partial<Omit<HandledMessage, 'body'>> & { body?: Json | Buffer } = {}): HandledMessage {
  const { body = {}, ...rest } = part;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    messageId: 'm1',
    source: 'orders',
    routingKey: 'order.created',
    headers: {},
    properties: {},
    attempt: 1,
    redelivered: false,
    ...rest,
    body: Buffer.isBuffer(body) ? body : Buffer.from(text),
  };
}

/** What a behaviour is made of; outputs are named by their links: `audit` is the link `to audit`. */
export function requestOf(
  settings: Record<string, Json>,
  outputs: string[] = [],
  variables: Record<string, string> = {},
): BehaviourRequest {
  return {
    settings,
    outputs: outputs.map((name) => ({ name, link: `to ${name}` })),
    variables,
    random: Math.random,
  };
}

/** The signal of a runtime that goes on. */
export const goOn = new AbortController().signal;
