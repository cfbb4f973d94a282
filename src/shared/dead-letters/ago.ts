const UNITS: [ms: number, name: string][] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
];

/** `2 minutes`; what is shorter than a second is `less than a second`. */
export function spell(durationMs: number): string {
  for (const [ms, name] of UNITS) {
    const amount = Math.floor(durationMs / ms);
    if (amount >= 1) return `${amount.toLocaleString('en')} ${name}${amount === 1 ? '' : 's'}`;
  }
  return 'less than a second';
}

/** `2 minutes ago`. Clocks differ: what lies ahead is `just now`. */
export function ago(at: number, now: number): string {
  return now - at < 1000 ? 'just now' : `${spell(now - at)} ago`;
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(count: number): string {
  const tens = count % 100;
  const ending = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count.toLocaleString('en')}${ending}`;
}
