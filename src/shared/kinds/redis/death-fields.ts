/** What Tapline adds to an entry when it gives it up; `x-` as other tools name them. */
export const DEATH_FIELDS = [
  'x-origin-stream',
  'x-origin-id',
  'x-group',
  'x-deliveries',
  'x-reason',
  'x-failure-type',
  'x-dead-at',
] as const;

/** Does a field speak of the death of its entry, so that a redriven one must begin without it? */
export function isDeathField(name: string): boolean {
  return (DEATH_FIELDS as readonly string[]).includes(name);
}
