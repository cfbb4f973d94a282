import { join, resolve } from 'node:path';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import { URL_SCHEMES } from '@shared/kinds/registry';
import { type Command, Option } from 'commander';
import { type AuditLog, createAuditLog } from '../engine/audit';
import { secretNames } from '../engine/connection-secrets';
import { defaultDataFolder } from '../engine/data-folder';
import { createEnvironments, type Environments } from '../engine/environments';
import { readTextFile } from '../engine/files';
import { type GivenConnection, givenConnections, variableSuffix } from '../engine/given-connections';
import { memorySecrets } from '../engine/host';
import { DRIVERS } from '../engine/kinds';
import { createLedger } from '../engine/ledger';
import { type DeployContext, flowIdentity, isDrawn } from '../engine/planner';
import { urlsOf } from '../engine/sandbox/sandbox-address';
import { TAPLINE_VERSION } from '../engine/version';
import { hasSandbox, readSandboxLock, sandboxFiles, sandboxFolder } from '../sandbox/start';
import type { CommandTools } from './command';
import { deployHere } from './deploy-here';
import { brokerUrl } from './option-values';
import { startTemporarySandboxes } from './temporary-sandboxes';
import { count } from './text';

/** Options of every command that talks to brokers. */
export interface ConnectOptions extends TlsOptions {
  connect?: Record<string, string>;
  management?: Record<string, string>;
}

/** Certificates of a connection, PEM files. */
export interface TlsOptions {
  ca?: string;
  clientCert?: string;
  clientKey?: string;
}

/** Adds `--connect` and what belongs to it. */
export function addConnectOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--connect <ID=URL>',
        'where a broker of the flow is; repeatable; TAPLINE_CONNECT_<ID> does the same',
      ).argParser(brokerUrl(URL_SCHEMES, 'amqp://guest@localhost')),
    )
    .addOption(
      new Option('--management <ID=URL>', 'its management API; repeatable; default: the usual port').argParser(
        brokerUrl(['http', 'https'], 'http://localhost:15672'),
      ),
    )
    .option('--ca <FILE>', 'certificate authority to trust, PEM')
    .option('--client-cert <FILE>', 'client certificate, PEM')
    .option('--client-key <FILE>', 'key of the client certificate, PEM');
}

/** A flow with the brokers that were named for it. */
export interface Session {
  flow: Flow;
  environments: Environments;
  audit: AuditLog;
  dataFolder: string;
  /** For plan, deploy and destroy. */
  deployContext: (ledgerFile?: string) => Promise<DeployContext>;
}

/** A session that may have brought its brokers along; they end with it. */
interface LiveSession extends Session {
  close: () => Promise<void>;
}

/** Brokers as a command sees them: by id; those of nobody are `missing`. */
interface FoundConnections {
  given: Record<string, GivenConnection>;
  missing: string[];
}

/**
 * Joins a flow with its brokers: `--connect` wins over `TAPLINE_CONNECT_<ID>`. A broker that was named
 * neither way is the flow's sandbox, if that is running. Connections kept by the window do not count here: a command touches
 * only what it was told. @throws Failure when a broker is unknown or has no connection
 */
export async function openSession(flow: Flow, options: ConnectOptions, tools: CommandTools): Promise<Session> {
  const { given, missing } = await findConnections(flow, options, tools);
  refuseMissing(flow, missing);
  return sessionWith(flow, given, tools);
}

/**
 * The same for a command that can do with brokers of its own: where nothing says where any of them is and no sandbox runs, it
 * gets temporary ones with the flow deployed. Close it. @throws Failure
 */
