import { mkdir } from 'node:fs/promises';
import { SANDBOX_ENVIRONMENT } from '@shared/api/environment';
import { Failure } from '@shared/failure';
import { createAuditLog } from './audit';
import { createBrokers } from './brokers';
import { secretNames } from './connection-secrets';
import { createDeployJobs } from './deploy-jobs';
import { deployFlow } from './deployer';
import { createEnvironments, type Environments } from './environments';
import { openFirstFlow } from './first-flow';
import type { GivenConnection } from './given-connections';
import type { HostPort } from './host';
import { hostLive, type LiveFactory } from './hosted-live';
import { DRIVERS, type Drivers } from './kinds';
import { createLedger } from './ledger';
import { createLiveService } from './live-service';
import { createLogger, type Logger } from './log';
import type { DeployContext } from './planner';
import { createRedactor } from './redact';
import { createDeadLetterService } from './redrive-jobs';
import { createRouter, type EngineRouter } from './router';
import { createSandboxes } from './sandbox/sandboxes';
import { createReplayJobs } from './tape/replay-jobs';
import { createTapes } from './tape/tapes';
import { createTransfer } from './transfer';
import { openWorkspace, type Workspace } from './workspace';

export interface EngineOptions {
  /** Flow file to open; default: unsaved work of an earlier run, else the example. */
  flowPath?: string;
  /** Connections by broker id that make an environment of their own (`--connect`). */
  connections?: Record<string, GivenConnection>;
  log?: Logger;
  /** Other brokers than the built-in kinds, for tests. */
  drivers?: Drivers;
  createLive?: LiveFactory;
}

/** Everything behind the contract. One engine serves any number of views. */
export interface Engine {
  router: EngineRouter;
  workspace: Workspace;
  environments: Environments;
  log: Logger;
  /** Stops what runs and leaves no consumer, tap, lock or timer behind. Unsaved work is kept. */
  close: () => Promise<void>;
}

/** Puts the engine together for a host. @throws Failure when the flow file cannot be opened */
export async function createEngine(host: HostPort, options: EngineOptions = {}): Promise<Engine> {
  const redactor = createRedactor();
  const log = options.log ?? createLogger(redactor);
  await mkdir(host.dataFolder, { recursive: true, mode: 0o700 });
  const first = await openFirstFlow(host.dataFolder);
  const workspace = await openWorkspace({
    dataFolder: host.dataFolder,
    log,
    firstFlow: () => first.flow,
    onSaved: first.onSaved,
    path: options.flowPath,
  });
  const { spawnSandbox } = host;
  const sandboxes = spawnSandbox
    ? createSandboxes({ host: { ...host, spawnSandbox }, flow: workspace.flow, log, redactor })
    : undefined;
  const environments = createEnvironments({
    host,
    redactor,
    given: options.connections ?? {},
    brokerIds: () => Object.keys(workspace.flow().brokers),
    secretNames: () => secretNames(workspace.flow().brokers),
    sandboxes,
  });
  const drivers = options.drivers ?? DRIVERS;
  const audit = createAuditLog(host.dataFolder, redactor);
  const ledger = createLedger({ dataFolder: host.dataFolder });
  const brokers = createBrokers({ flow: workspace.flow, environments, drivers, log });
  const live = await hostLive({
    flow: workspace.flow,
    environments,
    audit,
    dataFolder: host.dataFolder,
    create: options.createLive ?? ((context) => createLiveService(context, drivers)),
  });
  /** A sandbox shows everything at no cost: it is watched from the start. */
  const watchSandbox = async () => {
    if (!sandboxes || (await environments.active()).id !== SANDBOX_ENVIRONMENT) return;
    await live.watch('counters').catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      log.info({ err: error }, 'the sandbox is not watched');
    });
  };
  const beginLive = (begin: () => Promise<void>) =>
    void begin()
      .then(watchSandbox)
      .catch((error: unknown) => log.error({ err: error }, 'live traffic did not begin anew'));
  const restartLive = () => beginLive(live.restart);
  workspace.onReplaced(() => {
    void sandboxes?.letGo().catch((error: unknown) => log.error({ err: error }, 'a sandbox did not end'));
    restartLive();
  });
  let activeId = (await environments.active()).id;
  environments.onChange((changed) => {
    void environments.active().then(({ id }) => {
      // Another environment that is edited meanwhile must not stop what runs in this one.
      if (id !== activeId || changed === id) restartLive();
      activeId = id;
    });
  });
  const deployContext = async (): Promise<DeployContext> => ({
    flow: workspace.flow(),
    targets: await environments.targets(),
    drivers,
    ledger,
    audit,
    dataFolder: host.dataFolder,
    environment: await environments.active(),
  });
  /** Whoever begins with an example finds it in place, and only has to press Run. */
  const deployExample = async () => {
    if (!sandboxes || (await environments.active()).id !== SANDBOX_ENVIRONMENT) return;
    await deployFlow(await deployContext()).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      log.error({ err: error }, 'the example was not deployed to the sandbox');
    });
  };
  const deploys = createDeployJobs(deployContext);
  const deadLetters = createDeadLetterService(deployContext);
  const transfer = createTransfer({ workspace, environments, drivers });
  const tapes = createTapes({ dataFolder: host.dataFolder, flow: workspace.flow, environments, live, redactor });
  const replays = createReplayJobs({
    flow: workspace.flow,
    environments,
    live,
    openIn: (id) =>
      hostLive({
        flow: workspace.flow,
        environments: { ...environments, active: () => environments.find(id), targets: () => environments.targets(id) },
        audit,
        dataFolder: host.dataFolder,
        create: (context) => createLiveService(context, drivers),
      }),
  });
  const router = createRouter({
    host,
    log,
    redactor,
    workspace,
    environments,
    sandboxes,
    brokers,
    deploys,
    deployExample,
    deadLetters,
    transfer,
    live,
    tapes,
    replays,
  });
  if (workspace.flow() === first.flow) await deployExample();
  beginLive(async () => {});
  return {
    router,
    workspace,
    environments,
    log,
    async close() {
      await deploys.close();
      await deadLetters.close();
      await replays.close();
      await tapes.end();
      await live.close();
      await workspace.close();
      await sandboxes?.close();
    },
  };
}
