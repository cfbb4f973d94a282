import { Failure } from '@shared/failure';
import { importTopology } from '@shared/kinds/rabbitmq/import/import-definitions';
import type { ConnectionTarget, Importer, LiveImportRequest } from '../driver';
import { readTopology } from './inspect';
import { findManagement } from './management';
import { defaultVhost } from './target';

/**
 * Reads vhosts of the live broker once; what was found can be brought into any flow. Bindings, policies and vhosts are seen
 * through the management API only, so that without it nothing is imported. @throws Failure
 */
export async function importLive(target: ConnectionTarget, request: LiveImportRequest): Promise<Importer> {
  const { broker } = target;
  const { signal } = request;
  const management = await findManagement(target, signal);
  if (!management.client) {
    throw new Failure(
      'import/needs-management',
      `The broker “${broker}” cannot be imported without its management API. ${management.reason}`,
      { hint: target.managementUrl ? undefined : 'Give its URL, such as http://host:15672.', object: broker },
    );
  }
  try {
    const own = defaultVhost(target);
    const asked = request.vhosts === 'all' ? 'all' : [...new Set([own, ...request.vhosts])];
    const found = await readTopology(target, management.client, asked, signal);
    const known = found.vhosts?.map(({ name }) => name);
    if (asked !== 'all' && known && !known.includes(own)) {
      throw new Failure('import/no-vhost', noVhost(own), {
        hint: known.length > 0 ? `It may see ${known.join(', ')}.` : undefined,
        object: broker,
      });
    }
    const vhosts = asked === 'all' ? (known ?? [own]) : asked.filter((name) => known?.includes(name) ?? true);
    const notices = unseen(found, asked === 'all' ? [] : asked.filter((name) => !vhosts.includes(name)));
    return (into) =>
      importTopology(found, {
        broker,
        defaultVhost: own,
        vhosts,
        brokerName: found.facts.clusterName,
        notices,
        ...(into ? { into } : {}),
      });
  } finally {
    management.client.close();
  }
}

function noVhost(name: string): string {
  return `There is no virtual host “${name}”, or the user may not see it.`;
}

/** Sentences on what the user may not see. */
function unseen(
  { vhosts, policies, operatorPolicies, parameters }: Awaited<ReturnType<typeof readTopology>>,
  missing: readonly string[],
): string[] {
  const lists = { 'virtual hosts': vhosts, policies, 'operator policies': operatorPolicies, parameters };
  const hidden = Object.entries(lists).flatMap(([noun, list]) => (list === null ? [noun] : []));
  const notices = missing.map(noVhost);
  if (hidden.length > 0) notices.push(`Not seen, since the user may not read them: ${hidden.join(', ')}.`);
  return notices;
}
