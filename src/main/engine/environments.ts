import { join } from 'node:path';
import {
  type Connection,
  type Environment,
  environmentSchema,
  GIVEN_ENVIRONMENT,
  SANDBOX_ENVIRONMENT,
} from '@shared/api/environment';
import { Failure } from '@shared/failure';
import { z } from 'zod';
import type { ConnectionTarget } from '../kinds/driver';
import { createConnectionSecrets, type SecretOrigin } from './connection-secrets';
import { readOwnJson, writeOwnJson } from './files';
import { type GivenConnection, givenConnections, givenEnvironment, givenTarget } from './given-connections';
import type { HostPort } from './host';
import { createTurns } from './in-turn';
import type { Redactor } from './redact';

/** Named sets of connections. URLs kept here never hold a password; the host's secret store does. */
export interface Environments {
  list: () => Promise<{ active: string; environments: Environment[] }>;
  active: () => Promise<Environment>;
  /** Adds or replaces; passwords inside URLs are split off into the secret store. */
  save: (environment: Environment, secrets: Record<string, string>) => Promise<Environment>;
  remove: (id: string) => Promise<void>;
  select: (id: string) => Promise<void>;
  /** Where the brokers of an environment are, by default the active one, secrets included; those without a connection are absent. */
  targets: (id?: string) => Promise<Record<string, ConnectionTarget>>;
  /** @throws Failure `environment/unknown` */
  find: (id: string) => Promise<Environment>;
  /** A target for the test button: the secret given, else the one stored for the environment's broker. */
  targetOf: (connection: Connection, origin: SecretOrigin) => Promise<ConnectionTarget>;
  /** Keeps values of `{{secret:NAME}}` for the active environment; those that it has already stay. */
  keepSecrets: (values: Record<string, string>) => Promise<void>;
  /** Called with the id of the environment that was saved, removed or selected; returns the stop function. */
  onChange: (listener: (id: string) => void) => () => void;
}

export interface EnvironmentsOptions {
  host: HostPort;
  redactor: Redactor;
  given: Record<string, GivenConnection>;
  /** Broker ids of the open flow: their `TAPLINE_CONNECT_<ID>` variables count. */
  brokerIds: () => string[];
  /** `{{secret:ID}}` names used by the open flow. */
  secretNames: () => string[];
  /** The embedded brokers; without them there is no sandbox environment. */
  sandboxes?: SandboxTargets;
}

/** What the sandbox environment is made of. */
export interface SandboxTargets {
  /** Connections as views see them, by broker id. Starts nothing. */
  connections: () => Record<string, Connection>;
  /** Starts what is not running. @throws Failure */
  targets: () => Promise<Record<string, ConnectionTarget>>;
  /** Called when one is somewhere else or something else than it was. */
  onChange: (listener: () => void) => () => void;
}

const storedSchema = z.object({ active: z.string(), environments: z.array(environmentSchema) });
type Stored = z.infer<typeof storedSchema>;

const LOCAL: Environment = environmentSchema.parse({ id: 'local', name: 'Local' });
const SANDBOX: Environment = environmentSchema.parse({ id: SANDBOX_ENVIRONMENT, name: 'Sandbox', allowRun: true });

