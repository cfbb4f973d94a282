import type { Flow } from '@shared/flow/schema';
import { count, nameSome } from '../import/notices';
import { resolveTopology } from '../resolve';
import { type Entry, exportObjects, sortBy } from './export-objects';
import { exportSettings } from './export-settings';
import { writeJson } from './write-json';

export interface ExportOptions {
  /** Vhost of objects that name none. */
  defaultVhost: string;
  /**
   * Only this vhost, in the form for `POST /api/definitions/{vhost}`: no entry names a vhost. Default: the whole flow in the form
   * of a cluster, for `POST /api/definitions`, `rabbitmqctl import_definitions` and loading at boot.
   */
  vhost?: string;
  /** Release it is meant for. Arguments without effect there are left out and named; without it nothing is. */
  version?: string;
}

/** Keys that say which kind of file it is; they are written anew. */
const FORMAT_KEYS = new Set([
  'rabbitmq_definition_format',
  'original_vhost_name',
  'original_cluster_name',
  'explanation',
]);
const SECRET = /\{\{secret:[^}"]*\}\}/g;

/**
 * RabbitMQ definitions of one broker of a flow, readable by 3.x and 4.x: sorted, so that equal flows give equal text. Everything
 * drawn is in it, `referenced` objects too; `ignored` ones are left out. Secrets stay placeholders. Notices say what is not as drawn.
 */
export function exportDefinitions(
  flow: Flow,
  brokerId: string,
  { defaultVhost, vhost: only, version }: ExportOptions,
): { text: string; notices: string[] } {
  const broker = flow.brokers[brokerId];
  const objects = exportObjects(flow, resolveTopology(flow, brokerId, { defaultVhost }), version);
  const settings = exportSettings(broker, defaultVhost);
  const { vhosts, global_parameters, ...inVhosts } = { ...settings.lists, ...objects.lists };
  const lists =
    only === undefined
      ? { vhosts: withUsed(vhosts, Object.values(inVhosts).flat(), defaultVhost), global_parameters, ...inVhosts }
      : Object.fromEntries(Object.entries(inVhosts).map(([key, list]) => [key, ofVhost(list, only)]));
  const head = Object.entries(broker?.extra ?? {}).filter(([key]) => !FORMAT_KEYS.has(key) && !(key in lists));
  const document: Entry = {
    ...Object.fromEntries(head),
    ...(only === undefined
      ? { rabbitmq_definition_format: 'cluster' }
      : { rabbitmq_definition_format: 'single_virtual_host', original_vhost_name: only }),
    ...lists,
  };
  const text = `${writeJson(document)}\n`;
  const secrets = [...new Set(text.match(SECRET) ?? [])];
  const notices = [...objects.notices, ...settings.notices];
  if (secrets.length > 0)
    notices.push(
      `${count(secrets.length, 'placeholder')} to fill in before RabbitMQ can use the file: ${nameSome(secrets)}.`,
    );
  return { text, notices };
}

/** Entries of one vhost, without its name. */
function ofVhost(list: readonly Entry[], vhost: string): Entry[] {
  return list.filter((entry) => entry.vhost === vhost).map(({ vhost: _same, ...entry }) => entry);
}

/** Importing fails on an object whose vhost is missing, so every one that is used is listed. */
function withUsed(vhosts: readonly Entry[], objects: readonly Entry[], defaultVhost: string): Entry[] {
  const listed = new Set([defaultVhost, ...vhosts.map(({ name }) => String(name))]);
  const used = new Set(objects.map(({ vhost }) => String(vhost)));
  const missing = [...used].filter((name) => !listed.has(name)).map((name): Entry => ({ name }));
  return sortBy([...vhosts, ...missing], ({ name }) => [name]);
}
