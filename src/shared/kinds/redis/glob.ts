/**
 * Compiles a Redis glob: `*`, `?`, `[a-c]`, `[^a]`, `\x`. Matches the whole text.
 * Source: https://redis.io/docs/latest/commands/keys/
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  let source = '';
  let at = 0;
  const literal = (character: string) => character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  while (at < pattern.length) {
    const character = pattern[at] ?? '';
    at += 1;
    if (character === '*') {
      while (pattern[at] === '*') at += 1;
      source += '[^]*';
    } else if (character === '?') source += '[^]';
    else if (character === '\\' && at < pattern.length) {
      source += literal(pattern[at] ?? '');
      at += 1;
    } else if (character === '[') {
      const set = readSet(pattern, at);
      source += set.source;
      at = set.end;
    } else source += literal(character);
  }
  const expression = new RegExp(`^${source}$`);
  return (text) => expression.test(text);
}

/** A set that is never closed reaches to the end, as in Redis. */
function readSet(pattern: string, start: number): { source: string; end: number } {
  let at = start;
  const isNegated = pattern[at] === '^';
  if (isNegated) at += 1;
  let members = '';
  while (at < pattern.length && pattern[at] !== ']') {
    if (pattern[at] === '\\' && at + 1 < pattern.length) at += 1;
    const from = pattern[at] ?? '';
    if (pattern[at + 1] === '-' && at + 2 < pattern.length && pattern[at + 2] !== ']') {
      const [low = '', high = ''] = [from, pattern[at + 2] ?? ''].sort();
      members += `${escaped(low)}-${escaped(high)}`;
      at += 3;
    } else {
      members += escaped(from);
      at += 1;
    }
  }
  const end = Math.min(at + 1, pattern.length);
  if (members === '') return { source: isNegated ? '[^]' : '(?!)', end };
  return { source: `[${isNegated ? '^' : ''}${members}]`, end };
}

function escaped(character: string): string {
  return character.replace(/[\\\]^-]/g, '\\$&');
}
