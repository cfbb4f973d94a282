import type { FlowNode, Position } from '@shared/flow/schema';
import { pictureNode } from './describe';
import { CARD_HEIGHT, CARD_WIDTH, describeNamed, type NamedEnd } from './drawing';
import { accentHex, type PictureTheme } from './palette';
import { escapeXml, measureText, shortenText } from './svg-text';

const NAME_SIZE = 13;
const FACTS_SIZE = 11;
/** Where text begins and how wide it may be. */
const TEXT_X = 54;
const TEXT_WIDTH = CARD_WIDTH - TEXT_X - 12;

/** Signs in a box of 18 by 18, by the icon that a descriptor names. */
const GLYPHS: Record<string, string> = {
  'arrows-split': 'M2,9 h5 l4,-5 h5 m-2.5,-2.5 l2.5,2.5 l-2.5,2.5 M7,9 l4,5 h5 m-2.5,-2.5 l2.5,2.5 l-2.5,2.5',
  'stack-2': 'M9,2 l7,3.5 l-7,3.5 l-7,-3.5 z M2,9 l7,3.5 l7,-3.5 M2,12.5 l7,3.5 l7,-3.5',
  send: 'M2,8 l14,-6 l-5,14 l-3,-6 z M8,10 l8,-8',
  bolt: 'M10,2 l-6,8.5 h5 l-1,5.5 l6,-8.5 h-5 z',
};
const BOX = 'M3,5 l6,-3 l6,3 v8 l-6,3 l-6,-3 z M3,5 l6,3 l6,-3 M9,8 v8';

/** Cards end like those of the canvas: what passes messages on is round, what takes or sends them is round at one end. */
const OUTLINES: Record<string, string> = {
  exchange: roundedCard(28, 28),
  publisher: roundedCard(9, 28),
  handler: roundedCard(28, 9),
  queue: roundedCard(5, 5),
};

function roundedCard(left: number, right: number): string {
  const corner = (radius: number, x: number, y: number) => `a${radius},${radius} 0 0 1 ${x},${y}`;
  return [
    `M${left},0 H${CARD_WIDTH - right} ${corner(right, right, right)}`,
    `V${CARD_HEIGHT - right} ${corner(right, -right, right)}`,
    `H${left} ${corner(left, -left, -left)}`,
    `V${left} ${corner(left, left, -left)} Z`,
  ].join(' ');
}

/** How far the slots of a queue stand out on the right: links begin there. */
export const QUEUE_SLOTS = 9;

/** A node as the canvas draws it. The full name is the element's title, however much of it has room. */
export function drawCard(node: FlowNode, { x, y }: Position, theme: PictureTheme): string {
  const { noun, name, summary, accent, icon } = pictureNode(node);
  const color = accentHex(accent);
  const ownership = node.ownership ?? 'managed';
  const isQuiet = ownership !== 'managed' || node.settings.runsIn === 'elsewhere';
  const dash = isQuiet ? ` stroke-dasharray="${ownership === 'ignored' ? '1 4' : '5 4'}"` : '';
  const box = `fill="${isQuiet ? theme.quiet : theme.card}" stroke="${theme.border}"${dash}`;
  const slots =
    noun === 'queue'
      ? `<path d="M${CARD_WIDTH},8 h5 a4,4 0 0 1 4,4 v32 a4,4 0 0 1 -4,4 h-5" ${box}/><path d="M${CARD_WIDTH},4 h1 a4,4 0 0 1 4,4 v40 a4,4 0 0 1 -4,4 h-1" ${box}/>`
      : '';
  const tile = noun === 'exchange' ? 17 : noun === 'queue' ? 4 : 8;
  return [
    `<g transform="translate(${x} ${y})"${ownership === 'ignored' ? ' opacity="0.65"' : ''}>`,
    `<title>${escapeXml(`${noun} ${name}`)}</title>`,
    slots,
    `<path d="${OUTLINES[noun] ?? roundedCard(9, 9)}" ${box}/>`,
    `<rect x="11" y="11" width="34" height="34" rx="${tile}" fill="${color}" fill-opacity="0.13"/>`,
    `<path transform="translate(19 19)" d="${GLYPHS[icon] ?? BOX}" fill="none" stroke="${color}" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round"/>`,
    `<text x="${TEXT_X}" y="25" font-size="${NAME_SIZE}" font-weight="600" fill="${theme.text}">${fitted(name, NAME_SIZE)}</text>`,
    drawFacts(noun, summary, color, theme),
    '</g>',
  ].join('');
}

function drawFacts(noun: string, summary: string, color: string, theme: PictureTheme): string {
  const shownNoun = shortenText(noun, FACTS_SIZE, TEXT_WIDTH);
  const room = TEXT_WIDTH - measureText(shownNoun, FACTS_SIZE) - 6;
  const facts =
    room > 3 * FACTS_SIZE
      ? `<tspan dx="6" fill="${theme.muted}">${escapeXml(shortenText(summary, FACTS_SIZE, room))}</tspan>`
      : '';
  return `<text x="${TEXT_X}" y="41" font-size="${FACTS_SIZE}" fill="${color}">${escapeXml(shownNoun)}${facts}</text>`;
}

/** An object that is only named: a dashed outline. */
export function drawNamedEnd(end: NamedEnd, { x, y }: Position, theme: PictureTheme): string {
  const { name, facts } = describeNamed(end);
  return [
    `<g transform="translate(${x} ${y})">`,
    `<title>${escapeXml(`${end.objectType} ${name}, not drawn`)}</title>`,
    `<path d="${end.objectType === 'exchange' ? roundedCard(28, 28) : roundedCard(6, 6)}" fill="none" stroke="${theme.border}" stroke-width="1.5" stroke-dasharray="5 4"/>`,
    `<text x="22" y="25" font-size="${NAME_SIZE}" font-weight="500" fill="${theme.muted}">${fitted(name, NAME_SIZE, CARD_WIDTH - 40)}</text>`,
    `<text x="22" y="41" font-size="${FACTS_SIZE}" fill="${theme.faint}">${fitted(facts, FACTS_SIZE, CARD_WIDTH - 40)}</text>`,
    '</g>',
  ].join('');
}

function fitted(text: string, fontSize: number, width = TEXT_WIDTH): string {
  return escapeXml(shortenText(text, fontSize, width));
}
