import type { FieldTable } from '../codec/table';
import { precondition } from './errors';
import { plain, typeName } from './queue-arguments';

export interface ExchangeDeclaration {
  name: string;
  type: string;
  durable: boolean;
  autoDelete: boolean;
  internal: boolean;
  arguments: FieldTable;
}

export interface Binding {
  destinationType: 'queue' | 'exchange';
  destination: string;
  routingKey: string;
  arguments: FieldTable;
}

/** Results kept per exchange before the cache starts anew. */
const MAX_CACHED_KEYS = 2000;
const X_MATCH = ['all', 'any', 'all-with-x', 'any-with-x'];

function bindingKey({ destinationType, destination, routingKey, arguments: args }: Binding): string {
  const sorted = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([destinationType, destination, routingKey, sorted]);
}

/** An exchange with its bindings. Which of them match is decided in routing.ts. */
export class Exchange {
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly internal: boolean;
  readonly arguments: FieldTable;
  readonly bindings = new Map<string, Binding>();
  /** Matching bindings by routing key, for the types that look at nothing else. */
  private readonly cache = new Map<string, Binding[]>();

  constructor(declaration: ExchangeDeclaration) {
    this.name = declaration.name;
    this.type = declaration.type;
    this.durable = declaration.durable;
    this.autoDelete = declaration.autoDelete;
    this.internal = declaration.internal;
    this.arguments = declaration.arguments;
  }

  /** False when it was there already. Refuses an `x-match` that headers exchanges do not know. */
  bind(binding: Binding): boolean {
    if (this.type === 'headers') assertKnownMatch(binding.arguments['x-match']);
    const key = bindingKey(binding);
    if (this.bindings.has(key)) return false;
    this.bindings.set(key, binding);
    this.cache.clear();
    return true;
  }

  /** How many bindings went. */
  unbind(binding: Binding): number {
    if (!this.bindings.delete(bindingKey(binding))) return 0;
    this.cache.clear();
    return 1;
  }

  /** Removes every binding. */
  clear(): void {
    this.bindings.clear();
    this.cache.clear();
  }

  /** Removes all bindings to a destination that was deleted; returns how many. */
  dropDestination(type: 'queue' | 'exchange', name: string): number {
    let removed = 0;
    for (const [key, binding] of this.bindings) {
      if (binding.destinationType !== type || binding.destination !== name) continue;
      this.bindings.delete(key);
      removed++;
    }
    if (removed > 0) this.cache.clear();
    return removed;
  }

  /** Matching bindings for a routing key, remembered until a binding changes. */
  cached(routingKey: string, find: () => Binding[]): Binding[] {
    const known = this.cache.get(routingKey);
    if (known) return known;
    if (this.cache.size >= MAX_CACHED_KEYS) this.cache.clear();
    const found = find();
    this.cache.set(routingKey, found);
    return found;
  }
}

function assertKnownMatch(value: unknown): void {
  if (value === undefined || (typeof value === 'string' && X_MATCH.includes(value))) return;
  if (typeof value === 'string')
    throw precondition(`Invalid x-match field value <<"${value}">>; expected all, any, all-with-x, or any-with-x`);
  throw precondition(`Invalid x-match field type ${typeName(value)} (value ${plain(value)}); expected longstr`);
}
