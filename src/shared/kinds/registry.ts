import type { Step } from '@shared/deploy/plan';
import type { Problem } from '@shared/flow/problem';
import { endNode, type Flow, type Json } from '@shared/flow/schema';
import type { RouteHop } from '@shared/journey/journey';
import type { ZodType } from 'zod';
import { common } from './common';
import type { DerivedGroup } from './derived';
import {
  FEEDS_HANDLERS,
  type KindDescriptor,
  type LinkDescriptor,
  type NodeDescriptor,
  TAKES_MESSAGES,
} from './descriptor';
import type { BrokerFacts } from './facts';
import { rabbitmq } from './rabbitmq';
import { redis } from './redis';

/** What a broker technology brings: descriptor, settings by node or link type (`broker` for the broker's own), check. */
export interface Kind {
  descriptor: KindDescriptor;
  settingsSchemas: Record<string, ZodType>;
  /** Every problem of the kind's objects; facts by broker id, undefined where a broker was not asked. */
  check?: (flow: Flow, facts: Record<string, BrokerFacts | undefined>) => Problem[];
  /** Objects that the broker gets because of settings of links, and that are not drawn. */
  derived?: (flow: Flow) => DerivedGroup[];
  /** Takes what the broker has into the flow, as the step that would change it back tells; undefined where that cannot be. */
  accept?: (flow: Flow, step: Step) => Flow | undefined;
  /** Which way published messages take by the drawing, in one broker of it; absent where nothing is routed. */
  hops?: (flow: Flow, broker: string) => (message: RoutableMessage) => RouteHop[];
}

/** What routing needs to know of a message. */
export interface RoutableMessage {
  /** The drawn node it was sent to. */
  node: string;
  /** Default: that of the connection. */
  vhost?: string;
  /** Absent where the broker has none. */
  exchange?: string;
  routingKey: string;
  headers?: Record<string, Json>;
}

/** Every kind the app knows, one line each. */
export const kinds: readonly Kind[] = [rabbitmq, redis, common];

const nodes = new Map(kinds.flatMap(({ descriptor }) => descriptor.nodes).map((node) => [node.type, node]));
const links = new Map(kinds.flatMap(({ descriptor }) => descriptor.links).map((link) => [link.type, link]));

export function nodeDescriptor(type: string): NodeDescriptor | undefined {
  return nodes.get(type);
}

/** A kind by its name; undefined for one that this build does not know. */
export function kindDescriptor(kind: string): KindDescriptor | undefined {
  return kinds.find(({ descriptor }) => descriptor.kind === kind)?.descriptor;
}

/** Schemes of the URLs of every kind's brokers: `amqp`, `redis`, … */
export const URL_SCHEMES: readonly string[] = kinds.flatMap(({ descriptor }) => descriptor.urlSchemes);

/** The kind whose brokers have URLs like this one. */
export function kindOfUrl(url: string): KindDescriptor | undefined {
  const scheme = url.slice(0, Math.max(0, url.indexOf(':'))).toLowerCase();
  return kinds.find(({ descriptor }) => descriptor.urlSchemes.includes(scheme))?.descriptor;
}

/** What the nodes are called that publishers can send to: exchange, queue, channel, … */
export const MESSAGE_TAKERS: readonly string[] = kinds.flatMap(({ descriptor }) =>
  descriptor.nodes.filter(({ takesMessages }) => takesMessages).map(({ noun }) => noun),
);

/** The kind that a type of node belongs to. */
export function kindOf(type: string): KindDescriptor | undefined {
  return kinds.find(({ descriptor }) => descriptor.nodes.some((node) => node.type === type))?.descriptor;
}

export function linkDescriptor(type: string): LinkDescriptor | undefined {
  return links.get(type);
}

/** Link types that may join these types of node, the usual one first. */
export function linkTypesBetween(fromType: string, toType: string): LinkDescriptor[] {
  return [...links.values()].filter(({ between }) =>
    between.some(({ from, to }) => isOfType(from, fromType) && isOfType(to, toType)),
  );
}

function isOfType(end: string, type: string): boolean {
  if (end === TAKES_MESSAGES) return nodes.get(type)?.takesMessages === true;
  if (end === FEEDS_HANDLERS) return nodes.get(type)?.feedsHandlers === true;
  return end === type;
}

