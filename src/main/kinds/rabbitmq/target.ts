import { Failure } from '@shared/failure';
import type { ConnectionTarget } from '../driver';

/** A connection target taken apart. Passwords stay inside; nothing here is ever logged. */
export interface RabbitAddress {
  hosts: { hostname: string; port: number }[];
  tls: boolean;
  username: string;
  password: string;
  vhost: string;
  /** Seconds; default 10, so that a dead peer is noticed within 30. */
  heartbeat: number;
  /** `EXTERNAL`: the client certificate says who it is. */
  mechanism: 'PLAIN' | 'EXTERNAL';
}

const DEFAULT_HEARTBEAT_S = 10;
const EXAMPLE = 'amqp://user@host:5672/vhost';

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function badUrl(sentence: string, object: string): Failure {
  return new Failure('connect/bad-url', sentence, { hint: `Write it like ${EXAMPLE}.`, object });
}

/**
 * Reads `amqp(s)://user:password@host:port[,host:port]/vhost?heartbeat=10&auth_mechanism=external`. Credentials default to guest,
 * the vhost to `/`, the ports to 5672 and 5671. @throws Failure `connect/bad-url`
 */
export function readAddress({ broker, url }: Pick<ConnectionTarget, 'broker' | 'url'>): RabbitAddress {
  const match = /^(amqps?):\/\/(?:(.*)@)?([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/s.exec(url.trim());
  if (!match) {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url.trim())?.[1];
    throw badUrl(
      scheme && !/^amqps?$/i.test(scheme)
        ? `The URL of the broker “${broker}” begins with ${scheme}://; RabbitMQ is reached through amqp:// or amqps://.`
        : `The URL of the broker “${broker}” cannot be read.`,
      broker,
    );
  }
  const [, scheme = 'amqp', userInfo = '', authority = '', path = '', query = ''] = match;
  const tls = scheme === 'amqps';
  const colon = userInfo.indexOf(':');
  const options = new URLSearchParams(query);
  const heartbeat = Number(options.get('heartbeat') ?? DEFAULT_HEARTBEAT_S);
  if (!Number.isInteger(heartbeat) || heartbeat < 0)
    throw badUrl(`The heartbeat in the URL of the broker “${broker}” is not a whole number of seconds.`, broker);
  return {
    hosts: authority.split(',').map((host) => readHost(host, tls, broker)),
    tls,
    username: decode(colon < 0 ? userInfo : userInfo.slice(0, colon)) || 'guest',
    password: colon < 0 ? 'guest' : decode(userInfo.slice(colon + 1)),
    vhost: path.length > 1 ? decode(path.slice(1)) : '/',
    heartbeat,
    mechanism: options.get('auth_mechanism')?.toLowerCase() === 'external' ? 'EXTERNAL' : 'PLAIN',
  };
}

function readHost(text: string, tls: boolean, broker: string): { hostname: string; port: number } {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(\d+))?$/i.exec(text.trim());
  const port = Number(match?.[2] ?? (tls ? 5671 : 5672));
  if (!match?.[1] || port < 1 || port > 65_535)
    throw badUrl(`“${text}” in the URL of the broker “${broker}” is not a host with a port.`, broker);
  return { hostname: match[1].replace(/^\[|\]$/g, ''), port };
}

/** The vhost that nodes without one live in. */
export function defaultVhost(target: ConnectionTarget): string {
  return readAddress(target).vhost;
}
