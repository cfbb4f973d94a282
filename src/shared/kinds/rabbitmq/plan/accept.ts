import type { FieldChange, Step } from '@shared/deploy/plan';
import { removeItems, setBrokerSetting, setNodeSetting } from '@shared/flow/commands';
import { sameJson } from '@shared/flow/diff';
import { stableId } from '@shared/flow/ids';
import type { Flow, Json, LinkEnd } from '@shared/flow/schema';
import { RABBIT_ARGUMENTS } from '../arguments';
import type { ArgumentTable, ExchangeObject, QueueObject } from '../objects';
import { resolveTopology, topologyKey } from '../resolve';
import { rabbitBrokerSettingsSchema } from '../schema';
import { plainTable } from './compare';

/** Arguments that are drawn as a link, never kept with the node. */
const LINKED = new Set(RABBIT_ARGUMENTS.filter(({ link }) => link !== undefined).map(({ key }) => key));
const ARGUMENT = 'arguments.';

/**
 * Takes what the broker has into the flow, as the step that would change it back tells: settings and arguments of a queue or
 * an exchange, its dead-letter or alternate link, a policy. Undefined where the flow cannot come to say the same: the step makes
 * or deletes something, the broker told no values, or the difference follows from something else that is drawn.
 */
export function acceptFound(flow: Flow, step: Step): Flow | undefined {
  const { changes = [] } = step;
  if (changes.length === 0) return undefined;
  switch (step.objectType) {
    case 'queue':
    case 'exchange':
      return acceptObject(flow, step, changes);
    case 'policy':
      return acceptPolicy(flow, step, changes, 'policies');
    case 'operator-policy':
      return acceptPolicy(flow, step, changes, 'operatorPolicies');
    default:
      return undefined;
  }
}

function acceptObject(flow: Flow, step: Step, changes: readonly FieldChange[]): Flow | undefined {
  if (step.subject?.type !== 'node') return undefined;
  const { id } = step.subject;
  const isLinked = ({ field }: FieldChange) => field.startsWith(ARGUMENT) && LINKED.has(field.slice(ARGUMENT.length));
  const withSettings = changes
    .filter((change) => !isLinked(change))
    .reduce((next, { field, from }) => setNodeSetting(next, id, settingPath(field), from as Json | undefined), flow);
  const next = changes.some(isLinked) ? acceptLink(withSettings, step, id, changes) : withSettings;
  const accepted = next && wantedObject(next, step);
  return accepted && changes.every(({ field, from }) => sameJson(fieldOf(accepted, field), from)) ? next : undefined;
}

/** The arguments of an exchange or queue may have dots in their names: the path is not split there. */
function settingPath(field: string): string[] {
  if (field.startsWith(ARGUMENT)) return ['arguments', field.slice(ARGUMENT.length)];
  return [field === 'type' ? 'exchangeType' : field];
}

/** What the flow wants of the step's object. */
function wantedObject(flow: Flow, { broker, vhost, name, objectType }: Step): QueueObject | ExchangeObject | undefined {
  const { topology } = resolveTopology(flow, broker, { defaultVhost: vhost });
  const list: readonly (QueueObject | ExchangeObject)[] = objectType === 'queue' ? topology.queues : topology.exchanges;
  return list.find((object) => object.vhost === vhost && object.name === name);
}

function fieldOf(object: QueueObject | ExchangeObject, field: string): unknown {
  if (field.startsWith(ARGUMENT)) return plainTable(object.arguments)[field.slice(ARGUMENT.length)];
  return Object.entries(object).find(([key]) => key === field)?.[1];
}

/** Draws the dead-letter or alternate link as the broker has it: moved, added or taken away. */
function acceptLink(flow: Flow, step: Step, id: string, changes: readonly FieldChange[]): Flow | undefined {
  const args: ArgumentTable = { ...wantedObject(flow, step)?.arguments };
  for (const { field, from } of changes) {
    const key = field.slice(ARGUMENT.length);
    if (from === undefined) delete args[key];
    else args[key] = from as Json;
  }
  const isQueue = step.objectType === 'queue';
  const type = isQueue ? 'dead-letter' : 'alternate';
  const exchange = args[isQueue ? 'x-dead-letter-exchange' : 'alternate-exchange'];
  const key = isQueue ? args['x-dead-letter-routing-key'] : undefined;
  const [old] = Object.entries(flow.links).filter(
    ([, link]) => link.type === type && 'node' in link.from && link.from.node === id && link.settings.via !== 'policy',
  );
  if (typeof exchange !== 'string') return old && removeItems(flow, { links: [old[0]] });
  const isToQueue = isQueue && exchange === '' && typeof key === 'string';
  const to = isToQueue ? endNamed(flow, step, 'queue', key) : endNamed(flow, step, 'exchange', exchange);
  const { routingKey: _key, ...settings } = old?.[1].settings ?? {};
  const link = {
    ...old?.[1],
    type,
    from: { node: id },
    to,
    settings: { ...settings, ...(isToQueue || typeof key !== 'string' ? {} : { routingKey: key }) },
  };
  return { ...flow, links: { ...flow.links, [old?.[0] ?? stableId(id, type)]: link } };
}

/** The drawn object of that name, else the name alone. */
function endNamed(flow: Flow, { broker, vhost }: Step, objectType: 'exchange' | 'queue', name: string): LinkEnd {
  const { origins } = resolveTopology(flow, broker, { defaultVhost: vhost });
  const origin = origins[topologyKey(objectType, vhost, name)];
  return origin?.type === 'node' ? { node: origin.id } : { objectType, vhost, name };
}

function acceptPolicy(
  flow: Flow,
  { broker, vhost, name }: Step,
  changes: readonly FieldChange[],
  list: 'policies' | 'operatorPolicies',
): Flow | undefined {
  const settings = rabbitBrokerSettingsSchema.safeParse(flow.brokers[broker]?.settings ?? {});
  if (!settings.success) return undefined;
  const [id] =
    Object.entries(settings.data[list]).find(
      ([, policy]) => policy.name === name && (policy.vhost ?? vhost) === vhost,
    ) ?? [];
  if (id === undefined) return undefined;
  return changes.reduce(
    (next, { field, from }) => setBrokerSetting(next, broker, [list, id, field], from as Json),
    flow,
  );
}
