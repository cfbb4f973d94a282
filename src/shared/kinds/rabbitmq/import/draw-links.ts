import { canonicalJson } from '@shared/canonical';
import { stableId, uniqueId } from '@shared/flow/ids';
import type { Flow, FlowLink, Json, LinkEnd } from '@shared/flow/schema';
import { topologyKey } from '../resolve';
import type { createSecretHider } from './hide-secrets';
import { count, nameSome } from './notices';
import type { ImportedParts } from './parts';
import { isPredeclared } from './predeclared';

export interface LinkDrawing extends Pick<ReturnType<typeof createSecretHider>, 'hide' | 'hideUrls'> {
  broker: string;
  /** Node ids by `topologyKey`; a vhost that is not named is `""`. */
  drawn: ReadonlyMap<string, string>;
  /** Where links go. */
  links: Flow['links'];
}

interface Name {
  type: 'exchange' | 'queue';
  vhost: string | undefined;
  name: string;
}

/** Draws links between nodes that are drawn already; an end that is not drawn stays a name. */
export function createLinkDrawer({ broker, drawn, links, hide, hideUrls }: LinkDrawing) {
  const dangling = new Set<string>();
  /** Row identities by link id. */
  const rows = new Map<string, Set<string>>();
  const byEnds = new Map<string, string>();
  let implicit = 0;
  let repeated = 0;

  function endOf({ type, vhost, name }: Name): LinkEnd {
    const node = drawn.get(topologyKey(type, vhost ?? '', name));
    if (node !== undefined) return { node };
    return { name, objectType: type, ...(vhost === undefined ? {} : { vhost }) };
  }

  function linkId(linkType: string, from: Name, to: Name): string {
    const key = [linkType, from.vhost ?? '', from.type, from.name, to.type, to.name];
    const known = byEnds.get(key.join('\u0000'));
    if (known !== undefined) return known;
    const readable = linkType === 'binding' ? `${from.name} ${to.name}` : `${from.name} ${linkType} ${to.name}`;
    const id = uniqueId(stableId('rabbitmq', broker, ...key, readable), (taken) => Object.hasOwn(links, taken));
    byEnds.set(key.join('\u0000'), id);
    return id;
  }

  function addLink(type: string, from: Name, to: Name, settings: FlowLink['settings']): void {
    const ends = { from: endOf(from), to: endOf(to) };
    const isNamedOnly = !('node' in ends.from) && !('node' in ends.to);
    links[linkId(type, from, to)] = { type, ...ends, ...(isNamedOnly ? { broker } : {}), settings };
    for (const name of [from, to]) {
      const isMissing = !drawn.has(topologyKey(name.type, name.vhost ?? '', name.name));
      if (isMissing && !(name.type === 'exchange' && isPredeclared(name.name)))
        dangling.add(`${name.type} ${name.name}`);
    }
  }

  return {
    /** The default exchange with a queue's name as key is drawn as a link to that queue. */
    drawDeadLetters({ vhost, name, arguments: table }: ImportedParts['queues'][number]): void {
      const exchange = table['x-dead-letter-exchange'];
      const key = table['x-dead-letter-routing-key'];
      if (typeof exchange !== 'string') return;
      const from: Name = { type: 'queue', vhost, name };
      if (exchange === '' && typeof key === 'string' && key !== '')
        addLink('dead-letter', from, { type: 'queue', vhost, name: key }, {});
      else
        addLink(
          'dead-letter',
          from,
          { type: 'exchange', vhost, name: exchange },
          typeof key === 'string' ? { routingKey: hideUrls(key, [name]) } : {},
        );
    },

    drawAlternate({ vhost, name, arguments: table }: ImportedParts['exchanges'][number]): void {
      const alternate = table['alternate-exchange'];
      if (typeof alternate !== 'string') return;
      addLink('alternate', { type: 'exchange', vhost, name }, { type: 'exchange', vhost, name: alternate }, {});
    },

    drawBinding(binding: ImportedParts['bindings'][number]): void {
      const { vhost, source, destination, destinationType, routingKey, arguments: table, extra } = binding;
      if (source === '') {
        implicit++;
        return;
      }
      const from: Name = { type: 'exchange', vhost, name: source };
      const to: Name = { type: destinationType, vhost, name: destination };
      const id = linkId('binding', from, to);
      const identities = rows.get(id) ?? new Set();
      rows.set(id, identities);
      const identity = canonicalJson([routingKey, table]);
      if (identities.has(identity)) {
        repeated++;
        return;
      }
      identities.add(identity);
      const row: Json = {
        routingKey,
        arguments: hideUrls(table, [source, destination]),
        ...(extra ? { extra: hide(extra, [source, destination]) } : {}),
      };
      const others = links[id]?.settings.rows;
      if (Array.isArray(others)) others.push(row);
      else addLink('binding', from, to, { rows: [row] });
    },

    notices(): string[] {
      const notices: string[] = [];
      if (dangling.size > 0)
        notices.push(
          `${count(dangling.size, 'object')} named by links and not declared; the links are kept: ${nameSome([...dangling])}.`,
        );
      if (implicit > 0)
        notices.push(
          `${count(implicit, 'binding')} of the default exchange left out: every queue has its own by itself.`,
        );
      if (repeated > 0) notices.push(`${count(repeated, 'binding')} stated a second time, and drawn once.`);
      return notices;
    },
  };
}
