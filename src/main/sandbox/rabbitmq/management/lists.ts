import { type JsonResponse, NOT_FOUND, ok } from '../../local-json-server';
import type { Vhost } from '../broker/vhost';
import type { AmqpServer } from '../server/amqp-server';
import type { Described } from './describe';
import type { ManagementRequest } from './request';

const MAX_PAGE_SIZE = 500;

/**
 * A list as the caller wants it: `sort` (else by `keys`), `sort_reverse`, `columns` and `page` with `page_size`. Columns and
 * sort keys may be paths such as `arguments.x-max-length`.
 */
export function listed(items: Described[], query: URLSearchParams, keys: readonly string[]): JsonResponse {
  const sort = query.get('sort');
  const sorted = [...items].sort(comparing(sort ? [sort] : keys));
  if (query.get('sort_reverse') === 'true') sorted.reverse();
  const columns = query.get('columns')?.split(',');
  const shown = columns ? sorted.map((item) => pickColumns(item, columns)) : sorted;
  const page = Number(query.get('page'));
  return ok(page ? pageOf(shown, page, Number(query.get('page_size')) || 100) : shown);
}

function pageOf(all: Described[], page: number, wantedSize: number): Described {
  const size = Math.min(wantedSize, MAX_PAGE_SIZE);
  const items = all.slice((page - 1) * size, page * size);
  return {
    items,
    page,
    page_size: size,
    page_count: Math.max(1, Math.ceil(all.length / size)),
    item_count: items.length,
    total_count: all.length,
    filtered_count: all.length,
  };
}

function comparing(keys: readonly string[]) {
  return (a: Described, b: Described): number => {
    for (const key of keys) {
      const order = compareValues(valueAt(a, key), valueAt(b, key));
      if (order !== 0) return order;
    }
    return 0;
  };
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [textA, textB] = [String(a ?? ''), String(b ?? '')];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

function valueAt(item: Described, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? (value as Described)[key] : undefined),
      item,
    );
}

function pickColumns(item: Described, columns: readonly string[]): Described {
  const picked: Described = {};
  for (const column of columns) {
    const value = valueAt(item, column);
    if (value === undefined) continue;
    const path = column.split('.');
    const last = path.pop() ?? column;
    let at = picked;
    for (const key of path) at = at[key] = (at[key] as Described | undefined) ?? {};
    at[last] = value;
  }
  return picked;
}

function vhostsNamed(amqp: AmqpServer, name: string | undefined): Vhost[] {
  if (name === undefined) return [...amqp.broker.vhosts.values()];
  const vhost = amqp.broker.vhosts.get(name);
  return vhost ? [vhost] : [];
}

/** What `list` finds in the vhost that the path names, or in all. */
export function listIn(
  { amqp, path: [name], query }: ManagementRequest,
  list: (vhost: Vhost) => Described[],
  keys: readonly string[] = ['vhost', 'name'],
): JsonResponse {
  const found = vhostsNamed(amqp, name);
  return found.length === 0 ? NOT_FOUND : listed(found.flatMap(list), query, keys);
}
