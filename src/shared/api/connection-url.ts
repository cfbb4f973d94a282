/** A URL taken apart so that its password can be kept elsewhere. */
export interface SplitUrl {
  /** Without password; a user name stays. */
  url: string;
  /** Decoded; undefined when the URL had none. */
  secret?: string;
}

/** A connection URL cut into what stands before, in and after its user info. */
export interface UrlParts {
  /** With `://`. */
  scheme: string;
  userInfo: string | undefined;
  /** Hosts, path and query. */
  rest: string;
}

/** `URL` cannot read lists of hosts (`amqp://a,b`), so the authority is cut by hand; the user info ends at the last `@`. Null when it is no URL. */
export function cutUrl(url: string): UrlParts | null {
  const match = url.trim().match(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/is);
  if (!match) return null;
  const [, scheme = '', authority = '', tail = ''] = match;
  const at = authority.lastIndexOf('@');
  return {
    scheme,
    userInfo: at < 0 ? undefined : authority.slice(0, at),
    rest: authority.slice(at + 1) + tail,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Takes the password out of a URL. What is not a URL comes back as it is: drivers say what is wrong with it. */
export function splitUrl(url: string): SplitUrl {
  const parts = cutUrl(url);
  if (parts?.userInfo === undefined) return { url: url.trim() };
  const colon = parts.userInfo.indexOf(':');
  if (colon < 0) return { url: url.trim() };
  const user = parts.userInfo.slice(0, colon);
  return {
    url: `${parts.scheme}${user ? `${user}@` : ''}${parts.rest}`,
    secret: decode(parts.userInfo.slice(colon + 1)),
  };
}

const REST = /^([^/?#]*)(\/[^?#]*)?(.*)$/s;

/** The virtual host in the path, decoded; `''` when the URL names none and the broker's default `/` is meant. */
export function vhostOf(url: string): string {
  const path = cutUrl(url)?.rest.match(REST)?.[2] ?? '';
  return decode(path.slice(1));
}

/** The same URL with another virtual host; `''` takes it out. What is not a URL comes back as it is. */
export function withVhost(url: string, vhost: string): string {
  const parts = cutUrl(url);
  const rest = parts?.rest.match(REST);
  if (!parts || !rest) return url;
  const [, hosts = '', , query = ''] = rest;
  const user = parts.userInfo === undefined ? '' : `${parts.userInfo}@`;
  return `${parts.scheme}${user}${hosts}${vhost === '' ? '' : `/${encodeURIComponent(vhost)}`}${query}`;
}

const HOST = /^(\[[0-9a-f:.]+\]|[^\s:[\]]+)(?::(.*))?$/i;

/** What is wrong with a URL, as a sentence with the place; undefined when it can be tried. `schemes` without `://`. */
export function checkUrl(url: string, schemes: readonly string[]): string | undefined {
  const trimmed = url.trim();
  const starts = schemes.map((scheme) => `${scheme}://`).join(' or ');
  if (trimmed === '') return `Give a URL that begins with ${starts}.`;
  const parts = cutUrl(trimmed);
  if (!parts) return `A URL begins with ${starts}.`;
  const scheme = parts.scheme.slice(0, -3).toLowerCase();
  if (!schemes.includes(scheme)) return `It begins with ${scheme}://, but only ${starts} can be used here.`;
  const [, hosts = '', path = ''] = parts.rest.match(REST) ?? [];
  for (const host of hosts.split(',')) {
    if (host === '') return 'The name of the host is missing.';
    const [, , port] = host.match(HOST) ?? [];
    if (!HOST.test(host)) return `“${host}” is not a host.`;
    const isPort = port === undefined || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
    if (!isPort) return `“${port}” is not a port: a number from 1 to 65535.`;
  }
  if (path.slice(1).includes('/') && schemes.some((known) => known.startsWith('amqp'))) {
    return 'After the host comes one virtual host; a slash inside its name is written %2F.';
  }
  return undefined;
}
