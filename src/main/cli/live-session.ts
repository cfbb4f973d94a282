import type { Flow } from '@shared/flow/schema';
import { type HostedLive, hostLive } from '../engine/hosted-live';
import { createLiveService } from '../engine/live-service';
import type { ConnectionTarget } from '../kinds/driver';
import type { CommandTools } from './command';
import { type ConnectOptions, openLiveSession } from './session';

/** Live traffic of a flow, under the same leases and audit log as in the window. Close it. @throws Failure */
export async function openLive(flow: Flow, options: ConnectOptions, tools: CommandTools): Promise<HostedLive> {
  const { live } = await openLiveTargets(flow, options, tools);
  return live;
}

/** The same, with where its brokers are. */
export async function openLiveTargets(
  flow: Flow,
  options: ConnectOptions,
  tools: CommandTools,
): Promise<{ live: HostedLive; targets: Record<string, ConnectionTarget> }> {
  const { environments, audit, dataFolder, close } = await openLiveSession(flow, options, tools);
  try {
    const live = await hostLive({ flow: () => flow, environments, audit, dataFolder, create: createLiveService });
    const targets = await environments.targets();
    return { live: { ...live, close: () => live.close().finally(close) }, targets };
  } catch (error) {
    await close();
    throw error;
  }
}
