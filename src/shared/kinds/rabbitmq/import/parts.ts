import type { Json } from '@shared/flow/schema';
import type {
  BindingObject,
  ExchangeObject,
  ParameterObject,
  PolicyObject,
  QueueObject,
  VhostObject,
} from '../objects';

/** An object as a source names it: without `vhost` it lies in that of the connection. `extra` holds keys Tapline does not know. */
export type Imported<T> = Omit<T, 'vhost'> & { vhost?: string; extra?: Record<string, Json> };

/** Lists of objects that a source may have. */
export type ListName =
  | 'vhosts'
  | 'exchanges'
  | 'queues'
  | 'bindings'
  | 'policies'
  | 'operatorPolicies'
  | 'parameters'
  | 'globalParameters';

/** What an import found, from a file or a live broker, before it is drawn. A `Topology` is one. */
export interface ImportedParts {
  vhosts: VhostObject[];
  exchanges: Imported<ExchangeObject>[];
  queues: Imported<QueueObject>[];
  bindings: Imported<BindingObject>[];
  policies: Imported<PolicyObject>[];
  operatorPolicies: Imported<PolicyObject>[];
  parameters: Imported<ParameterObject>[];
  globalParameters: { name: string; value: Json; extra?: Record<string, Json> }[];
}

/** What a source speaks about: of other lists and vhosts it says nothing, so that nothing in them has disappeared. */
export interface Coverage {
  lists: ReadonlySet<ListName>;
  /** `""` stands for the vhost of the connection. */
  vhosts: ReadonlySet<string> | 'all';
}

/** The vhosts that objects lie in, `""` for objects without one. */
export function vhostsOf(parts: ImportedParts): Set<string> {
  const { exchanges, queues, bindings, policies, operatorPolicies, parameters } = parts;
  const objects = [exchanges, queues, bindings, policies, operatorPolicies, parameters].flat();
  return new Set(objects.map(({ vhost = '' }) => vhost));
}
