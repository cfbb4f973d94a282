import { engine } from '@renderer/engine/client';
import type { HostInfo } from '@shared/api/contract';

let known: Promise<HostInfo> | undefined;

/** What the host can do; asked once. */
export function hostInfo(): Promise<HostInfo> {
  known ??= engine.host.info().catch((error) => {
    known = undefined;
    throw error;
  });
  return known;
}
