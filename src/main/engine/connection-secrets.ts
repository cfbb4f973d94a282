import { splitUrl } from '@shared/api/connection-url';
import type { Connection, Environment } from '@shared/api/environment';
import type { ConnectionTarget } from '../kinds/driver';
import { joinUrl } from './connection-url';
import { variableSuffix } from './given-connections';
import type { HostPort } from './host';
import type { Redactor } from './redact';

/** Where the password of a target comes from when its URL has none. */
export interface SecretOrigin {
  /** As typed. */
  secret?: string;
  /** Environment and broker it was stored for. */
  environment?: string;
  broker?: string;
}

/** Takes passwords out of connections into the host's secret store, and puts them back for those who connect. */
export interface ConnectionSecrets {
  /** Stores passwords given apart or inside URLs; gives the connections without them. A connection with `hasSecret: false` forgets its own. */
  keep: (environment: Environment, secrets: Record<string, string>) => Promise<Environment['connections']>;
  forget: (environment: Environment) => Promise<void>;
  targetOf: (connection: Connection, origin: SecretOrigin) => Promise<ConnectionTarget>;
  /** Values of `{{secret:NAME}}` inside a flow: `TAPLINE_SECRET_<NAME>`, else what was stored for the environment. */
  named: (environment: string, names: string[]) => Promise<Record<string, string>>;
  /** Stores values of `{{secret:NAME}}` that the environment does not have yet. */
  keepNamed: (environment: string, values: Record<string, string>) => Promise<void>;
}

/** What follows a broker's id for the password of its management API. */
const MANAGEMENT = '/management';
/** What precedes the name of a `{{secret:NAME}}` among the secrets given. */
const NAMED = 'secret:';
const idOf = (environment: string, part: string) => `environment/${environment}/${part}`;

export function createConnectionSecrets({ secrets, variables }: HostPort, redactor: Redactor): ConnectionSecrets {
  async function store(id: string, secret: string): Promise<void> {
    redactor.add(secret);
    await secrets.set(id, secret);
  }

  async function load(environment: string | undefined, part: string | undefined): Promise<string | undefined> {
    if (environment === undefined || part === undefined) return undefined;
    return secrets.get(idOf(environment, part));
  }

  async function keepOne(id: string, connection: Connection, given: string | undefined): Promise<Connection> {
    const url = splitUrl(connection.url);
    const management = connection.managementUrl ? splitUrl(connection.managementUrl) : undefined;
    const secret = given ?? url.secret;
    if (secret !== undefined) await store(id, secret);
    else if (!connection.hasSecret) await secrets.delete(id);
    if (management?.secret !== undefined) await store(id + MANAGEMENT, management.secret);
    return {
      ...connection,
      url: url.url,
      ...(management ? { managementUrl: management.url } : {}),
      hasSecret: (await secrets.get(id)) !== undefined,
    };
  }

  async function named(environment: string, names: string[]): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const name of names) {
      const secret = variables[`TAPLINE_SECRET_${variableSuffix(name)}`] ?? (await load(environment, NAMED + name));
      if (secret === undefined) continue;
      redactor.add(secret);
      found[name] = secret;
    }
    return found;
  }

  return {
    named,
    async keepNamed(environment, values) {
      const known = await named(environment, Object.keys(values));
      for (const [name, secret] of Object.entries(values)) {
        if (known[name] === undefined) await store(idOf(environment, NAMED + name), secret);
      }
    },
    async keep(environment, given) {
      const kept: Environment['connections'] = {};
      for (const [broker, connection] of Object.entries(environment.connections)) {
        kept[broker] = await keepOne(idOf(environment.id, broker), connection, given[broker]);
      }
      for (const [name, secret] of Object.entries(given)) {
        if (name.startsWith(NAMED)) await store(idOf(environment.id, name), secret);
      }
      return kept;
    },
    async forget(environment) {
      for (const broker of Object.keys(environment.connections)) {
        await secrets.delete(idOf(environment.id, broker));
        await secrets.delete(idOf(environment.id, broker) + MANAGEMENT);
      }
    },
    async targetOf(connection, { secret: typed, environment, broker }) {
      const url = splitUrl(connection.url);
      const management = connection.managementUrl ? splitUrl(connection.managementUrl) : undefined;
      const secret = typed ?? url.secret ?? (await load(environment, broker));
      const managementSecret =
        management?.secret ?? (await load(environment, broker === undefined ? undefined : broker + MANAGEMENT));
      for (const known of [secret, managementSecret]) if (known !== undefined) redactor.add(known);
      return {
        broker: broker ?? '',
        url: joinUrl(url.url, secret),
        // Without a user of its own the management API is asked with the broker's credentials.
        ...(management ? { managementUrl: joinUrl(management.url, managementSecret) } : {}),
        ...(connection.tls ? { tls: connection.tls } : {}),
      };
    },
  };
}

/** `{{secret:ID}}` inside parameter values of a flow's brokers. */
export function secretNames(brokers: unknown): string[] {
  return [...JSON.stringify(brokers).matchAll(/\{\{secret:([^}"]+)\}\}/g)].map(([, name = '']) => name);
}
