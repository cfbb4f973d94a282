import type { HolderList } from '../../holders';
import type { AmqpServer } from '../server/amqp-server';
import type { Tracer } from '../trace/tracer';

/** What the API speaks about. */
export interface ManagedSandbox {
  amqp: AmqpServer;
  tracer: Tracer;
  reset: () => void;
  holders?: HolderList;
  /** Sentences on what could not be kept. */
  remarks: () => string[];
}

/** One request, taken apart: `path` is what follows the collection, decoded. */
export interface ManagementRequest {
  sandbox: ManagedSandbox;
  amqp: AmqpServer;
  method: string;
  path: string[];
  query: URLSearchParams;
  /** The body; throws SyntaxError when it is not JSON. */
  json: () => Record<string, unknown>;
}
