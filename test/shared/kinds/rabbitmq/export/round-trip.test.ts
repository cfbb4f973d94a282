import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlow } from '@shared/flow/parse';
import { serialiseFlow } from '@shared/flow/serialise';
import { exportDefinitions } from '@shared/kinds/rabbitmq/export/export-definitions';
import { writeJson } from '@shared/kinds/rabbitmq/export/write-json';
import { importDefinitions } from '@shared/kinds/rabbitmq/import/import-definitions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionsArbitrary, objectSets } from '../import/definitions';

const folder = join(import.meta.dirname, '../../../../fixtures/definitions');
const fixture = (file: string) => readFileSync(join(folder, file), 'utf8');
const exportAgain = (text: string) => {
  const { flow } = importDefinitions(text, { broker: 'main' });
  return exportDefinitions(flow, 'main', { defaultVhost: '/' }).text;
};

/** Through the file of the flow as well, since that is what a user keeps. */
const exportFromFile = (text: string) => {
  const { flow } = importDefinitions(text, { broker: 'main' });
  const read = parseFlow(serialiseFlow(flow));
  if (!read.ok) throw new Error(read.problems[0]?.message);
  return exportDefinitions(read.flow, 'main', { defaultVhost: '/' }).text;
};

describe('import, then export', () => {
  it.each(readdirSync(folder).filter((file) => !/^(messy|single)|secret/.test(file)))(
    'gives back the objects of %s',
    (file) => {
      const before = objectSets(fixture(file));
      const after = objectSets(exportFromFile(fixture(file)));
      // Secrets in URIs are replaced; they have a test of their own.
      expect({ ...after, parameters: after.parameters?.length }).toEqual({
        ...before,
        parameters: before.parameters?.length,
      });
    },
  );

  it('gives back the same exchanges, queues, bindings, policies and parameters of any file', () => {
    fc.assert(
      fc.property(definitionsArbitrary({ vhosts: ['/', 'shop', 'a "b" 🐇'] }), (definitions) => {
        const text = writeJson(definitions);
        expect(objectSets(exportFromFile(text))).toEqual(objectSets(text));
      }),
      { numRuns: 150 },
    );
  });

  it('writes the same text whatever the order of the file', () => {
    fc.assert(
      fc.property(definitionsArbitrary({ vhosts: ['/', 'shop'] }), fc.nat(), (definitions, seed) => {
        const turned = Object.fromEntries(
          Object.entries(definitions).map(([key, list]) => {
            const at = list.length === 0 ? 0 : seed % list.length;
            return [key, [...list.slice(at), ...list.slice(0, at)].reverse()];
          }),
        );
        expect(exportAgain(writeJson(turned))).toBe(exportAgain(writeJson(definitions)));
      }),
      { numRuns: 50 },
    );
  });

  it('is settled after once', () => {
    for (const file of readdirSync(folder)) {
      const once = exportAgain(fixture(file));
      expect(exportAgain(once), file).toBe(once);
    }
  });

  it('keeps keys that Tapline does not know', () => {
    const text = exportFromFile(fixture('messy-by-hand.jsonc'));
    const file = JSON.parse(text);
    expect(file._comment).toBe('imported at boot');
    expect(file.vhosts).toEqual([{ name: '/app', _owner: 'team a' }]);
    expect(file.queues).toContainEqual(
      expect.objectContaining({ name: 'events', messages: 12, _comment: 'same name as the exchange' }),
    );
    expect(file.bindings).toContainEqual(expect.objectContaining({ destination: 'events', _why: 'all of a' }));
  });

  it('keeps whole numbers beyond 2⁵³ and tells 1.0 from 1', () => {
    const text = '{"queues":[{"name":"q","arguments":{"big":9223372036854775807,"one":1.0,"int":1,"e":1e3}}]}';
    const out = exportFromFile(text).replace(/\s/g, '');
    expect(out).toContain('{"big":9223372036854775807,"e":1000.0,"int":1,"one":1.0}');
  });
});
