import type { ExportFormat } from '@shared/api/contract';
import { Failure } from '@shared/failure';
import { slug } from '@shared/flow/ids';
import type { Flow } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import { exportDefinitions } from '@shared/kinds/rabbitmq/export/export-definitions';
import { toMermaid } from '@shared/picture/mermaid';
import { toSvg } from '@shared/picture/svg';
import { placeImported, usualBroker } from './import-source';

export interface ExportedFile {
  fileName: string;
  mimeType: string;
  text: string;
  notices: string[];
}

export interface ExportRequest {
  format: ExportFormat;
  /** Of RabbitMQ definitions: which broker; default the first. */
  broker?: string;
  /** Of RabbitMQ definitions: only this vhost, in the form for one vhost. */
  vhost?: string;
  /** Vhost of nodes that name none; default `/`. */
  defaultVhost?: string;
}

/** A flow as a file of another kind, and what of it that cannot say. @throws Failure */
export async function exportFlow(flow: Flow, request: ExportRequest, signal?: AbortSignal): Promise<ExportedFile> {
  const base = slug(flow.name);
  switch (request.format) {
    case 'flow':
      return { fileName: `${base}.flow.json`, mimeType: 'application/json', text: serialiseFlow(flow), notices: [] };
    case 'rabbitmq':
      return exportRabbit(flow, request, base);
    case 'svg':
      return {
        fileName: `${base}.svg`,
        mimeType: 'image/svg+xml',
        text: toSvg(await placeImported(flow, signal)),
        notices: [],
      };
    case 'mermaid':
      return { fileName: `${base}.mmd`, mimeType: 'text/plain', text: toMermaid(flow), notices: [] };
  }
}

function exportRabbit(
  flow: Flow,
  { broker: asked, vhost, defaultVhost = '/' }: ExportRequest,
  base: string,
): ExportedFile {
  const broker = asked ?? usualBroker(flow);
  if (flow.brokers[broker]?.kind !== 'rabbitmq') {
    const ids = Object.entries(flow.brokers).filter(([, { kind }]) => kind === 'rabbitmq');
    throw new Failure('export/no-broker', `The flow “${flow.name}” has no RabbitMQ broker “${broker}”.`, {
      hint: ids.length > 0 ? `It has ${ids.map(([id]) => id).join(', ')}.` : undefined,
      object: broker,
    });
  }
  const { text, notices } = exportDefinitions(flow, broker, {
    defaultVhost,
    ...(vhost === undefined ? {} : { vhost }),
  });
  const others = Object.keys(flow.brokers).filter((id) => id !== broker);
  const rest =
    asked === undefined && others.length > 0 ? [`Only the broker ${broker}; ${others.join(', ')} left out.`] : [];
  return { fileName: `${base}.definitions.json`, mimeType: 'application/json', text, notices: [...rest, ...notices] };
}
