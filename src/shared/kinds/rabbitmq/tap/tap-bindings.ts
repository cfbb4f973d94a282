import { canonicalJson } from '@shared/canonical';
import type {
  ArgumentTable,
  ArgumentValue,
  BindingObject,
  ExchangeObject,
  PolicyObject,
  QueueObject,
} from '../objects';
import { objectKey } from '../objects';
import { findEffective, PolicyIndex } from '../policies';
import { TAP_PREFIX } from './tap-safety';

/** A binding of a tap queue, a copy of one that was found. */
export interface TapKey {
  routingKey: string;
  arguments: ArgumentTable;
}

/** What to bind a tap queue with, by an id that equal keys share. */
export interface TapKeys {
  keys: Map<string, TapKey>;
  /** Bindings that are left out, as sentences: what comes through them alone is not seen. */
  leftOut: string[];
  /** Those bindings. */
  unseen: BindingObject[];
}

/** What there is to bind to, as found. */
export interface TapSurroundings {
  queues: readonly QueueObject[];
  bindings: readonly BindingObject[];
  policies: readonly PolicyObject[] | null;
  operatorPolicies: readonly PolicyObject[] | null;
}

/** Is this the queue of a tap? Ours, or that of another Tapline. */
export function isTapQueue(name: string): boolean {
  return name.startsWith(TAP_PREFIX);
}

/**
 * The keys that a tap of an exchange may have: those through which messages reach a queue that stays. A message that a tap gets
 * counts as routed for `mandatory` and for the alternate exchange, so that a tap must never get one that nobody else would:
 * - a binding to another exchange is not copied, for nothing may be bound there; its messages are seen by the tap over there;
 * - nor is one to a queue that comes and goes by itself: a tap would outlive it until the bindings are read again;
 * - nor one whose header values the management API does not tell exactly.
 */
export function findTapKeys(exchange: ExchangeObject, found: TapSurroundings): TapKeys {
  const keys = new Map<string, TapKey>();
  const shortLived: BindingObject[] = [];
  const inexact: BindingObject[] = [];
  const staying = stayingQueues(found);
  for (const binding of found.bindings) {
    const { vhost, source, destination, destinationType } = binding;
    if (vhost !== exchange.vhost || source !== exchange.name) continue;
    if (destinationType !== 'queue' || isTapQueue(destination)) continue;
    if (!staying.has(objectKey(vhost, destination))) shortLived.push(binding);
    else if (exchange.type === 'headers' && !isExact(binding.arguments)) inexact.push(binding);
    else {
      const key = tapKeyOf(exchange.type, binding);
      keys.set(canonicalJson([key.routingKey, key.arguments]), key);
    }
  }
  const isCovered = (binding: BindingObject) => {
    const key = tapKeyOf(exchange.type, binding);
    return keys.has(canonicalJson([key.routingKey, key.arguments]));
  };
  const temporary = shortLived.filter((binding) => !isCovered(binding));
  return { keys, unseen: [...temporary, ...inexact], leftOut: [...tellTemporary(temporary), ...tellInexact(inexact)] };
}

/** What of a binding decides about a message: of a headers exchange the arguments, of a direct or topic one the key. */
function tapKeyOf(type: string, { routingKey, arguments: args }: BindingObject): TapKey {
  switch (type) {
    case 'headers':
      return { routingKey: '', arguments: args };
    case 'fanout':
      return { routingKey: '', arguments: {} };
    default:
      return { routingKey, arguments: {} };
  }
}

/** Queues that go only when somebody deletes them. Exclusive ones are not among what is found. */
function stayingQueues({ queues, policies, operatorPolicies }: TapSurroundings): Set<string> {
  const index = new PolicyIndex(policies ?? []);
  const operators = new PolicyIndex(operatorPolicies ?? []);
  const stays = ({ vhost, name, autoDelete, exclusive, arguments: args }: QueueObject) => {
    const queueType = String(args['x-queue-type'] ?? 'classic');
    const subject = { vhost, name, objectType: 'queue' as const, queueType };
    const expires = findEffective('x-expires', 'queue', args, index.find(subject), operators.find(subject));
    return !autoDelete && !exclusive && expires === undefined;
  };
  return new Set(queues.filter(stays).map(({ vhost, name }) => objectKey(vhost, name)));
}

/** Texts, numbers and booleans are told as they are; of nested values and of “only present” the API loses the types. */
function isExact(args: ArgumentTable): boolean {
  return Object.values(args).every((value: ArgumentValue) => value !== null && typeof value !== 'object');
}

function tellTemporary(bindings: readonly BindingObject[]): string[] {
  if (bindings.length === 0) return [];
  return [
    `What goes only to ${namesOf(bindings)} is not seen: such a queue comes and goes by itself, and a tap could outlive it.`,
  ];
}

function tellInexact(bindings: readonly BindingObject[]): string[] {
  if (bindings.length === 0) return [];
  return [
    `What goes only to ${namesOf(bindings)} is not seen: the management API does not tell the header values of the binding exactly.`,
  ];
}

const MAX_NAMES = 3;

function namesOf(bindings: readonly BindingObject[]): string {
  const names = [...new Set(bindings.map(({ destination }) => `“${destination}”`))];
  const more = names.length - MAX_NAMES;
  return more > 0 ? `${names.slice(0, MAX_NAMES).join(', ')} and ${more} more` : names.join(', ');
}
