import { emptyFlow, type Flow } from '@shared/flow/schema';

/** `size` nodes in clusters of an exchange, its queues and a dead-letter exchange; clusters are joined now and then. */
export function clusteredFlow(size: number): Flow {
  const flow = emptyFlow('Large');
  const exchange = (name: string) => ({ type: 'rabbitmq.exchange', name, broker: 'main', settings: {} });
  const queue = (name: string) => ({ type: 'rabbitmq.queue', name, broker: 'main', settings: {} });
  let last = '';
  for (let cluster = 0; Object.keys(flow.nodes).length < size; cluster++) {
    const hub = `x${cluster}`;
    flow.nodes[hub] = exchange(`service-${cluster}.events`);
    if (cluster % 4 > 0)
      flow.links[`${last}-${hub}`] = { type: 'binding', from: { node: last }, to: { node: hub }, settings: {} };
    last = hub;
    for (let n = 0; n < 2 + (cluster % 5) && Object.keys(flow.nodes).length < size; n++) {
      const id = `q${cluster}-${n}`;
      flow.nodes[id] = queue(`service-${cluster}.queue-${n}`);
      flow.links[`${hub}-${id}`] = {
        type: 'binding',
        from: { node: hub },
        to: { node: id },
        settings: { rows: [{ routingKey: `event.${n}.*`, arguments: {} }] },
      };
      if (n === 0)
        flow.links[`${id}-dead`] = { type: 'dead-letter', from: { node: id }, to: { node: hub }, settings: {} };
      if (n === 1)
        flow.links[`${id}-dlx`] = {
          type: 'dead-letter',
          from: { node: id },
          to: { name: `dlx-${cluster}`, objectType: 'exchange' },
          settings: {},
        };
    }
  }
  return flow;
}
