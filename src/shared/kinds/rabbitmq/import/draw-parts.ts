import { stableId, uniqueId } from '@shared/flow/ids';
import type { Flow, FlowNode, Json, Ownership } from '@shared/flow/schema';
import type { PolicyObject } from '../objects';
import { topologyKey } from '../resolve';
import { createLinkDrawer } from './draw-links';
import { createSecretHider } from './hide-secrets';
import { count, nameSome } from './notices';
import type { Imported, ImportedParts } from './parts';
import { isPredeclared } from './predeclared';

type Settings = Record<string, Json>;

/** Imported objects as nodes, links and settings of one broker. */
export interface DrawnParts {
  nodes: Flow['nodes'];
  links: Flow['links'];
  settings: Settings;
  /** Keys of the source itself, without secrets. */
  extra: Settings;
  /** Values behind `{{secret:ID}}`, for the host's secret store only. */
  secrets: Record<string, string>;
  notices: string[];
}

interface DrawOptions {
  /** Id of the broker in the flow. */
  broker: string;
  /** Of every drawn object: `managed` from a file, `referenced` from a live broker. */
  ownership: Ownership;
  /** Unknown keys of the source itself. */
  extra: Settings;
}

/** Settings without what is absent. */
function compact(settings: Record<string, Json | undefined>): Settings {
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

/**
 * Draws imported objects: a node each for exchanges and queues, one link for all bindings of a pair, links for dead letters and
 * alternate exchanges. Ids come from kind, broker, vhost, type and name, so that two imports of a broker merge.
 */
export function drawParts(parts: ImportedParts, { broker, ownership, extra }: DrawOptions): DrawnParts {
  const { hide, hideUrls, secrets } = createSecretHider();
  const notices: string[] = [];
  const nodes: Flow['nodes'] = {};
  const links: Flow['links'] = {};
  /** Node ids by `topologyKey`. */
  const drawn = new Map<string, string>();
  const again: string[] = [];

  function addNode(
    type: 'exchange' | 'queue',
    object: { vhost?: string; name: string; extra?: Settings },
    settings: Settings,
  ) {
    const { vhost, name, extra } = object;
    const key = topologyKey(type, vhost ?? '', name);
    if (drawn.has(key)) {
      again.push(`${type} ${name}`);
      return;
    }
    const id = uniqueId(stableId('rabbitmq', broker, vhost ?? '', type, name), (taken) => Object.hasOwn(nodes, taken));
    drawn.set(key, id);
    const own: Ownership = type === 'exchange' && isPredeclared(name) ? 'referenced' : ownership;
    nodes[id] = {
      type: `rabbitmq.${type}`,
      name,
      broker,
      ...(own === 'managed' ? {} : { ownership: own }),
      settings: compact({ vhost, ...settings }),
      ...(extra ? { extra: hide(extra, [name]) as Settings } : {}),
    } satisfies FlowNode;
  }

  const exchanges = parts.exchanges.filter(({ name }) => name !== '');
  for (const exchange of exchanges) {
    const { type: exchangeType, durable, autoDelete, internal, arguments: table } = exchange;
    const { 'alternate-exchange': alternate, ...rest } = table;
    const kept = typeof alternate === 'string' ? rest : table;
    addNode('exchange', exchange, {
      exchangeType,
      durable,
      autoDelete,
      internal,
      arguments: hideUrls(kept, [exchange.name]),
    });
  }
  for (const queue of parts.queues) {
    const { durable, autoDelete, arguments: table } = queue;
    addNode('queue', queue, { durable, autoDelete, arguments: hideUrls(withoutDeadLetters(table), [queue.name]) });
  }

  const drawer = createLinkDrawer({ broker, drawn, links, hideUrls, hide });
  for (const queue of parts.queues) drawer.drawDeadLetters(queue);
  for (const exchange of exchanges) drawer.drawAlternate(exchange);
  for (const binding of parts.bindings) drawer.drawBinding(binding);

  if (again.length > 0)
    notices.push(`${count(again.length, 'object')} named a second time; the first counts: ${nameSome(again)}.`);
  notices.push(...drawer.notices());
  const settings = drawSettings(parts, { broker, ownership, hide, hideUrls });
  const keptExtra = hide(extra, [broker]) as Settings;
  const hidden = Object.keys(secrets);
  if (hidden.length > 0)
    notices.push(
      `${count(hidden.length, 'secret')} replaced by a placeholder; give the value in the connection dialog or the environment: ${nameSome(hidden.map((id) => `{{secret:${id}}}`))}.`,
    );
  return { nodes, links, settings, extra: keptExtra, secrets, notices };
}

/** A dead-letter exchange is drawn as a link. A key without one has no effect, and is kept so that the check can tell. */
function withoutDeadLetters(table: Settings): Settings {
  if (typeof table['x-dead-letter-exchange'] !== 'string') return table;
  const { 'x-dead-letter-exchange': _exchange, 'x-dead-letter-routing-key': key, ...rest } = table;
  return key === undefined || typeof key === 'string' ? rest : { ...rest, 'x-dead-letter-routing-key': key };
}

type SettingsTools = Pick<DrawOptions, 'broker' | 'ownership'> &
  Pick<ReturnType<typeof createSecretHider>, 'hide' | 'hideUrls'>;

/** The broker's own settings: vhosts by name, policies and parameters by stable ids. Lists without entries are left out. */
function drawSettings(parts: ImportedParts, { broker, ownership, hide, hideUrls }: SettingsTools): Settings {
  const identities = new Map<string, string>();
  /** A record's id: the later of two entries for one object takes the place of the earlier, as in RabbitMQ. */
  const idOf = (...names: string[]) => {
    const identity = names.join('\u0000');
    const id = uniqueId(
      stableId('rabbitmq', broker, ...names),
      (taken) => (identities.get(taken) ?? identity) !== identity,
    );
    identities.set(id, identity);
    return id;
  };
  const record = (name: string, facts: Record<string, Json | undefined>, extra: Settings | undefined): Settings =>
    compact({
      ...facts,
      ...(extra ? { extra: hide(extra, [name]) } : {}),
      ...(ownership === 'managed' ? {} : { ownership }),
    });
  const policies = (list: readonly Imported<PolicyObject>[], type: string) =>
    list.map(({ definition, extra, ...policy }): [string, Json] => [
      idOf(type, policy.vhost ?? '', policy.name),
      record(policy.name, { ...policy, definition: hideUrls(definition, [policy.name]) }, extra),
    ]);
  const lists: Record<string, [string, Json][]> = {
    vhosts: parts.vhosts.map(({ name, extra, ...vhost }) => [
      name,
      record(name, hideUrls(vhost as Settings, [name]) as Settings, extra),
    ]),
    policies: policies(parts.policies, 'policy'),
    operatorPolicies: policies(parts.operatorPolicies, 'operator-policy'),
    parameters: parts.parameters.map(({ vhost, component, name, value, extra }) => [
      idOf('parameter', vhost ?? '', component, name),
      record(name, { vhost, component, name, value: hide(value, [component, name]) }, extra),
    ]),
    globalParameters: parts.globalParameters.map(({ name, value, extra }) => [
      idOf('global-parameter', name),
      record(name, { name, value: hide(value, [name]) }, extra),
    ]),
  };
  const filled = Object.entries(lists).filter(([, entries]) => entries.length > 0);
  return Object.fromEntries(filled.map(([key, entries]) => [key, Object.fromEntries(entries)]));
}
