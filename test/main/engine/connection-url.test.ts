import { joinUrl, urlAddress } from '@main/engine/connection-url';
import { splitUrl } from '@shared/api/connection-url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('splitting a URL', () => {
  it.each([
    ['amqp://me:secret@host:5672/vhost?heartbeat=10', 'amqp://me@host:5672/vhost?heartbeat=10', 'secret'],
    ['amqps://me:p%40ss%2F@a,b:5671/%2F', 'amqps://me@a,b:5671/%2F', 'p@ss/'],
    ['amqp://me:p@ss@host', 'amqp://me@host', 'p@ss'],
    ['http://:secret@host/', 'http://host/', 'secret'],
    ['amqp://me:@host', 'amqp://me@host', ''],
    ['amqp://me@host', 'amqp://me@host', undefined],
    ['amqp://host', 'amqp://host', undefined],
    ['amqp://host/a@b:c', 'amqp://host/a@b:c', undefined],
    ['amqp://me:100%@host', 'amqp://me@host', '100%'],
    [' not a url ', 'not a url', undefined],
  ])('%s', (url, without, secret) => {
    expect(splitUrl(url)).toEqual(secret === undefined ? { url: without } : { url: without, secret });
  });

  it('takes any password out and puts it back as it was', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.stringMatching(/^[a-z]{1,8}$/), (secret, user) => {
        const full = `amqp://${user}:${encodeURIComponent(secret)}@host:5672/vhost`;
        const split = splitUrl(full);
        expect(split).toEqual({ url: `amqp://${user}@host:5672/vhost`, secret });
        expect(joinUrl(split.url, split.secret)).toBe(full);
      }),
    );
  });
});

describe('joining', () => {
  it('names guest where the URL has no user, and leaves a URL with a password alone', () => {
    expect(joinUrl('amqp://host', 'pw')).toBe('amqp://guest:pw@host');
    expect(joinUrl('amqp://me:other@host', 'pw')).toBe('amqp://me:other@host');
    expect(joinUrl('amqp://me@host', undefined)).toBe('amqp://me@host');
  });
});

describe('the address', () => {
  it.each([
    ['amqp://me:pw@Host/vhost?x=1', 'host:5672'],
    ['amqps://a,b:1234', 'a:5671,b:1234'],
    ['amqp://[::1]/', '[::1]:5672'],
    ['amqp://host:5672/other', 'host:5672'],
  ])('of %s is %s', (url, address) => {
    expect(urlAddress(url)).toBe(address);
  });
});