export function createEnvironments(options: EnvironmentsOptions): Environments {
  const { host, redactor, sandboxes } = options;
  const file = join(host.dataFolder, 'environments.json');
  const secrets = createConnectionSecrets(host, redactor);
  const listeners = new Set<(id: string) => void>();
  /** Chosen since the start; the stored choice counts only where no connections were given. */
  let chosen: string | undefined;

  const inTurn = createTurns();
  const first = (stored: Environment[]) => (sandboxes ? SANDBOX.id : (stored[0]?.id ?? LOCAL.id));
  const read = () =>
    readOwnJson<Stored>(file, storedSchema, { active: first([]), environments: sandboxes ? [] : [LOCAL] });
  const given = () => givenConnections(options.brokerIds(), options.given, host.variables);

  /** Changes the stored environments on behalf of `changed`. */
  async function update(changed: string, change: (stored: Stored) => Stored): Promise<void> {
    await inTurn(async () => writeOwnJson(file, change(await read())));
    for (const listener of listeners) listener(changed);
  }

  sandboxes?.onChange(() => {
    for (const listener of listeners) listener(SANDBOX.id);
  });

  async function list(): Promise<{ active: string; environments: Environment[] }> {
    const stored = await read();
    const anonymous = givenEnvironment(given());
    const environments = [
      ...(anonymous ? [anonymous] : []),
      ...(sandboxes ? [{ ...SANDBOX, connections: sandboxes.connections() }] : []),
      ...stored.environments,
    ];
    const wanted = chosen ?? (anonymous ? GIVEN_ENVIRONMENT : stored.active);
    const active = environments.find(({ id }) => id === wanted) ?? environments[0] ?? LOCAL;
    return { active: active.id, environments };
  }

  async function active(): Promise<Environment> {
    const { active: id, environments } = await list();
    return environments.find((environment) => environment.id === id) ?? LOCAL;
  }

  async function find(id: string): Promise<Environment> {
    const found = (await list()).environments.find((environment) => environment.id === id);
    if (found) return found;
    throw new Failure('environment/unknown', 'There is no such environment any more.', { object: id });
  }

  return {
    list,
    active,
    targetOf: secrets.targetOf,
    async save(environment, givenSecrets) {
      if (environment.id === GIVEN_ENVIRONMENT) {
        throw new Failure('environment/fixed', 'The connections given on the command line cannot be changed here.', {
          hint: 'Make an environment of your own instead.',
        });
      }
      if (environment.id === SANDBOX_ENVIRONMENT) {
        throw new Failure('environment/fixed', 'The sandbox is built in: its connections cannot be changed.', {
          hint: 'Make an environment of your own instead.',
        });
      }
      const saved = { ...environment, connections: await secrets.keep(environment, givenSecrets) };
      await update(saved.id, (stored) => {
        const isKnown = stored.environments.some(({ id }) => id === saved.id);
        const environments = isKnown
          ? stored.environments.map((other) => (other.id === saved.id ? saved : other))
          : [...stored.environments, saved];
        return { ...stored, environments };
      });
      return saved;
    },
    async remove(id) {
      const gone = (await read()).environments.find((environment) => environment.id === id);
      if (!gone) return;
      await secrets.forget(gone);
      await update(id, (stored) => {
        const left = stored.environments.filter((environment) => environment.id !== id);
        const environments = left.length > 0 || sandboxes ? left : [LOCAL];
        return { active: stored.active === id ? first(environments) : stored.active, environments };
      });
    },
    async select(id) {
      await find(id);
      chosen = id;
      await update(id, (stored) => (id === GIVEN_ENVIRONMENT ? stored : { ...stored, active: id }));
    },
    find,
    async targets(id) {
      const environment = id === undefined ? await active() : await find(id);
      const named = await secrets.named(environment.id, options.secretNames());
      const targets: Record<string, ConnectionTarget> = {};
      if (sandboxes && environment.id === SANDBOX_ENVIRONMENT) {
        for (const [broker, target] of Object.entries(await sandboxes.targets()))
          targets[broker] = { ...target, secrets: named };
        return targets;
      }
      if (environment.id === GIVEN_ENVIRONMENT) {
        for (const [broker, connection] of Object.entries(given())) {
          targets[broker] = { ...givenTarget(broker, connection, redactor), secrets: named };
        }
        return targets;
      }
      for (const [broker, connection] of Object.entries(environment.connections)) {
        const target = await secrets.targetOf(connection, { environment: environment.id, broker });
        targets[broker] = { ...target, secrets: named };
      }
      return targets;
    },
    async keepSecrets(values) {
      await secrets.keepNamed((await active()).id, values);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