export async function openLiveSession(flow: Flow, options: ConnectOptions, tools: CommandTools): Promise<LiveSession> {
  const { given, missing } = await findConnections(flow, options, tools);
  const canBeSandboxes = missing.every((id) => hasSandbox(flow.brokers[id]?.kind ?? ''));
  if (missing.length === 0 || Object.keys(given).length > 0 || !canBeSandboxes) {
    refuseMissing(flow, missing);
    return { ...sessionWith(flow, given, tools), close: async () => {} };
  }
  const { connections, folder, close } = await startTemporarySandboxes(flow, missing, tools);
  try {
    const session = sessionWith(flow, connections, tools);
    const deployed = await deployHere(await session.deployContext(join(folder, 'ledger.json')), tools);
    const left = deployed.failed + deployed.skipped;
    const outcome = left === 0 ? 'with the flow deployed' : `with the flow deployed but for ${count(left, 'step')}`;
    tools.terminal.err(`No broker was named: a temporary sandbox is used, ${outcome}; it ends with this command.\n`);
    return { ...session, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function sessionWith(
  flow: Flow,
  given: Record<string, GivenConnection>,
  { terminal, redactor }: CommandTools,
): Session {
  const dataFolder = defaultDataFolder(terminal.variables);
  const kept = createEnvironments({
    host: { version: TAPLINE_VERSION, dataFolder, secrets: memorySecrets(), variables: terminal.variables },
    redactor,
    given,
    brokerIds: () => [],
    secretNames: () => secretNames(flow.brokers),
  });
  const environments: Environments = {
    ...kept,
    targets: async () => (Object.keys(given).length === 0 ? {} : kept.targets()),
  };
  const audit = createAuditLog(dataFolder, redactor);
  return {
    flow,
    environments,
    audit,
    dataFolder,
    async deployContext(ledgerFile) {
      return {
        flow,
        targets: await environments.targets(),
        drivers: DRIVERS,
        ledger: createLedger(ledgerFile === undefined ? { dataFolder } : { file: resolve(ledgerFile) }),
        audit,
        dataFolder,
        environment: { name: 'the command line', protection: 'open' },
      };
    },
  };
}

async function findConnections(
  flow: Flow,
  options: ConnectOptions,
  { terminal: { variables } }: CommandTools,
): Promise<FoundConnections> {
  const { connect = {}, management = {} } = options;
  const ids = Object.keys(flow.brokers);
  for (const id of Object.keys(connect)) refuseUnknown(flow, '--connect', id);
  for (const id of Object.keys(management)) refuseUnknown(flow, '--management', id);
  const tls = await readTls(options);
  const given = givenConnections(ids, connectionsGiven(options, tls), variables);
  const missing: string[] = [];
  for (const id of ids) {
    const connection = given[id];
    if (connection) {
      const managementUrl = management[id] ?? connection.managementUrl;
      given[id] = { ...connection, ...(managementUrl ? { managementUrl } : {}), ...(tls ? { tls } : {}) };
      continue;
    }
    // Its management alone says that a real one is meant.
    if (management[id]) refuseMissing(flow, [id]);
    const sandbox = await runningSandbox(flow, id, defaultDataFolder(variables));
    if (sandbox) given[id] = sandbox;
    else if (isDrawn(flow, id)) missing.push(id);
  }
  return { given, missing };
}

function refuseMissing(flow: Flow, [id]: string[]): void {
  if (id === undefined) return;
  throw new Failure('cli/no-connection', `Nothing says where the broker “${id}” (${flow.brokers[id]?.name}) is.`, {
    hint: `Give --connect ${id}=URL, or set TAPLINE_CONNECT_${variableSuffix(id)}. Or run “tapline sandbox FLOW” beside it.`,
    object: id,
  });
}

/** The sandbox of a broker of the flow, run by the window or by `tapline sandbox`. */
async function runningSandbox(flow: Flow, broker: string, dataFolder: string): Promise<GivenConnection | null> {
  const kind = flow.brokers[broker]?.kind ?? '';
  if (!hasSandbox(kind)) return null;
  const start = { folder: sandboxFolder(dataFolder), flow: flowIdentity(flow), broker, kind };
  const address = (await readSandboxLock(sandboxFiles(start).lock))?.address;
  return address ? { ...urlsOf(kind, address), isSandbox: true } : null;
}

function refuseUnknown(flow: Flow, option: string, id: string): void {
  const ids = Object.keys(flow.brokers);
  if (ids.includes(id)) return;
  throw new Failure(
    'cli/unknown-broker',
    `${option} names the broker “${id}”, which is not in the flow “${flow.name}”.`,
    {
      hint: ids.length > 0 ? `Its brokers are ${ids.join(', ')}.` : 'It has no brokers.',
      object: id,
    },
  );
}

/** The connections of `--connect`, with the management URLs that belong to them. */
export function connectionsGiven(
  { connect = {}, management = {} }: ConnectOptions,
  tls: GivenConnection['tls'],
): Record<string, GivenConnection> {
  const entries = Object.entries(connect).map(([id, url]): [string, GivenConnection] => {
    const managementUrl = management[id];
    return [id, { url, ...(managementUrl ? { managementUrl } : {}), ...(tls ? { tls } : {}) }];
  });
  return Object.fromEntries(entries);
}

/** `--ca`, `--client-cert` and `--client-key`. The files are read once now, so that a wrong path is told before anything is done. @throws Failure */
export async function readTls({ ca, clientCert: cert, clientKey: key }: TlsOptions): Promise<GivenConnection['tls']> {
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if ((cert === undefined) !== (key === undefined))
    throw new Failure('cli/usage', '--client-cert and --client-key belong together: give both.');
  for (const file of [ca, cert, key]) if (file !== undefined) await readTextFile(file);
  return {
    verify: true,
    ...(ca === undefined ? {} : { caFile: resolve(ca) }),
    ...(cert === undefined ? {} : { certFile: resolve(cert) }),
    ...(key === undefined ? {} : { keyFile: resolve(key) }),
  };
}
