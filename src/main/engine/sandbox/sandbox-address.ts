import type { Flow } from '@shared/flow/schema';
import { kindDescriptor } from '@shared/kinds/registry';
import { hasSandbox, type SandboxAddress, type SandboxKind } from '../../sandbox/start';

/** The brokers of a flow that can have a sandbox. */
export function sandboxBrokers(flow: Flow): [id: string, kind: SandboxKind][] {
  return Object.entries(flow.brokers).flatMap(([id, { kind }]) =>
    hasSandbox(kind) ? [[id, kind] as [string, SandboxKind]] : [],
  );
}

/**
 * URL of a sandbox for its clients, password included; and that of its management API, which takes the same user and password, where
 * the kind has one.
 */
export function urlsOf(
  kind: SandboxKind,
  { port, controlPort, user, password }: SandboxAddress,
): { url: string; managementUrl?: string } {
  return {
    url: `${schemeOf(kind)}://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    ...(kindDescriptor(kind)?.hasManagementUrl ? { managementUrl: `http://127.0.0.1:${controlPort}` } : {}),
  };
}

/** Its URL without the password; before the first start without a port. */
export function plainUrlOf(kind: SandboxKind, address: SandboxAddress | undefined): string {
  return address ? `${schemeOf(kind)}://${address.user}@127.0.0.1:${address.port}` : `${schemeOf(kind)}://127.0.0.1`;
}

function schemeOf(kind: SandboxKind): string {
  return kindDescriptor(kind)?.urlSchemes[0] ?? kind;
}
