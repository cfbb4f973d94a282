import type { Completeness, CounterSource } from '@shared/traffic/counter';

const whole = new Intl.NumberFormat('en-US');

/** `1,204`; from 10,000 on `12.3k`, `4.56M`: never more than five characters of digits. */
export function formatCount(value: number): string {
  if (Math.abs(value) < 10_000) return whole.format(value);
  const units: [number, string][] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const [size, unit] = units.find(([limit]) => Math.abs(value) >= limit) ?? [1, ''];
  const scaled = value / size;
  // Cut, not rounded: 999,999 is not yet 1,000k.
  const digits = scaled < 10 ? 100 : scaled < 100 ? 10 : 1;
  return `${Math.trunc(scaled * digits) / digits}${unit}`;
}

/** `1,234,567`. */
export function formatExact(value: number): string {
  return whole.format(value);
}

/** `0.4/s`, `12/s`, `1.2k/s`; null (not known) gives `–`. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null) return '–';
  if (perSecond === 0) return '0/s';
  if (perSecond < 0.1) return '<0.1/s';
  const text = perSecond < 10 ? String(Number(perSecond.toFixed(1))) : formatCount(Math.round(perSecond));
  return `${text}/s`;
}

/** `812 B`, `4.1 KiB`, `2.0 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `840 ms`, `2.4 s`, `3 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** As `formatDuration`, without digits that say nothing: `500 ms`, `2 s`, `1.5 s`, `2 min 30 s`. */
export function formatDelay(ms: number): string {
  return ms >= 1000 && ms < 60_000 ? `${Number((ms / 1000).toFixed(1))} s` : formatDuration(ms);
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** `14:03:07.412`, local time. */
export function formatTime(at: number): string {
  return clock.format(at);
}

/** `just now`, `4 s ago`, `2 min ago`. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  if (seconds < 1) return 'just now';
  return seconds < 90 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

/** `1 message`, `12 messages`; `null` gives `an unknown number of messages`. */
export function formatNoun(count: number | null, singular: string, plural = `${singular}s`): string {
  if (count === null) return `an unknown number of ${plural}`;
  return `${formatExact(count)} ${count === 1 ? singular : plural}`;
}

/** The mark before a number that is not simply exact: `≥` at least, `~` computed, `?` not known. */
export function completenessMark(completeness: Completeness, source: CounterSource): '' | '≥' | '~' | '?' {
  if (completeness === 'unknown') return '?';
  if (completeness === 'atLeast') return '≥';
  return source === 'computed' || source === 'inferred' ? '~' : '';
}

/** The same mark in words, for screen readers: they read signs badly or not at all. */
export function spokenMark(
  completeness: Completeness,
  source: CounterSource,
): '' | 'at least ' | 'computed ' | 'unknown ' {
  switch (completenessMark(completeness, source)) {
    case '≥':
      return 'at least ';
    case '~':
      return 'computed ';
    case '?':
      return 'unknown ';
    case '':
      return '';
  }
}
