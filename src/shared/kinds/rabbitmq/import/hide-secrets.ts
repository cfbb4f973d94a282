import { slug, uniqueId } from '@shared/flow/ids';
import { holdsPassword } from '@shared/flow/parse';
import type { Json } from '@shared/flow/schema';

/** The password of a URL, as `parseFlow` refuses it. */
const PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:)([^\s/@]+)(?=@)/gi;
/** The same where the value is known to be a URI: a password with a slash that nobody encoded counts, too. */
const URI_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:)([^\s@]+)(?=@)/gi;
/** Secrets among the query parameters of a URI. */
const QUERY_SECRET = /([?&](?:password|passphrase|secret|token)=)([^&\s#]+)/gi;
/** Keys whose value is a secret as a whole. */
const SECRET_KEY = /passw(or)?d|passphrase|secret|token|api[-_]?key|private[-_]?key|password[-_]?hash/i;
const PLACEHOLDER = /^\{\{secret:[^}]*\}\}$/;

/** Replaces secrets inside values by `{{secret:ID}}` and remembers what stood there. */
export interface SecretHider {
  /** `path` says where the value stands, for the id: component, name, key. */
  hide: (value: Json, path: readonly string[]) => Json;
  /** What stood there by id; for the host's secret store, never for a flow, file or log. */
  secrets: Record<string, string>;
}

/**
 * Ids are readable and come from the place of a secret, so that importing again gives the same ones. `hideKeyed`: values under
 * keys such as `password` are secrets, too; not so in argument tables, where every key belongs to the user.
 */
export function createSecretHider(): SecretHider & { hideUrls: SecretHider['hide'] } {
  const secrets: Record<string, string> = {};

  function keep(secret: string, path: readonly string[]): string {
    if (PLACEHOLDER.test(secret)) return secret;
    const id = uniqueId(slug(path.join(' ')), (taken) => Object.hasOwn(secrets, taken) && secrets[taken] !== secret);
    secrets[id] = secret;
    return `{{secret:${id}}}`;
  }

  function hideInText(text: string, path: readonly string[]): string {
    const isUri = /uris?$/i.test(path.findLast((part) => !/^\d+$/.test(part)) ?? '');
    const replace = (_: string, before: string, secret: string) => before + keep(secret, path);
    const hidden = text.replace(isUri ? URI_PASSWORD : PASSWORD, replace).replace(QUERY_SECRET, replace);
    // A text that is a password by Tapline's own rule and could not be taken apart goes as a whole.
    return holdsPassword(hidden) ? keep(text, path) : hidden;
  }

  function walk(value: Json, path: readonly string[], hidesKeys: boolean): Json {
    if (typeof value === 'string') return hideInText(value, path);
    if (Array.isArray(value))
      return value.map((item, index) =>
        walk(item, value.length === 1 ? path : [...path, String(index + 1)], hidesKeys),
      );
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]): [string, Json] => {
      const isSecret = hidesKeys && SECRET_KEY.test(key) && typeof item === 'string' && item !== '';
      return [key, isSecret ? keep(item, [...path, key]) : walk(item, [...path, key], hidesKeys)];
    });
    return Object.fromEntries(entries);
  }

  return {
    secrets,
    hide: (value, path) => walk(value, path, true),
    hideUrls: (value, path) => walk(value, path, false),
  };
}
