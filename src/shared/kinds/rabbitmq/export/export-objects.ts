import { canonicalJson } from '@shared/canonical';
import type { Flow, FlowLink, Json } from '@shared/flow/schema';
import { plainArgument } from '../argument-values';
import { findArgument, judgeArgument, QUEUE_TYPES } from '../arguments';
import { count, joinWords, nameSome } from '../import/notices';
import type { ArgumentTable, BindingObject, ExchangeObject, QueueObject } from '../objects';
import { bindingKey, type ResolvedTopology, topologyKey } from '../resolve';
import { plainArguments } from './plain-arguments';

/** One object of definitions. */
export type Entry = Record<string, Json>;

/** Exchanges, queues and bindings of a resolved flow as entries of definitions, in the order in which they are written. */
export function exportObjects(
  flow: Flow,
  { topology, origins, ownership }: ResolvedTopology,
  version: string | undefined,
): { lists: { queues: Entry[]; exchanges: Entry[]; bindings: Entry[] }; notices: string[] } {
  let ignored = 0;
  const untyped: string[] = [];
  const legacy = new Set<string>();

  const isKept = (key: string) => {
    if (ownership[key] !== 'ignored') return true;
    ignored++;
    return false;
  };
  const plain = (what: string, table: ArgumentTable): Entry => {
    const { table: written, lost } = plainArguments(table);
    untyped.push(...lost.map((key) => `${key} of ${what}`));
    return Object.fromEntries(Object.entries(written).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  /** Takes out what has no effect on the release meant; without one, everything stays. */
  const withoutLegacy = (table: Entry): Entry => {
    const type = QUEUE_TYPES.find((name) => name === plainArgument(table['x-queue-type'])) ?? 'classic';
    const kept = Object.entries(table).filter(([key]) => {
      const argument = findArgument('queue', key);
      if (!argument?.legacy || (version && judgeArgument(argument, type, version) === 'effective')) return true;
      legacy.add(key);
      return version === undefined;
    });
    return Object.fromEntries(kept);
  };
  /** Unknown keys stand behind the known ones, which they never replace. */
  const withExtra = (own: Entry, key: string, binding?: BindingObject): Entry => {
    const origin = origins[key];
    if (origin?.type === 'link' && binding) return { ...own, ...rowExtra(flow.links[origin.id], binding), ...own };
    const extra = origin?.type === 'node' ? flow.nodes[origin.id]?.extra : undefined;
    return { ...own, ...extra, ...own };
  };

  const queue = ({ vhost, name, durable, autoDelete, arguments: table }: QueueObject): Entry => {
    const args = withoutLegacy(plain(`queue ${name}`, table));
    const own = { name, vhost, durable, auto_delete: autoDelete, arguments: args };
    return withExtra(own, topologyKey('queue', vhost, name));
  };
  const exchange = ({ vhost, name, type, durable, autoDelete, internal, arguments: table }: ExchangeObject): Entry => {
    const args = plain(`exchange ${name}`, table);
    const own = { name, vhost, type, durable, auto_delete: autoDelete, internal, arguments: args };
    return withExtra(own, topologyKey('exchange', vhost, name));
  };
  const binding = (object: BindingObject): Entry => {
    const { vhost, source, destination, destinationType, routingKey: key, arguments: table } = object;
    const args = plain(`binding ${source} to ${destination}`, table);
    const ends = { source, vhost, destination, destination_type: destinationType };
    return withExtra({ ...ends, routing_key: key, arguments: args }, bindingKey(object), object);
  };

  const { queues, exchanges, bindings } = topology;
  const lists = {
    queues: sortBy(
      queues.filter(({ vhost, name }) => isKept(topologyKey('queue', vhost, name))).map(queue),
      ({ vhost, name }) => [vhost, name],
    ),
    exchanges: sortBy(
      exchanges.filter(({ vhost, name }) => isKept(topologyKey('exchange', vhost, name))).map(exchange),
      ({ vhost, name }) => [vhost, name],
    ),
    bindings: sortBy(
      bindings.filter((object) => isKept(bindingKey(object))).map(binding),
      ({ vhost, source, destination_type, destination, routing_key, arguments: table }) => [
        vhost,
        source,
        destination_type,
        destination,
        routing_key,
        canonicalJson(table),
      ],
    ),
  };
  return { lists, notices: describe({ ignored, untyped, legacy: [...legacy], version }) };
}

/** Sorts entries by the texts that tell them apart. */
export function sortBy(list: readonly Entry[], partsOf: (entry: Entry) => (Json | undefined)[]): Entry[] {
  const keyed = list.map((entry) => ({ entry, key: partsOf(entry).map(String).join('\u0000') }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ entry }) => entry);
}

/** Unknown keys of a binding are kept in its row. */
function rowExtra(link: FlowLink | undefined, { routingKey, arguments: table }: BindingObject): Entry {
  const rows = Array.isArray(link?.settings.rows) ? link.settings.rows : [];
  const wanted = canonicalJson(table);
  for (const row of rows) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) continue;
    const { extra } = row;
    const isSame = (row.routingKey ?? '') === routingKey && canonicalJson(row.arguments ?? {}) === wanted;
    if (isSame && typeof extra === 'object' && extra !== null && !Array.isArray(extra)) return extra;
  }
  return {};
}

interface Losses {
  ignored: number;
  untyped: string[];
  legacy: string[];
  version: string | undefined;
}

function describe({ ignored, untyped, legacy, version }: Losses): string[] {
  const notices: string[] = [];
  if (ignored > 0) notices.push(`${count(ignored, 'object')} left out: drawn for reading only.`);
  if (untyped.length > 0)
    notices.push(
      `${count(untyped.length, 'argument')} written without the AMQP type, which definitions cannot say: ${nameSome(untyped)}.`,
    );
  if (legacy.length > 0)
    notices.push(
      version === undefined
        ? `${joinWords(legacy)}: no effect on current releases of RabbitMQ.`
        : `${joinWords(legacy)} left out: no effect on RabbitMQ ${version}.`,
    );
  return notices;
}
