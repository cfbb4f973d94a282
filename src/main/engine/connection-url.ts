import { cutUrl } from '@shared/api/connection-url';

/** Puts a password back. An AMQP URL without user gets `guest`, RabbitMQ's default; one with a password keeps it. */
export function joinUrl(url: string, secret: string | undefined): string {
  const parts = cutUrl(url);
  if (secret === undefined || !parts || parts.userInfo?.includes(':')) return url;
  const user = parts.userInfo ?? (parts.scheme.toLowerCase().startsWith('redis') ? '' : 'guest');
  return `${parts.scheme}${user}:${encodeURIComponent(secret)}@${parts.rest}`;
}

/** Hosts and ports, lower case, with the scheme's default port: which broker is meant, whoever asks and whichever vhost. */
export function urlAddress(url: string): string {
  const parts = cutUrl(url);
  if (!parts) return url;
  const fallback = DEFAULT_PORTS[parts.scheme.toLowerCase()];
  return parts.rest
    .replace(/[/?#].*$/s, '')
    .toLowerCase()
    .split(',')
    .map((host) => (fallback === undefined || /:\d+$/.test(host) ? host : `${host}:${fallback}`))
    .join(',');
}

const DEFAULT_PORTS: Record<string, number> = {
  'amqp://': 5672,
  'amqps://': 5671,
  'redis://': 6379,
  'rediss://': 6379,
  'http://': 80,
  'https://': 443,
};
