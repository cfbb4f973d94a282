import { implement, type Router } from '@orpc/server';
import { type Contract, contract } from '@shared/api/contract';
import { exampleFlow } from '@shared/examples/index';
import { Failure } from '@shared/failure';
import { emptyFlow } from '@shared/flow/schema';
import { answerTo } from './answers';
import type { Brokers } from './brokers';
import type { DeployJobs } from './deploy-jobs';
import type { Environments } from './environments';
import type { HostPort } from './host';
import type { LiveService } from './live';
import type { Logger } from './log';
import type { Redactor } from './redact';
import type { DeadLetterService } from './redrive-jobs';
import type { Sandboxes } from './sandbox/sandboxes';
import type { ReplayJobs } from './tape/replay-jobs';
import type { Tapes } from './tape/tapes';
import type { Transfer } from './transfer';
import { tryHandler } from './try-handler';
import type { Workspace } from './workspace';

/** Longest time a long poll is held, milliseconds; see the contract. */
const DOCUMENT_POLL_MS = 20_000;
const JOB_POLL_MS = 5000;

/** What the procedures call. */
export interface Services {
  host: HostPort;
  log: Logger;
  redactor: Redactor;
  workspace: Workspace;
  environments: Environments;
  /** Absent where the host has none. */
  sandboxes: Sandboxes | undefined;
  brokers: Brokers;
  deploys: DeployJobs;
  /** Deploys the open flow where that is the sandbox. */
  deployExample: () => Promise<void>;
  deadLetters: DeadLetterService;
  transfer: Transfer;
  live: LiveService;
  tapes: Tapes;
  replays: ReplayJobs;
}

export type EngineRouter = Router<Contract, Record<never, never>>;

