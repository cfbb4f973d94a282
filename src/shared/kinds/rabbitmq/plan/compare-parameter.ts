import type { FieldChange } from '@shared/deploy/plan';
import { sameJson } from '@shared/flow/diff';
import type { Json } from '@shared/flow/schema';

const PLACEHOLDER = /\{\{secret:[^}]*\}\}/g;
/** `scheme://user:password@`; the password runs to the last `@` before the path. */
const URI_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:)[^\s/"']*@/gi;

type Table = { [key: string]: Json };
const isTable = (value: Json): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Are two parameter values equal, a `{{secret:…}}` standing for whatever the broker has there? */
export function sameParameter(found: Json, wanted: Json): boolean {
  if (typeof found === 'string' && typeof wanted === 'string' && hasPlaceholder(wanted)) {
    const escaped = wanted.split(PLACEHOLDER).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${escaped.join('.*')}$`, 's').test(found);
  }
  if (Array.isArray(found) && Array.isArray(wanted))
    return found.length === wanted.length && found.every((item, index) => sameParameter(item, wanted[index] ?? null));
  if (isTable(found) && isTable(wanted)) {
    const keys = new Set([...Object.keys(found), ...Object.keys(wanted)]);
    return [...keys].every(
      (key) => key in found && key in wanted && sameParameter(found[key] ?? null, wanted[key] ?? null),
    );
  }
  return sameJson(found, wanted);
}

/** What differs, key by key. What the broker has may hold secrets: they are masked. */
export function compareParameter(found: Json, wanted: Json): FieldChange[] {
  if (sameParameter(found, wanted)) return [];
  if (!isTable(found) || !isTable(wanted))
    return [{ field: 'value', from: maskSecrets(found, wanted), to: maskSecrets(wanted) }];
  return [...new Set([...Object.keys(found), ...Object.keys(wanted)])].sort().flatMap((key) => {
    const [from, to] = [found[key], wanted[key]];
    if (from !== undefined && to !== undefined && sameParameter(from, to)) return [];
    return {
      field: `value.${key}`,
      from: from === undefined ? undefined : maskSecrets(from, to),
      to: to === undefined ? undefined : maskSecrets(to),
    };
  });
}

/** The value without passwords: those in URIs, and whole texts where the flow has a placeholder (`counterpart`). */
export function maskSecrets(value: Json, counterpart?: Json): Json {
  if (typeof value === 'string') {
    const masked = value.replace(URI_PASSWORD, (whole, head: string) =>
      hasPlaceholder(whole) ? whole : `${head}***@`,
    );
    const isHidden = typeof counterpart === 'string' && hasPlaceholder(counterpart) && masked === value;
    return isHidden ? '***' : masked;
  }
  if (Array.isArray(value))
    return value.map((item, index) => maskSecrets(item, Array.isArray(counterpart) ? counterpart[index] : undefined));
  if (!isTable(value)) return value;
  const other = counterpart !== undefined && isTable(counterpart) ? counterpart : {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskSecrets(item, other[key])]));
}

function hasPlaceholder(text: string): boolean {
  return text.includes('{{secret:');
}
