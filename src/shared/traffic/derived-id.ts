const PREFIX = 'derived:';

/**
 * Id, among the counters of nodes, of a queue that follows from a link's settings and is not drawn. `part` tells those of one
 * link apart: the delay of a waiting queue in milliseconds, or `dead-letters`.
 */
export function derivedId(link: string, part: number | 'dead-letters'): string {
  return `${PREFIX}${link}:${part}`;
}

/** The link that a derived queue follows from; undefined for every other id. */
export function derivedLink(id: string): string | undefined {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length, id.lastIndexOf(':')) : undefined;
}
