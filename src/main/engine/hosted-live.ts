import type { Environment } from '@shared/api/environment';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import type { AuditLog } from './audit';
import type { Environments } from './environments';
import { type Activity, acquireLease, type Lease } from './lease';
import type { LiveContext, LiveService } from './live';
import { flowIdentity, targetsIdentity } from './planner';
import { checkProtection } from './protection';

export type LiveFactory = (context: LiveContext) => LiveService;

export interface LiveHostOptions {
  flow: () => Flow;
  environments: Environments;
  audit: AuditLog;
  dataFolder: string;
  create: LiveFactory;
}

/** A live service that outlives documents and environments, see `hostLive`. */
export interface HostedLive extends LiveService {
  /** Ends what runs and begins anew: another document or environment is in charge. */
  restart: () => Promise<void>;
}

/**
 * Puts the rules of the environment around live traffic: what a read-only environment forbids, one lease each for running
 * and tapping per flow and environment, and the audit log.
 */
export async function hostLive(options: LiveHostOptions): Promise<HostedLive> {
  const { environments, audit } = options;
  const leases = new Map<Activity, Lease>();
  let environment: Environment = await environments.active();
  let isStarting = false;

  const context: LiveContext = {
    flow: options.flow,
    targets: environments.targets,
    maskBodies: () => environment.protection !== 'open',
    variables: () => environment.variables,
    mayRun: () => {
      if (environment.protection === 'read-only') {
        return {
          allowed: false,
          reason: `${environment.name} is read-only: Tapline publishes and consumes nothing there.`,
        };
      }
      if (!environment.allowRun) {
        return {
          allowed: false,
          reason: `${environment.name} does not allow Tapline's handlers to consume: they would take messages from real services. Allow it in the connection dialog.`,
        };
      }
      return { allowed: true };
    },
  };
  let live = options.create(context);

  async function take(activity: Activity): Promise<void> {
    if (leases.has(activity)) return;
    const flow = options.flow();
    const where = targetsIdentity(await environments.targets());
    leases.set(
      activity,
      await acquireLease({
        dataFolder: options.dataFolder,
        activity,
        flow: flowIdentity(flow),
        flowName: flow.name,
        where,
      }),
    );
  }

  async function give(activity: Activity): Promise<void> {
    const lease = leases.get(activity);
    leases.delete(activity);
    await lease?.release();
  }

  /** Holds the lease while `begin` succeeds; gives it back when it fails. */
  async function under(activity: Activity, begin: () => Promise<void>): Promise<void> {
    const isNew = !leases.has(activity);
    isStarting = true;
    try {
      await take(activity);
      await begin();
    } catch (error) {
      if (isNew) await give(activity);
      throw error;
    } finally {
      isStarting = false;
    }
  }

  const about = () => ({ flow: options.flow().name, environment: environment.name });

  async function end(): Promise<void> {
    const wasRunning = leases.has('run');
    await live.close();
    await give('run');
    await give('watch');
    if (wasRunning) await audit.write({ event: 'run-ended', ...about() });
  }

  return {
    frame(request) {
      const frame = live.frame(request);
      // A tap ends by itself after a time, on an alarm or above a rate.
      if (frame.watch !== 'tap' && !isStarting) void give('watch');
      return frame;
    },
    listen: (listener) => live.listen(listener),
    journeys: (request) => live.journeys(request),
    journey: (id) => live.journey(id),
    async watch(mode) {
      if (mode === 'tap') return under('watch', () => live.watch(mode));
      await live.watch(mode);
      await give('watch');
    },
    async run(request) {
      environment = await environments.active();
      const permission = context.mayRun();
      if (!permission.allowed) {
        throw new Failure('environment/may-not-run', permission.reason, { object: environment.name });
      }
      await under('run', () => live.run(request));
      await audit.write({ event: 'run-started', ...about(), competeWith: request.competeWith });
    },
    async stop() {
      await live.stop();
      if (leases.has('run')) await audit.write({ event: 'run-ended', ...about() });
      await give('run');
    },
    async publish(request) {
      environment = await environments.active();
      if (environment.protection === 'read-only') {
        throw new Failure(
          'environment/read-only',
          `${environment.name} is read-only: Tapline publishes nothing there.`,
          {
            object: environment.name,
          },
        );
      }
      const report = await live.publish(request);
      const { published, confirmed, returned } = report;
      await audit.write({ event: 'published', ...about(), node: request.node, published, confirmed, returned });
      return report;
    },
    async replay({ confirmation, ...request }) {
      environment = await environments.active();
      checkProtection(environment, confirmation);
      const { path, speed, limit, maskedBodies } = request;
      let isBegun = false;
      const begin = () => {
        if (isBegun) return;
        isBegun = true;
        void audit.write({ event: 'replay-started', ...about(), path, speed, limit, maskedBodies });
      };
      const summary = await live.replay({
        ...request,
        onProgress(progress) {
          begin();
          request.onProgress?.(progress);
        },
      });
      await audit.write({ event: 'replay-ended', ...about(), path, summary });
      return summary;
    },
    async restart() {
      await end();
      environment = await environments.active();
      live = options.create(context);
    },
    close: end,
  };
}