/** The contract put into effect: each procedure is one call of a service. */
export function createRouter(services: Services): EngineRouter {
  const { host, workspace, environments, brokers, deploys, transfer, live, deadLetters, tapes, replays } = services;
  const sandbox = () => {
    if (services.sandboxes) return services.sandboxes;
    throw new Failure('host/no-sandbox', 'This host has no sandbox.');
  };
  const os = implement(contract).use(async ({ next, path, signal }) => {
    try {
      return await next();
    } catch (error) {
      const isCancelled = signal?.aborted === true && error === signal.reason;
      throw answerTo(error, path.join('.'), { ...services, isCancelled });
    }
  });
  const dialogs = () => {
    if (host.dialogs) return host.dialogs;
    throw new Failure('host/no-dialogs', 'This host has no file dialogs of its own.');
  };

  return os.router({
    host: {
      info: os.host.info.handler(() => ({
        version: host.version,
        fileDialogs: host.dialogs !== undefined,
        secretStore: host.secrets.kind,
      })),
      chooseFileToOpen: os.host.chooseFileToOpen.handler(({ input }) => dialogs().chooseFileToOpen(input.purpose)),
      chooseFileToSave: os.host.chooseFileToSave.handler(({ input }) =>
        dialogs().chooseFileToSave(input.suggestedName),
      ),
    },
    document: {
      state: os.document.state.handler(() => workspace.state()),
      next: os.document.next.handler(({ input, signal }) => workspace.next(input, DOCUMENT_POLL_MS, signal)),
      edit: os.document.edit.handler(({ input }) => workspace.edit(input.baseRevision, input.diff)),
      create: os.document.create.handler(async ({ input: { template } }) => {
        if (template === 'empty') return workspace.create(emptyFlow());
        const state = await workspace.create(exampleFlow(template));
        await services.deployExample();
        return state;
      }),
      open: os.document.open.handler(({ input }) => workspace.open(input.path)),
      openText: os.document.openText.handler(({ input }) => workspace.openText(input.name, input.text)),
      save: os.document.save.handler(({ input }) => workspace.save(input.path, input.overwrite)),
      markSaved: os.document.markSaved.handler(({ input }) => workspace.markSaved(input.revision)),
      recent: os.document.recent.handler(() => workspace.recent()),
      importText: os.document.importText.handler(({ input, signal }) => transfer.importText(input, signal)),
      importLive: os.document.importLive.handler(({ input, signal }) => transfer.importLive(input, signal)),
      export: os.document.export.handler(({ input, signal }) => transfer.export(input, signal)),
    },
    environments: {
      list: os.environments.list.handler(() => environments.list()),
      save: os.environments.save.handler(({ input }) => environments.save(input.environment, input.secrets)),
      remove: os.environments.remove.handler(async ({ input }) => {
        await environments.remove(input.id);
        return undefined;
      }),
      select: os.environments.select.handler(async ({ input }) => {
        await environments.select(input.id);
        return undefined;
      }),
      test: os.environments.test.handler(({ input }) => brokers.test(input)),
    },
    sandbox: {
      state: os.sandbox.state.handler(async () => (await services.sandboxes?.state()) ?? null),
      setVersion: os.sandbox.setVersion.handler(async ({ input }) => {
        await sandbox().setVersion(input.version);
        return undefined;
      }),
      reset: os.sandbox.reset.handler(async () => {
        await sandbox().reset();
        return undefined;
      }),
      setClock: os.sandbox.setClock.handler(async ({ input }) => {
        await sandbox().setClock(input);
        return undefined;
      }),
      step: os.sandbox.step.handler(async ({ input }) => {
        await sandbox().step(input.ms);
        return undefined;
      }),
    },
    brokers: {
      facts: os.brokers.facts.handler(({ input, signal }) => brokers.facts(input.broker, input.refresh, signal)),
    },
    deploy: {
      plan: os.deploy.plan.handler(({ input, signal }) => deploys.plan(input.prune, signal)),
      start: os.deploy.start.handler(({ input }) => deploys.start(input)),
      progress: os.deploy.progress.handler(({ input, signal }) =>
        deploys.progress(input.jobId, input.seen, JOB_POLL_MS, signal),
      ),
      cancel: os.deploy.cancel.handler(({ input }) => {
        deploys.cancel(input.jobId);
        return undefined;
      }),
    },
    deadLetters: {
      list: os.deadLetters.list.handler(({ signal }) => deadLetters.list(signal)),
      read: os.deadLetters.read.handler(({ input, signal }) => deadLetters.read(input, signal)),
      preview: os.deadLetters.preview.handler(({ input }) => deadLetters.preview(input)),
      redrive: os.deadLetters.redrive.handler(({ input }) => deadLetters.start(input.order, input.confirmation)),
      progress: os.deadLetters.progress.handler(({ input, signal }) =>
        deadLetters.progress(input.jobId, input.seen, JOB_POLL_MS, signal),
      ),
      pause: os.deadLetters.pause.handler(({ input }) => {
        deadLetters.pause(input.jobId, input.paused);
        return undefined;
      }),
      cancel: os.deadLetters.cancel.handler(({ input }) => {
        deadLetters.cancel(input.jobId);
        return undefined;
      }),
    },
    handlers: {
      try: os.handlers.try.handler(async ({ input, signal }) => {
        const { variables } = await environments.active();
        return tryHandler(workspace.flow(), input, variables, signal ?? new AbortController().signal);
      }),
    },
    traffic: {
      frame: os.traffic.frame.handler(({ input }) => {
        const recording = tapes.recording();
        return { ...live.frame(input), ...(recording ? { recording } : {}) };
      }),
      journeys: os.traffic.journeys.handler(({ input }) => live.journeys(input)),
      journey: os.traffic.journey.handler(({ input }) => live.journey(input.id)),
      watch: os.traffic.watch.handler(async ({ input }) => {
        await live.watch(input.mode);
        return undefined;
      }),
      run: os.traffic.run.handler(async ({ input }) => {
        await live.run(input);
        return undefined;
      }),
      stop: os.traffic.stop.handler(async () => {
        await live.stop();
        return undefined;
      }),
      publish: os.traffic.publish.handler(({ input, signal }) => live.publish({ ...input, signal })),
    },
    tapes: {
      record: os.tapes.record.handler(({ input }) => tapes.record(input)),
      stop: os.tapes.stop.handler(() => tapes.stop()),
      list: os.tapes.list.handler(() => tapes.list()),
      open: os.tapes.open.handler(({ input }) => tapes.open(input.path)),
      openText: os.tapes.openText.handler(({ input }) => tapes.openText(input.name, input.text)),
      close: os.tapes.close.handler(({ input }) => {
        tapes.close(input.tapeId);
        return undefined;
      }),
      frames: os.tapes.frames.handler(({ input: { tapeId, ...moment } }) => tapes.frames(tapeId, moment)),
      journeys: os.tapes.journeys.handler(({ input: { tapeId, at, ...request } }) =>
        tapes.journeys(tapeId, at, request),
      ),
      journey: os.tapes.journey.handler(({ input: { tapeId, at, id } }) => tapes.journey(tapeId, at, id)),
      preview: os.tapes.preview.handler(({ input: { tapeId, ...order } }) =>
        replays.preview({ ...order, path: tapes.pathOf(tapeId) }),
      ),
      replay: os.tapes.replay.handler(({ input: { tapeId, ...order } }) =>
        replays.start({ ...order, path: tapes.pathOf(tapeId) }),
      ),
      progress: os.tapes.progress.handler(({ input, signal }) =>
        replays.progress(input.jobId, input.seen, JOB_POLL_MS, signal),
      ),
      cancel: os.tapes.cancel.handler(({ input }) => {
        replays.cancel(input.jobId);
        return undefined;
      }),
    },
  });
}
