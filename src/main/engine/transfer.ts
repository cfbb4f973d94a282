import { vhostOf } from '@shared/api/connection-url';
import type { ExportFormat, ImportReport } from '@shared/api/contract';
import { Failure } from '@shared/failure';
import { diffFlows } from '@shared/flow/diff';
import type { Flow } from '@shared/flow/schema';
import type { Importer, ImportResult } from '../kinds/driver';
import type { Environments } from './environments';
import { type ExportedFile, exportFlow } from './export-flow';
import { placeImported, readSource, usualBroker } from './import-source';
import { type Drivers, driverOf } from './kinds';
import type { Workspace } from './workspace';

/** Brings topologies into the open document and out of it. */
export interface Transfer {
  /** Definitions or a flow. One edit of the document, whether it is merged or replaced. @throws Failure with line and column */
  importText: (
    request: { name: string; text: string; replace: boolean },
    signal?: AbortSignal,
  ) => Promise<ImportReport>;
  /** Reads the broker through the active environment: the connection's vhost and those drawn. @throws Failure */
  importLive: (request: { broker: string; replace: boolean }, signal?: AbortSignal) => Promise<ImportReport>;
  /** @throws Failure */
  export: (request: { format: ExportFormat; broker?: string }, signal?: AbortSignal) => Promise<ExportedFile>;
}

export interface TransferOptions {
  workspace: Workspace;
  environments: Environments;
  drivers: Drivers;
}

export function createTransfer({ workspace, environments, drivers }: TransferOptions): Transfer {
  const defaultVhostOf = async (broker: string) => vhostOf((await environments.targets())[broker]?.url ?? '') || '/';

  /**
   * Layouts take their time, and editing goes on meanwhile: what was imported is brought into the document as it is then, and
   * only places are kept from before.
   */
  async function bring(importer: Importer, replace: boolean, signal?: AbortSignal): Promise<ImportReport> {
    const merge = (flow: Flow) => (replace ? replaceDrawing(flow, importer()) : importer(flow));
    const { layout } = await placeImported(merge(workspace.flow()).flow, signal);
    const before = workspace.flow();
    const { flow, imported, notices, secrets } = merge(before);
    const missing = Object.keys(flow.nodes).filter((id) => !flow.layout.nodes[id]);
    const named = Object.keys(layout.nodes).filter((id) => id.startsWith('ghost:') && !flow.layout.nodes[id]);
    const places = [...missing, ...named].flatMap((id) => (layout.nodes[id] ? [[id, layout.nodes[id]] as const] : []));
    const after: Flow = {
      ...flow,
      layout: { ...flow.layout, nodes: { ...flow.layout.nodes, ...Object.fromEntries(places) } },
    };
    signal?.throwIfAborted();
    await workspace.change(() => after);
    await environments.keepSecrets(secrets);
    return { ...imported, notices, diff: diffFlows(before, after) };
  }

  return {
    async importText({ name, text, replace }, signal) {
      const broker = usualBroker(workspace.flow());
      const source = { name, text, broker, defaultVhost: await defaultVhostOf(broker) };
      return bring(readSource(source), replace, signal);
    },
    async importLive({ broker, replace }, signal) {
      const flow = workspace.flow();
      const target = (await environments.targets())[broker];
      if (!target) {
        const { name } = await environments.active();
        throw new Failure('import/no-connection', `${name} has no connection for the broker “${broker}”.`, {
          hint: 'Add one in the connection dialog.',
          object: broker,
        });
      }
      const driver = driverOf(drivers, flow.brokers[broker]?.kind ?? 'rabbitmq', broker);
      return bring(
        await driver.importLive(target, { vhosts: replace ? [] : vhostsDrawn(flow, broker), signal }),
        replace,
        signal,
      );
    },
    async export({ format, broker }, signal) {
      const flow = workspace.flow();
      const defaultVhost = await defaultVhostOf(broker ?? usualBroker(flow));
      return exportFlow(flow, { format, broker, defaultVhost }, signal);
    },
  };
}

/** What was imported instead of what is drawn. The document stays the one it is: its id, name and what its brokers are called. */
function replaceDrawing(flow: Flow, result: ImportResult): ImportResult {
  const { brokers: imported, nodes, links, layout } = result.flow;
  const brokers = Object.fromEntries(
    Object.entries(imported).map(([id, broker]) => [id, { ...broker, name: flow.brokers[id]?.name ?? broker.name }]),
  );
  return { ...result, flow: { ...flow, brokers, nodes, links, layout } };
}

/** Virtual hosts that the flow names in a broker, beside that of the connection. */
function vhostsDrawn(flow: Flow, broker: string): string[] {
  const named = Object.values(flow.nodes).flatMap(({ broker: own, settings: { vhost } }) =>
    own === broker && typeof vhost === 'string' ? [vhost] : [],
  );
  return [...new Set([...named, ...(flow.brokers[broker]?.scope?.vhosts ?? [])])];
}
