import { splitUrl } from '@shared/api/connection-url';
import { type Connection, type Environment, GIVEN_ENVIRONMENT } from '@shared/api/environment';
import type { ConnectionTarget } from '../kinds/driver';
import type { HostPort } from './host';
import type { Redactor } from './redact';

/** A connection as it comes from the command line or an environment variable, passwords in place. */
export interface GivenConnection {
  url: string;
  managementUrl?: string;
  tls?: ConnectionTarget['tls'];
  isSandbox?: boolean;
}

/** `main broker` → `MAIN_BROKER`, as in `TAPLINE_CONNECT_MAIN_BROKER`. */
export function variableSuffix(id: string): string {
  return id.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/** The connections of a flow's brokers by `--connect`, else by `TAPLINE_CONNECT_<ID>` and `TAPLINE_MANAGEMENT_<ID>`. */
export function givenConnections(
  brokerIds: string[],
  given: Record<string, GivenConnection>,
  variables: HostPort['variables'],
): Record<string, GivenConnection> {
  const found: Record<string, GivenConnection> = { ...given };
  for (const id of brokerIds) {
    const suffix = variableSuffix(id);
    const url = found[id]?.url ?? variables[`TAPLINE_CONNECT_${suffix}`];
    const managementUrl = found[id]?.managementUrl ?? variables[`TAPLINE_MANAGEMENT_${suffix}`];
    if (url) found[id] = { url, ...(managementUrl ? { managementUrl } : {}) };
  }
  return found;
}

/** A target out of a given connection; its passwords are masked from then on. */
export function givenTarget(broker: string, connection: GivenConnection, redactor?: Redactor): ConnectionTarget {
  for (const url of [connection.url, connection.managementUrl]) {
    const secret = url === undefined ? undefined : splitUrl(url).secret;
    if (secret !== undefined) redactor?.add(secret);
  }
  return { broker, ...connection };
}

/** The environment made of given connections, as views see it; null when none was given. */
export function givenEnvironment(given: Record<string, GivenConnection>): Environment | null {
  const connections = Object.entries(given);
  if (connections.length === 0) return null;
  return {
    id: GIVEN_ENVIRONMENT,
    name: 'Command line',
    protection: 'open',
    // Naming the broker on the command line is the permission.
    allowRun: true,
    variables: {},
    connections: Object.fromEntries(connections.map(([id, connection]) => [id, withoutPassword(connection)])),
  };
}

function withoutPassword({ url, managementUrl, tls }: GivenConnection): Connection {
  const split = splitUrl(url);
  return {
    url: split.url,
    ...(managementUrl ? { managementUrl: splitUrl(managementUrl).url } : {}),
    ...(tls ? { tls } : {}),
    hasSecret: split.secret !== undefined,
  };
}
