import { emptyFlow, type Flow, type FlowNode } from '@shared/flow/schema';
import type { FoundTopology } from '@shared/kinds/rabbitmq/objects';
import { acceptFound } from '@shared/kinds/rabbitmq/plan/accept';
import { planTopology } from '@shared/kinds/rabbitmq/plan/plan-topology';
import { resolveTopology } from '@shared/kinds/rabbitmq/resolve';
import { describe, expect, it } from 'vitest';

const node = (type: string, name: string, settings: FlowNode['settings'] = {}): FlowNode => ({
  type,
  name,
  broker: 'main',
  settings,
});

function shop(change: (flow: Flow) => void = () => {}): Flow {
  const flow = emptyFlow('shop');
  flow.nodes = {
    orders: node('rabbitmq.exchange', 'orders', { exchangeType: 'topic' }),
    spare: node('rabbitmq.exchange', 'spare', { exchangeType: 'fanout' }),
    email: node('rabbitmq.queue', 'email', { arguments: { 'x-message-ttl': 60_000 } }),
    dead: node('rabbitmq.queue', 'dead'),
  };
  flow.links = {
    letters: { type: 'dead-letter', from: { node: 'email' }, to: { node: 'spare' }, settings: { routingKey: 'late' } },
  };
  const policy = { name: 'short', pattern: '^e', applyTo: 'queues', priority: 1, definition: { 'max-length': 5 } };
  flow.brokers.main!.settings = { policies: { short: policy } };
  change(flow);
  return flow;
}

const resolve = (flow: Flow) => resolveTopology(flow, 'main', { defaultVhost: '/' });

/** The plan of a flow against a broker that has what another flow says. */
function planAgainst(flow: Flow, onBroker: Flow) {
  const found: FoundTopology = {
    ...resolve(onBroker).topology,
    facts: {} as FoundTopology['facts'],
    vhosts: [{ name: '/' }],
    queueStats: {},
    consumers: [],
    visibility: 'full',
    cannotSee: [],
    differences: {},
  };
  const rest = { owned: new Set<string>(), prune: false, destroy: false, formerNames: new Map<string, string>() };
  return planTopology({ broker: 'main', resolved: resolve(flow), found, ...rest });
}

const DRIFTS: Record<string, (flow: Flow) => void> = {
  'an argument with another value': ({ nodes }) => {
    nodes.email!.settings.arguments = { 'x-message-ttl': 5_000 };
  },
  'an argument taken away, and one added': ({ nodes }) => {
    nodes.email!.settings.arguments = { 'x-max-length': 7 };
  },
  'another queue type': ({ nodes }) => {
    nodes.dead!.settings.arguments = { 'x-queue-type': 'quorum' };
  },
  'an exchange of another type that is not durable': ({ nodes }) => {
    nodes.orders!.settings = { exchangeType: 'direct', durable: false, internal: true };
  },
  'dead letters that go elsewhere': ({ links }) => {
    links.letters!.to = { node: 'orders' };
  },
  'dead letters that go straight to a queue': ({ links }) => {
    links.letters = { ...links.letters!, to: { node: 'dead' }, settings: {} };
  },
  'dead letters with their own key': ({ links }) => {
    links.letters!.settings = {};
  },
  'no dead letters': ({ links }) => {
    delete links.letters;
  },
  'dead letters to an exchange that is not drawn': ({ links }) => {
    links.letters!.to = { objectType: 'exchange', name: 'elsewhere' };
  },
  'an alternate exchange': ({ links }) => {
    links.other = { type: 'alternate', from: { node: 'orders' }, to: { node: 'spare' }, settings: {} };
  },
  'another policy': ({ brokers }) => {
    const policy = { name: 'short', pattern: '^d', applyTo: 'all', priority: 2, definition: { 'message-ttl': 9 } };
    brokers.main!.settings = { policies: { short: policy } };
  },
};

describe('accepting what the broker has', () => {
  for (const [name, drift] of Object.entries(DRIFTS)) {
    it(`${name}: the flow says the same afterwards, and back again`, () => {
      for (const [drawn, onBroker] of [
        [shop(), shop(drift)],
        [shop(drift), shop()],
      ] as const) {
        const { steps } = planAgainst(drawn, onBroker);
        expect(steps).toHaveLength(1);
        const accepted = acceptFound(drawn, steps[0]!);
        expect(accepted).toBeDefined();
        expect(planAgainst(accepted!, onBroker).steps).toEqual([]);
      }
    });
  }

  it('leaves alone what the step does not speak of', () => {
    const drawn = shop();
    const { steps } = planAgainst(drawn, shop(DRIFTS['another queue type']));
    const accepted = acceptFound(drawn, steps[0]!);
    expect(accepted).toEqual({ ...drawn, nodes: { ...drawn.nodes, dead: accepted?.nodes.dead } });
  });

  it('takes nothing from a step that makes something, or that tells no values', () => {
    const { steps } = planAgainst(shop(), emptyFlow());
    expect(steps.length).toBeGreaterThan(3);
    for (const step of steps) expect(acceptFound(shop(), step)).toBeUndefined();
    const [step] = planAgainst(shop(), shop(DRIFTS['another queue type'])).steps;
    expect(acceptFound(shop(), { ...step!, changes: undefined })).toBeUndefined();
  });
});
