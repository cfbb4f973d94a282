import type { Flow, FlowLink, FlowNode, Json, LinkEnd } from '@shared/flow/schema';

/** A part of a drawing: nodes and links by id. */
export interface Part {
  nodes?: Record<string, FlowNode>;
  links?: Record<string, FlowLink>;
  settings?: Record<string, Json>;
}

type Settings = Record<string, Json>;
type Extra = Partial<Pick<FlowNode, 'ownership' | 'broker'>>;

/** `exchange:orders` stands for the drawn node of that id, `?queue:lost` for a name that is not drawn. */
function endOf(text: string): LinkEnd {
  const undrawn = text.match(/^\?(exchange|queue):(.*)$/);
  return undrawn
    ? { objectType: undrawn[1] === 'queue' ? 'queue' : 'exchange', name: undrawn[2] ?? '' }
    : { node: text };
}

const link = (type: string, from: string, to: string, settings: Settings = {}): Part => ({
  links: { [`${type} ${from} ${to}`]: { type, from: endOf(from), to: endOf(to), settings } },
});

/** Node `exchange:NAME`. */
export const exchange = (name: string, exchangeType = 'topic', settings: Settings = {}, extra: Extra = {}): Part => ({
  nodes: {
    [`exchange:${name}`]: {
      type: 'rabbitmq.exchange',
      name,
      broker: 'main',
      settings: { exchangeType, ...settings },
      ...extra,
    },
  },
});

/** Node `queue:NAME`. */
export const queue = (name: string, table: Settings = {}, settings: Settings = {}, extra: Extra = {}): Part => ({
  nodes: {
    [`queue:${name}`]: {
      type: 'rabbitmq.queue',
      name,
      broker: 'main',
      settings: { arguments: table, ...settings },
      ...extra,
    },
  },
});

/** Link `binding FROM TO` with one row. */
export const bind = (from: string, to: string, routingKey = '', table: Settings = {}): Part =>
  link('binding', from, to, { rows: [{ routingKey, arguments: table }] });

export const deadLetter = (from: string, to: string, settings: Settings = {}): Part =>
  link('dead-letter', from, to, settings);

export const alternate = (from: string, to: string): Part => link('alternate', from, to);

/** A publisher with its publish link to `to`. */
export const publisher = (name: string, to: string, routingKey = '', settings: Settings = {}): Part => ({
  nodes: { [`publisher:${name}`]: { type: 'publisher', name, settings: { routingKey, ...settings } } },
  ...link('publish', `publisher:${name}`, to),
});

/** A handler with its consume link from `from`. */
export const handler = (name: string, from: string, settings: Settings = {}, consume: Settings = {}): Part => ({
  nodes: { [`handler:${name}`]: { type: 'handler', name, settings } },
  ...link('consume', from, `handler:${name}`, consume),
});

/** Settings of the broker: policies and the like. */
export const policy = (name: string, definition: Settings, settings: Settings = {}): Part => ({
  settings: { policies: { [name]: { name, pattern: '', definition, ...settings } } },
});

/** Another id for the node of a part, to draw one name twice. */
export const withId = (id: string, part: Part): Part => ({
  nodes: Object.fromEntries(Object.values(part.nodes ?? {}).map((node) => [id, node])),
});

/** A flow of parts on the RabbitMQ broker `main`. */
export function draw(...parts: Part[]): Flow {
  const flow: Flow = {
    format: 1,
    name: 'Test',
    brokers: { main: { kind: 'rabbitmq', name: 'RabbitMQ', settings: {} } },
    nodes: {},
    links: {},
    layout: { nodes: {} },
  };
  for (const { nodes, links, settings } of parts) {
    Object.assign(flow.nodes, nodes);
    Object.assign(flow.links, links);
    const broker = flow.brokers.main;
    for (const [key, records] of Object.entries(settings ?? {})) {
      if (broker) broker.settings[key] = { ...(broker.settings[key] as Settings), ...(records as Settings) };
    }
  }
  return flow;
}
