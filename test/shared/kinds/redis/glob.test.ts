import { compileGlob } from '@shared/kinds/redis/glob';
import fc from 'fast-check';
import { expect, it } from 'vitest';

it('matches as Redis does', () => {
  const matches = (pattern: string, text: string) => compileGlob(pattern)(text);
  expect(matches('h?llo', 'hello')).toBe(true);
  expect(matches('h[ae]y', 'hoy')).toBe(false);
  expect(matches('h[^x-z]t', 'hat')).toBe(true);
  expect(matches('a\\*b', 'a*b')).toBe(true);
  expect(matches('a\\*b', 'axb')).toBe(false);
  expect(matches('[z-a]', 'm')).toBe(true);
  expect(matches('user.*', 'userx1')).toBe(false);
});

it('without special characters matches only itself', () => {
  const plain = fc.string().map((text) => text.replace(/[*?[\]\\]/g, ''));
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      expect(compileGlob(a)(b)).toBe(a === b);
    }),
  );
});

it('takes any text after a star, and never throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (pattern, text) => {
      compileGlob(pattern)(text);
      expect(compileGlob('*')(text)).toBe(true);
    }),
  );
});
