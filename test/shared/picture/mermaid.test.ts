import { emptyFlow } from '@shared/flow/schema';
import { toMermaid } from '@shared/picture/mermaid';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawn, NASTY_NAMES } from './drawn';

const HARMLESS = String.raw`[\p{L}\p{N}\p{M} ._·,*=/<>#;()-]*`;
const NODE = new RegExp(`^ {2}n\\d+(?:\\(\\[|\\[\\(|>|\\[\\[|\\[)"(${HARMLESS})"(?:\\]\\)|\\)\\]|\\]\\]|\\])$`, 'u');
const LINK = new RegExp(`^ {2}n\\d+ (?:-->|-\\.->)(?:\\|"(${HARMLESS})"\\|)? n\\d+$`, 'u');
const STYLE = /^ {2}(?:classDef \w+ [\w-]+:[#\w ]+|class [n\d,]+ \w+)$/;

/** The names that Mermaid shows. */
function shownNames(text: string): string[] {
  const labels = text.split('\n').flatMap((line) => NODE.exec(line)?.[1] ?? []);
  return labels.map((label) =>
    (label.split('<br/>')[0] ?? '').replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))),
  );
}

describe('the Mermaid text', () => {
  it('is a flowchart from left to right', () => {
    expect(toMermaid(drawn('orders')).split('\n').slice(0, 8)).toEqual([
      'flowchart LR',
      '  n1(["orders<br/>exchange · topic · durable"])',
      '  n2[("orders<br/>queue · classic")]',
      '  n3>"orders<br/>publisher · 1/s"]',
      expect.stringMatching(/^ {2}n4\[\["orders<br\/>handler/),
      '  n5["orders<br/>kafka.topic · unknown type"]',
      '  n6["orders<br/>exchange · not drawn"]',
      '  n3 -->|"orders"| n1',
    ]);
  });

  it.each(NASTY_NAMES)('keeps the name %s whole', (name) => {
    expect(shownNames(toMermaid(drawn(name)))).toEqual(Array(6).fill(name));
  });

  it('has only lines of its own making, whatever the names hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const [first, ...lines] = toMermaid(drawn(name)).trimEnd().split('\n');
        expect(first).toBe('flowchart LR');
        for (const line of lines) expect(NODE.test(line) || LINK.test(line) || STYLE.test(line), line).toBe(true);
      }),
    );
  });

  it('is there for an empty flow', () => {
    expect(toMermaid(emptyFlow())).toBe('flowchart LR\n');
  });
});
