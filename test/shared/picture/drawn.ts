import { emptyFlow, type Flow } from '@shared/flow/schema';

/** Names that are syntax in XML, Mermaid or HTML. */
export const NASTY_NAMES = [
  'a --> b',
  'order:created',
  'say "hi"',
  "it's",
  'two  spaces',
  '<script>alert(1)</script>',
  ']]> & &amp;',
  '%%{init: {}}%%',
  'end',
  '`md`',
  '#quot;',
  'a;b|c',
  '日本語 🐇',
  'style x:#f00;',
];

/** An exchange bound to a queue with dead letters to an exchange that is not drawn, a publisher and a handler. */
export function drawn(name = 'orders'): Flow {
  return {
    ...emptyFlow(name),
    nodes: {
      x: { type: 'rabbitmq.exchange', name, broker: 'main', settings: { exchangeType: 'topic' } },
      q: { type: 'rabbitmq.queue', name, broker: 'main', settings: {} },
      p: { type: 'publisher', name, settings: {} },
      h: { type: 'handler', name, settings: {} },
      u: { type: 'kafka.topic', name, settings: {} },
    },
    links: {
      publish: { type: 'publish', from: { node: 'p' }, to: { node: 'x' }, settings: { routingKey: name } },
      binding: {
        type: 'binding',
        from: { node: 'x' },
        to: { node: 'q' },
        settings: { rows: [{ routingKey: name, arguments: {} }] },
      },
      consume: { type: 'consume', from: { node: 'q' }, to: { node: 'h' }, settings: {} },
      dead: { type: 'dead-letter', from: { node: 'q' }, to: { name, objectType: 'exchange' }, settings: {} },
    },
    layout: { nodes: { p: { x: 0, y: 0 }, x: { x: 320, y: 0 }, q: { x: 640, y: 0 }, h: { x: 960, y: 0 } } },
  };
}
