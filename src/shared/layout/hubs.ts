/** A link between two drawn things, by their ids. */
export interface Join {
  source: string;
  target: string;
}

/** A group of so many is still read in layers; a larger one makes layers of one endless column. */
const MAX_GROUP = 60;
/** What joins fewer others is no hub. */
const MIN_HUB_LINKS = 12;

/**
 * Ids grouped by which are joined, whichever way, in their order. Joins with others than these ids do not count.
 */
export function groupJoined(ids: Iterable<string>, joins: readonly Join[]): string[][] {
  const joined = new Map<string, string[]>([...ids].map((id) => [id, []]));
  for (const { source, target } of joins) {
    if (!joined.has(source) || !joined.has(target)) continue;
    joined.get(source)?.push(target);
    joined.get(target)?.push(source);
  }
  const seen = new Set<string>();
  const groups: string[][] = [];
  for (const first of joined.keys()) {
    if (seen.has(first)) continue;
    const group = [first];
    seen.add(first);
    for (const id of group) {
      for (const other of joined.get(id) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        group.push(other);
      }
    }
    groups.push(group);
  }
  return groups;
}

/**
 * What holds a large topology together, such as an event bus or a dead-letter exchange for all: without these it falls into
 * groups that can be read. The most joined come first; none for a topology that is small enough.
 */
export function findHubs(ids: ReadonlySet<string>, joins: readonly Join[]): Set<string> {
  const hubs = new Set<string>();
  const waiting = groupJoined(ids, joins);
  for (let group = waiting.pop(); group; group = waiting.pop()) {
    if (group.length <= MAX_GROUP) continue;
    const members = new Set(group);
    const inside = joins.filter(({ source, target }) => members.has(source) && members.has(target));
    const links = new Map<string, number>();
    for (const { source, target } of inside) for (const id of [source, target]) links.set(id, (links.get(id) ?? 0) + 1);
    const [hub, count = 0] = [...links].reduce((most, next) => (next[1] > most[1] ? next : most), ['', 0]);
    if (count < MIN_HUB_LINKS) continue;
    hubs.add(hub);
    members.delete(hub);
    waiting.push(...groupJoined(members, inside));
  }
  return hubs;
}
