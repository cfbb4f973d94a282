import {
  addNode,
  connect,
  moveNodes,
  removeItems,
  renameNode,
  setFlowProperty,
  setLinkSetting,
  setNodeSetting,
} from '@shared/flow/commands';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import fc from 'fast-check';

const TYPES = ['rabbitmq.exchange', 'rabbitmq.queue', 'publisher', 'handler', 'custom.thing'];
const text = fc.oneof(
  fc.constantFrom('orders', 'a.b', 'x --> y', '"quoted"', 'ünï 🐇', ''),
  fc.string({ maxLength: 12 }),
);
const position = fc.record({ x: fc.integer({ min: -5000, max: 5000 }), y: fc.integer({ min: -5000, max: 5000 }) });

/** One random edit, as a function of the flow: it picks its targets from what is there. */
const editArbitrary: fc.Arbitrary<(flow: Flow) => Flow> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ type: fc.constantFrom(...TYPES), position, name: text })
      .map((node) => (flow: Flow) => addNode(flow, node).flow),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(), fc.nat()).map(
      ([a, b]) =>
        (flow: Flow) =>
          connect(flow, { from: pick(flow.nodes, a), to: pick(flow.nodes, b) }).flow,
    ),
  },
  fc.nat().map((n) => (flow: Flow) => removeItems(flow, { nodes: [pick(flow.nodes, n)] })),
  fc.nat().map((n) => (flow: Flow) => removeItems(flow, { links: [pick(flow.links, n)] })),
  fc.tuple(fc.nat(), position).map(
    ([n, to]) =>
      (flow: Flow) =>
        pick(flow.nodes, n) ? moveNodes(flow, { [pick(flow.nodes, n)]: to }) : flow,
  ),
  fc.tuple(fc.nat(), text).map(
    ([n, name]) =>
      (flow: Flow) =>
        renameNode(flow, pick(flow.nodes, n), name),
  ),
  fc.tuple(fc.nat(), text).map(
    ([n, value]) =>
      (flow: Flow) =>
        setNodeSetting(flow, pick(flow.nodes, n), ['arguments', 'x-custom'], value),
  ),
  fc.tuple(fc.nat(), text).map(
    ([n, value]) =>
      (flow: Flow) =>
        setLinkSetting(flow, pick(flow.links, n), ['rows'], [{ routingKey: value, arguments: {} }]),
  ),
  text.map((name) => (flow: Flow) => setFlowProperty(flow, 'name', name)),
);

function pick(record: Record<string, unknown>, n: number): string {
  const keys = Object.keys(record);
  return keys[n % Math.max(keys.length, 1)] ?? '';
}

export const edits = fc.array(editArbitrary, { maxLength: 30 });

/** A flow as it may come to be by editing. */
export const flowArbitrary: fc.Arbitrary<Flow> = edits.map((list) =>
  list.reduce((flow, edit) => edit(flow), emptyFlow('Random')),
);