/** Do handlers get messages through links of this type? */
export function isConsumeLink(type: string): boolean {
  return links.get(type)?.role === 'consume';
}

/** The schema of a node's or link's settings; undefined for a type no kind owns. */
function settingsSchema(type: string): ZodType | undefined {
  for (const kind of kinds) if (type !== 'broker' && kind.settingsSchemas[type]) return kind.settingsSchemas[type];
  return undefined;
}

/** Everything that follows from settings of links and is not drawn. */
export function derivedObjects(flow: Flow): DerivedGroup[] {
  return kinds.flatMap((kind) => kind.derived?.(flow) ?? []);
}

/** Takes what the broker has into the flow, instead of the step that would change it; undefined where that cannot be. */
export function acceptFound(flow: Flow, step: Step): Flow | undefined {
  const kind = flow.brokers[step.broker]?.kind;
  return kinds.find(({ descriptor }) => descriptor.kind === kind)?.accept?.(flow, step);
}

/** Every problem of a flow: what is wrong with the document itself, then what each kind finds. */
export function checkFlow(flow: Flow, facts: Record<string, BrokerFacts | undefined>): Problem[] {
  return [...checkDocument(flow), ...kinds.flatMap((kind) => kind.check?.(flow, facts) ?? [])];
}

/** What is wrong with the document itself: unknown types, dangling ends, settings that cannot be read. */
export function checkDocument(flow: Flow): Problem[] {
  const problems: Problem[] = [];
  for (const [id, broker] of Object.entries(flow.brokers)) {
    const kind = kinds.find(({ descriptor }) => descriptor.kind === broker.kind);
    const subject = { type: 'broker', id } as const;
    if (!kind) {
      problems.push({
        code: 'flow/unknown-kind',
        severity: 'warning',
        subject,
        message: `This build does not know brokers of kind “${broker.kind}”; “${broker.name}” is kept as it is.`,
      });
      continue;
    }
    problems.push(...checkSettings(kind.settingsSchemas.broker, broker.settings, subject, broker.name));
  }
  for (const [id, node] of Object.entries(flow.nodes)) {
    const subject = { type: 'node', id } as const;
    const descriptor = nodes.get(node.type);
    if (!descriptor) {
      problems.push({
        code: 'flow/unknown-node',
        severity: 'warning',
        subject,
        message: `This build does not know nodes of type “${node.type}”; “${node.name}” is kept as it is.`,
      });
      continue;
    }
    if (descriptor.inBroker && (node.broker === undefined || !flow.brokers[node.broker]))
      problems.push({
        code: 'flow/no-broker',
        severity: 'error',
        subject,
        field: 'broker',
        message: `The ${descriptor.noun} “${node.name}” belongs to no broker of this flow.`,
      });
    problems.push(...checkSettings(settingsSchema(node.type), node.settings, subject, node.name));
  }
  for (const [id, link] of Object.entries(flow.links)) {
    const subject = { type: 'link', id } as const;
    for (const side of ['from', 'to'] as const) {
      const node = endNode(link[side]);
      if (node !== undefined && !flow.nodes[node])
        problems.push({
          code: 'flow/dangling-link',
          severity: 'error',
          subject,
          field: side,
          message: `This ${link.type} link names the node “${node}”, which is not in the flow.`,
        });
    }
    const descriptor = links.get(link.type);
    if (!descriptor) {
      problems.push({
        code: 'flow/unknown-link',
        severity: 'warning',
        subject,
        message: `This build does not know links of type “${link.type}”; it is kept as it is.`,
      });
      continue;
    }
    problems.push(
      ...checkSettings(
        settingsSchema(link.type),
        link.settings,
        subject,
        `this ${descriptor.label.toLowerCase()} link`,
      ),
    );
  }
  return problems;
}

function checkSettings(
  schema: ZodType | undefined,
  settings: unknown,
  subject: Problem['subject'],
  name: string,
): Problem[] {
  const result = schema?.safeParse(settings);
  if (!result || result.success) return [];
  return result.error.issues.map((issue) => {
    const path = issue.path.join('.');
    return {
      code: 'flow/invalid-setting',
      severity: 'error',
      subject,
      field: `settings.${path}`,
      message: `“${path}” of ${name} is not valid: ${issue.message.replace(/^Invalid input: /, '')}.`,
    };
  });
}
