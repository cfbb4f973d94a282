import { groupBy } from '../group';
import { type ArgumentTable, type BindingObject, type ExchangeObject, objectKey, type PolicyObject } from '../objects';
import { findEffective, PolicyIndex } from '../policies';
import { compileHeaders, matchCompiledHeaders } from './match';
import { TopicTrie } from './topic-trie';

/** A binding that a message took, and the reason as the end of a sentence: `order.* matches the key`. */
export interface UsedBinding {
  binding: BindingObject;
  why: string;
}

/** What routing needs of a topology; `Topology` and `FoundTopology` (with bindings) both have it. */
export interface RoutableTopology {
  exchanges: readonly ExchangeObject[];
  queues: readonly { vhost: string; name: string }[];
  bindings: readonly BindingObject[];
  /** Alternate exchanges may come from a policy. */
  policies?: readonly PolicyObject[] | null;
}

/** One exchange, prepared for many messages. */
export interface ExchangeIndex {
  name: string;
  type: string;
  alternate: string | undefined;
  /** Does the outcome hang on headers, too? */
  readsHeaders: boolean;
  /** Bindings that match; undefined for a type whose rule is not known here. */
  match: ((keys: readonly string[], headers: ArgumentTable) => UsedBinding[]) | undefined;
}

/** Exchanges every virtual host has from the start, with their types. */
export const PREDECLARED_EXCHANGES: ReadonlyMap<string, string> = new Map([
  ['amq.direct', 'direct'],
  ['amq.fanout', 'fanout'],
  ['amq.topic', 'topic'],
  ['amq.headers', 'headers'],
  ['amq.match', 'headers'],
  ['amq.rabbitmq.trace', 'topic'],
]);

/** Several keys (CC and BCC) may match one binding; it counts once. */
function matchEach<T>(keys: readonly string[], find: (key: string) => readonly T[]): T[] {
  const [first] = keys;
  if (keys.length === 1 && first !== undefined) return [...find(first)];
  return [...new Set(keys.flatMap(find))];
}

function describeHeaders(table: ArgumentTable): string {
  const { mode, entries } = compileHeaders(table);
  if (entries.length === 0) return 'it asks for no header';
  return `${mode} of its headers ${entries.map(({ name }) => name).join(', ')} match`;
}

function indexDirect(bindings: UsedBinding[]): ExchangeIndex['match'] {
  const byKey = groupBy(bindings, ({ binding }) => binding.routingKey);
  return (keys) => matchEach(keys, (key) => byKey.get(key) ?? []);
}

function indexTopic(bindings: UsedBinding[]): ExchangeIndex['match'] {
  const trie = new TopicTrie<UsedBinding>();
  for (const used of bindings) trie.add(used.binding.routingKey, used);
  return (keys) => matchEach(keys, (key) => trie.match(key));
}

function indexHeaders(bindings: UsedBinding[]): ExchangeIndex['match'] {
  const compiled = bindings.map((used) => ({ used, matcher: compileHeaders(used.binding.arguments) }));
  return (_keys, headers) =>
    compiled.filter(({ matcher }) => matchCompiledHeaders(matcher, headers)).map(({ used }) => used);
}

function indexBindings(type: string, bindings: BindingObject[]): ExchangeIndex['match'] {
  switch (type) {
    case 'direct':
      return indexDirect(bindings.map((binding) => ({ binding, why: `the key is ${quote(binding.routingKey)}` })));
    case 'topic':
      return indexTopic(bindings.map((binding) => ({ binding, why: `${quote(binding.routingKey)} matches the key` })));
    case 'fanout': {
      const all = bindings.map((binding) => ({ binding, why: 'a fanout takes every message' }));
      return () => all;
    }
    case 'headers':
      return indexHeaders(bindings.map((binding) => ({ binding, why: describeHeaders(binding.arguments) })));
    default:
      return undefined;
  }
}

function quote(text: string): string {
  return `“${text}”`;
}

/** Prepares the exchanges of a topology, predeclared ones included, by vhost and name. */
export function indexExchanges(topology: RoutableTopology): Map<string, ExchangeIndex> {
  const policies = new PolicyIndex(topology.policies ?? []);
  const bySource = groupBy(topology.bindings, ({ vhost, source }) => objectKey(vhost, source));
  const index = new Map<string, ExchangeIndex>();
  const add = (vhost: string, name: string, type: string, table: ArgumentTable) => {
    const policy = policies.find({ vhost, name, objectType: 'exchange' });
    const alternate = findEffective('alternate-exchange', 'exchange', table, policy, undefined)?.value;
    index.set(objectKey(vhost, name), {
      name,
      type,
      alternate: typeof alternate === 'string' ? alternate : undefined,
      readsHeaders: type === 'headers',
      match: indexBindings(type, bySource.get(objectKey(vhost, name)) ?? []),
    });
  };
  const vhosts = new Set([...topology.exchanges, ...topology.queues, ...topology.bindings].map(({ vhost }) => vhost));
  for (const vhost of vhosts) {
    for (const [name, type] of PREDECLARED_EXCHANGES) add(vhost, name, type, {});
  }
  for (const exchange of topology.exchanges) add(exchange.vhost, exchange.name, exchange.type, exchange.arguments);
  return index;
}
