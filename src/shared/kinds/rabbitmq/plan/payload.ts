import type { Json } from '@shared/flow/schema';
import type { BindingObject, ExchangeObject, PolicyObject, QueueObject, VhostObject } from '../objects';

/**
 * What a step of this kind carries in `object`: all that is needed to do it. `rebind` are the bindings that vanish when an object
 * is deleted for recreating, whoever made them; `hold` the auto-delete exchanges that would vanish with these bindings.
 */
export type StepObject =
  | { type: 'vhost'; vhost: VhostObject }
  | { type: 'exchange'; exchange: ExchangeObject; rebind?: BindingObject[]; hold?: string[] }
  | { type: 'queue'; queue: QueueObject; rebind?: BindingObject[]; hold?: string[] }
  | { type: 'binding'; binding: BindingObject }
  | { type: 'policy' | 'operator-policy'; policy: PolicyObject }
  | { type: 'parameter'; vhost: string; component: string; name: string; value: Json };
