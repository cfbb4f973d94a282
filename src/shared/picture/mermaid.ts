import type { Flow } from '@shared/flow/schema';
import { pictureLink, pictureNode } from './describe';
import { describeNamed, drawnId, placeNamedEnds } from './drawing';
import { accentHex } from './palette';

/** Brackets around a quoted text, by noun: exchanges are round, queues are stores, handlers do work. */
const SHAPES: Record<string, [string, string]> = {
  exchange: ['([', '])'],
  queue: ['[(', ')]'],
  publisher: ['>', ']'],
  handler: ['[[', ']]'],
};
const ARROWS = { solid: '-->', dashed: '-.->', dotted: '-.->' };

/**
 * The drawing as a Mermaid flowchart. Nodes are numbered, so that no name can be taken for syntax; names are quoted and
 * everything that Mermaid reads is written as a character code. https://mermaid.js.org/syntax/flowchart.html
 */
export function toMermaid(flow: Flow): string {
  const ids = new Map<string, string>();
  const lines: string[] = [];
  const accents = new Map<string, string[]>();
  for (const [id, node] of Object.entries(flow.nodes)) {
    const { noun, name, summary, accent } = pictureNode(node);
    const own = `n${ids.size + 1}`;
    ids.set(id, own);
    accents.set(accent, [...(accents.get(accent) ?? []), own]);
    const [open, close] = SHAPES[noun] ?? ['[', ']'];
    const facts = [noun, summary].filter(Boolean).join(' · ');
    lines.push(`${own}${open}"${escapeText(name)}<br/>${escapeText(facts)}"${close}`);
  }
  const named: string[] = [];
  for (const [id, { end }] of placeNamedEnds(flow)) {
    const { name, facts } = describeNamed(end);
    const own = `n${ids.size + 1}`;
    ids.set(id, own);
    named.push(own);
    lines.push(`${own}["${escapeText(name)}<br/>${escapeText(facts)}"]`);
  }
  for (const link of Object.values(flow.links)) {
    const from = ids.get(drawnId(link.from));
    const to = ids.get(drawnId(link.to));
    if (from === undefined || to === undefined) continue;
    const { label, stroke } = pictureLink(link);
    lines.push(`${from} ${ARROWS[stroke]}${label === '' ? '' : `|"${escapeText(label)}"|`} ${to}`);
  }
  for (const [accent, members] of accents) {
    const className = `accent${[...accents.keys()].indexOf(accent) + 1}`;
    lines.push(`classDef ${className} stroke:${accentHex(accent)}`, `class ${members.join(',')} ${className}`);
  }
  if (named.length > 0) lines.push('classDef named stroke-dasharray:5 4', `class ${named.join(',')} named`);
  return `${['flowchart LR', ...lines.map((line) => `  ${line}`)].join('\n')}\n`;
}

/** Letters, digits and harmless signs stay; the rest, which Mermaid might read as syntax, directive or HTML, becomes its code. */
function escapeText(text: string): string {
  const shown = text.trim() === '' ? '(blank)' : text;
  return shown.replace(/[^\p{L}\p{N}\p{M} ._·,*=/-]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const isUnseen = code < 32 || (code >= 0xd800 && code <= 0xdfff);
    return `#${isUnseen ? 0xfffd : code};`;
  });
}
