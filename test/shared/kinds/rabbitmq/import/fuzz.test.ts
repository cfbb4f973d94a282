import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@shared/failure';
import { parseFlow } from '@shared/flow/parse';
import { serialiseFlow } from '@shared/flow/serialise';
import { exportDefinitions } from '@shared/kinds/rabbitmq/export/export-definitions';
import { importDefinitions } from '@shared/kinds/rabbitmq/import/import-definitions';
import { checkFlow } from '@shared/kinds/registry';
import { toMermaid } from '@shared/picture/mermaid';
import { toSvg } from '@shared/picture/svg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../../../fixtures/definitions');
const fixtures = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));

/** Imports the text and does everything with it, or is refused in one sentence with a place. */
function importOrRefuse(text: string): void {
  let result: ReturnType<typeof importDefinitions>;
  try {
    result = importDefinitions(text, { broker: 'main' });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.code).toBe('import/unreadable');
    expect(error.message).toMatch(/^Line \d+, column \d+: [^\n]+\.$/s);
    return;
  }
  const read = parseFlow(serialiseFlow(result.flow));
  expect(read).toMatchObject({ ok: true });
  checkFlow(result.flow, {});
  const { text: out } = exportDefinitions(result.flow, 'main', { defaultVhost: '/' });
  expect(() => importDefinitions(out, { broker: 'main' })).not.toThrow();
  toMermaid(result.flow);
  toSvg(result.flow, 'light');
}

describe('any text', () => {
  it('that is JSON is imported or refused with its place', () => {
    fc.assert(fc.property(fc.json(), importOrRefuse), { numRuns: 300 });
  });

  it('that has the shape of definitions is imported or refused with its place', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const key = fc.constantFrom(
      ...['name', 'vhost', 'type', 'durable', 'arguments', 'source', 'destination', 'destination_type', 'routing_key'],
      ...['pattern', 'definition', 'priority', 'apply-to', 'component', 'value', 'x-queue-type', 'metadata', 'limits'],
    );
    const plausible = fc.oneof(value, fc.constantFrom('a', 'b', '', 'queue', 'operator_policy', true, {}, []));
    const entry = fc.dictionary(key, plausible, { maxKeys: 8 });
    const named = entry.chain((rest) =>
      fc.constantFrom({ ...rest, name: 'a', source: 'a', destination: 'b', component: 'operator_policy' }, rest),
    );
    const list = fc.constantFrom(
      'queues',
      'exchanges',
      'bindings',
      'policies',
      'parameters',
      'vhosts',
      'global_parameters',
    );
    const file = fc.dictionary(list, fc.oneof({ weight: 5, arbitrary: fc.array(named, { maxLength: 4 }) }, value));
    fc.assert(
      fc.property(file, (definitions) => importOrRefuse(JSON.stringify(definitions))),
      { numRuns: 400 },
    );
  });

  it('that was damaged in one place is imported or refused with its place', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...fixtures),
        fc.nat(),
        fc.constantFrom('', '{', '}', '"', ',', '\\', '0', 'null', '\u0000', ']', '-', '//'),
        fc.nat(3),
        (text, seed, piece, cut) => {
          const at = seed % text.length;
          importOrRefuse(text.slice(0, at) + piece + text.slice(at + cut));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('that is no JSON at all is refused with its place', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 50 }), importOrRefuse), { numRuns: 200 });
  });
});
