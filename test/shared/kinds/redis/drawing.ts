import { emptyFlow, type Flow, type FlowLink, type FlowNode } from '@shared/flow/schema';

type Settings = FlowNode['settings'];

/** Builds flows with one Redis called `cache`, in the words of the domain. */
export function drawing() {
  const flow: Flow = { ...emptyFlow('Test'), brokers: { cache: { kind: 'redis', name: 'Redis', settings: {} } } };
  const put = (id: string, type: string, name: string, settings: Settings = {}) => {
    flow.nodes[id] = { type, name, settings, ...(type.startsWith('redis.') ? { broker: 'cache' } : {}) };
    return build;
  };
  const build = {
    flow,
    channel: (name: string) => put(name, 'redis.channel', name),
    pattern: (glob: string) => put(glob, 'redis.pattern', glob),
    stream: (key: string, settings?: Settings) => put(key, 'redis.stream', key, settings),
    deadStream: (key: string) => put(key, 'redis.dead-stream', key),
    group: (id: string, settings?: Settings, name = id) => put(id, 'redis.group', name, settings),
    handler: (id: string, settings?: Settings) => put(id, 'handler', id, settings),
    publisher: (id: string, settings?: Settings) => put(id, 'publisher', id, settings),
    link: (type: string, from: string, to: string, settings: Settings = {}) => {
      const link: FlowLink = { type, from: { node: from }, to: { node: to }, settings };
      flow.links[`${from}>${to}`] = link;
      return build;
    },
  };
  return build;
}

/** `orders` with a group `workers` that a handler consumes. */
export function ordersStream(
  streamSettings: Settings = { trim: { by: 'length', entries: 100_000 } },
  consume: Settings = {},
) {
  return drawing()
    .publisher('Orders', { ratePerSecond: 10 })
    .stream('orders', streamSettings)
    .group('workers')
    .handler('Pack')
    .link('publish', 'Orders', 'orders')
    .link('redis.read', 'orders', 'workers')
    .link('consume', 'workers', 'Pack', consume);
}
