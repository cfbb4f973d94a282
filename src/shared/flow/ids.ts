/** Branded ids, so that a node id is never passed where a link id is meant. They are plain strings in the file. */
export type BrokerId = string & { readonly __brand?: 'BrokerId' };
export type NodeId = string & { readonly __brand?: 'NodeId' };
export type LinkId = string & { readonly __brand?: 'LinkId' };

/** Makes a readable slug: `Send email` → `send-email`; empty input gives `item`. */
export function slug(text: string): string {
  const cleaned = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return cleaned.slice(0, 48) || 'item';
}

/** The first of `base`, `base-2`, `base-3`… that is not taken. */
export function uniqueId(base: string, isTaken: (id: string) => boolean): string {
  if (!isTaken(base)) return base;
  for (let n = 2; ; n++) if (!isTaken(`${base}-${n}`)) return `${base}-${n}`;
}

/**
 * A deterministic id for an imported or derived object: the same parts always give the same id,
 * so two imports of one broker merge. A short FNV-1a hash keeps slugs of different names apart.
 */
export function stableId(...parts: string[]): string {
  let hash = 0x811c9dc5;
  for (const char of parts.join('\u0000')) {
    hash ^= char.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return `${slug(parts[parts.length - 1] ?? '')}-${(hash >>> 0).toString(36)}`;
}
