/** Compares release numbers by number, not by text: `3.9` < `3.10`. Pre-release suffixes are ignored. */
function compareVersions(a: string, b: string): number {
  const left = a.split(/[.\-+]/, 3);
  const right = b.split(/[.\-+]/, 3);
  for (let part = 0; part < 3; part++) {
    const difference = (Number.parseInt(left[part] ?? '0', 10) || 0) - (Number.parseInt(right[part] ?? '0', 10) || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Is `version` (`4.0.5`) the release `since` (`4.0`) or a later one? */
export function isAtLeast(version: string, since: string): boolean {
  return compareVersions(version, since) >= 0;
}

/** A range of broker releases: from `since` on, up to but without `until`; absent bounds are open. */
export interface VersionSpan {
  since?: string;
  until?: string;
}

/** Is a release within a span? */
export function isWithin(version: string, { since, until }: VersionSpan): boolean {
  return (since === undefined || isAtLeast(version, since)) && (until === undefined || !isAtLeast(version, until));
}

/** Oldest release that unknown brokers are thought to be; older ones get no conditional problems. */
const OLDEST_ASSUMED = '3.10';

/** A span of releases with one that stands for it. */
interface Era {
  span: VersionSpan;
  example: string;
}

const knownEras = new Map<string, Era[]>();

/**
 * The spans between `boundaries` that a broker of unknown version may be in, oldest first. Boundaries at or below the
 * oldest assumed release are left out. Asked for few sets of boundaries very often, hence remembered.
 */
export function erasBetween(boundaries: string[]): readonly Era[] {
  const key = boundaries.join();
  const known = knownEras.get(key);
  if (known) return known;
  const later = [...new Set(boundaries)]
    .filter((boundary) => compareVersions(boundary, OLDEST_ASSUMED) > 0)
    .sort(compareVersions);
  const eras = [OLDEST_ASSUMED, ...later].map((since, index) => ({
    span: { since: index === 0 ? undefined : since, until: later[index] },
    example: since,
  }));
  knownEras.set(key, eras);
  return eras;
}

/** `before 4.0`, `4.0 and newer`, `3.12 up to 4.3`. */
export function describeSpan({ since, until }: VersionSpan): string {
  if (since === undefined) return until === undefined ? 'any version' : `before ${until}`;
  return until === undefined ? `${since} and newer` : `${since} up to ${until}`;
}
