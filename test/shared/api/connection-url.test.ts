import { checkUrl, splitUrl, vhostOf, withVhost } from '@shared/api/connection-url';
import { describe, expect, it } from 'vitest';

describe('a pasted URL', () => {
  it.each([
    ['amqp://user:p%40ss@host:5672/v', { url: 'amqp://user@host:5672/v', secret: 'p@ss' }],
    ['amqp://user:a@b@host/', { url: 'amqp://user@host/', secret: 'a@b' }],
    ['amqps://user:x@a:5671,b:5671/v?heartbeat=5', { url: 'amqps://user@a:5671,b:5671/v?heartbeat=5', secret: 'x' }],
    ['amqp://user@host', { url: 'amqp://user@host' }],
    [' amqp://host ', { url: 'amqp://host' }],
    ['not a url', { url: 'not a url' }],
  ])('%s gives up its password', (url, parts) => {
    expect(splitUrl(url)).toEqual(parts);
  });
});

describe('the virtual host of a URL', () => {
  it.each([
    ['amqp://host', ''],
    ['amqp://host/', ''],
    ['amqp://host/%2F', '/'],
    ['amqp://host/shop?heartbeat=5', 'shop'],
    ['amqp://a,b/eu%2Fshop', 'eu/shop'],
  ])('of %s is “%s”', (url, vhost) => {
    expect(vhostOf(url)).toBe(vhost);
  });

  it.each([
    ['amqp://user@host:5672', 'eu/shop', 'amqp://user@host:5672/eu%2Fshop'],
    ['amqp://host/old?heartbeat=5', 'new', 'amqp://host/new?heartbeat=5'],
    ['amqp://host/old', '', 'amqp://host'],
    ['broken', 'new', 'broken'],
  ])('of %s becomes “%s”', (url, vhost, changed) => {
    expect(withVhost(url, vhost)).toBe(changed);
  });
});

describe('a connection URL', () => {
  const amqp = ['amqp', 'amqps'];

  it.each(['amqp://host', 'amqps://user@host:5671/v', 'amqp://a:1,b:2/%2F', 'amqp://[::1]:5672'])(
    '%s can be tried',
    (url) => {
      expect(checkUrl(url, amqp)).toBeUndefined();
    },
  );

  it.each([
    ['', 'amqp:// or amqps://'],
    ['localhost:5672', 'begins with amqp://'],
    ['http://host:15672', 'begins with http://'],
    ['amqp://', 'host is missing'],
    ['amqp://a,,b', 'host is missing'],
    ['amqp://host:port', '“port” is not a port'],
    ['amqp://host:70000', '“70000” is not a port'],
    ['amqp://my host', '“my host” is not a host'],
    ['amqp://host/a/b', '%2F'],
  ])('%s is refused with the place', (url, sentence) => {
    expect(checkUrl(url, amqp)).toContain(sentence);
  });
});
