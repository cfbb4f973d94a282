import type { Flow, FlowLink, Position } from '@shared/flow/schema';
import { pictureLink, pictureNode } from './describe';
import { CARD_HEIGHT, CARD_WIDTH, drawnId, placeNamedEnds } from './drawing';
import { assignLanes, drawLinkPath, type Point } from './link-path';
import { accentHex, PICTURE_THEMES, type PictureTheme, type ThemeName } from './palette';
import { drawCard, drawNamedEnd, QUEUE_SLOTS } from './svg-card';
import { escapeXml, measureText, shortenText } from './svg-text';

const MARGIN = 48;
const LABEL_SIZE = 11;
const MAX_LABEL_WIDTH = 132;
const DASHES = {
  solid: '',
  dashed: ' stroke-dasharray="7 5"',
  dotted: ' stroke-dasharray="2 5" stroke-linecap="round"',
};
const SANS = "'Inter Variable', Inter, -apple-system, 'Segoe UI', system-ui, sans-serif";
const MONO = "'JetBrains Mono Variable', 'SF Mono', ui-monospace, Consolas, monospace";

/**
 * The drawing as an SVG document that looks like the canvas: cards, links with arrows and labels, objects that are only named.
 * Nodes without a place lie at the origin: lay the flow out first. Self-contained: no script, style sheet or reference.
 */
export function toSvg(flow: Flow, themeName: ThemeName = 'light'): string {
  const theme = PICTURE_THEMES[themeName];
  const places = placesOf(flow);
  const lines = drawLinks(flow, places, theme);
  const corners = [...places.values()].flatMap(({ x, y }) => [
    { x, y },
    { x: x + CARD_WIDTH + QUEUE_SLOTS, y: y + CARD_HEIGHT },
  ]);
  const box = boxAround([...corners, ...lines.flatMap(({ points }) => points)]);
  const cards = Object.entries(flow.nodes).map(([id, node]) => drawCard(node, places.get(id) ?? { x: 0, y: 0 }, theme));
  const named = [...placeNamedEnds(flow).values()].map(({ end, position }) => drawNamedEnd(end, position, theme));
  const colors = [...new Set(lines.map(({ color }) => color))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="${box.x} ${box.y} ${box.width} ${box.height}" width="${box.width}" height="${box.height}" font-family="${SANS}">`,
    `<title>${escapeXml(flow.name)}</title>`,
    ...(colors.length > 0 ? [`<defs>${colors.map(drawArrowhead).join('')}</defs>`] : []),
    `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" fill="${theme.canvas}"/>`,
    ...lines.map(({ line }) => line),
    ...cards,
    ...named,
    ...lines.map(({ label }) => label).filter(Boolean),
    '</svg>',
    '',
  ].join('\n');
}

function placesOf(flow: Flow): Map<string, Position> {
  const cards = Object.keys(flow.nodes).map((id) => [id, flow.layout.nodes[id] ?? { x: 0, y: 0 }] as const);
  const named = [...placeNamedEnds(flow)].map(([id, { position }]) => [id, position] as const);
  return new Map([...cards, ...named]);
}

interface DrawnLink {
  line: string;
  label: string;
  color: string;
  /** What must lie inside the picture. */
  points: Point[];
}

function drawLinks(flow: Flow, places: ReadonlyMap<string, Position>, theme: PictureTheme): DrawnLink[] {
  const links = Object.entries(flow.links).map(([id, link]) => ({
    id,
    link,
    source: drawnId(link.from),
    target: drawnId(link.to),
  }));
  const lanes = assignLanes(links);
  return links.flatMap(({ id, link, source, target }) => {
    const from = places.get(source);
    const to = places.get(target);
    if (!from || !to) return [];
    const node = flow.nodes[source];
    const slots = node && pictureNode(node).noun === 'queue' ? QUEUE_SLOTS : 0;
    const start = { x: from.x + CARD_WIDTH + slots, y: from.y + CARD_HEIGHT / 2 };
    const end = { x: to.x, y: to.y + CARD_HEIGHT / 2 };
    return [drawLine(link, drawLinkPath(start, end, lanes.get(id) ?? 0), theme)];
  });
}

function drawLine(
  link: FlowLink,
  { path, label: at }: ReturnType<typeof drawLinkPath>,
  theme: PictureTheme,
): DrawnLink {
  const { label, accent, stroke } = pictureLink(link);
  const color = accentHex(accent);
  const points = [...path.matchAll(/(-?[\d.e+-]+),(-?[\d.e+-]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
  return {
    color,
    points: [...points, { x: at.x - MAX_LABEL_WIDTH / 2, y: at.y }, { x: at.x + MAX_LABEL_WIDTH / 2, y: at.y }],
    line: `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.6"${DASHES[stroke]} marker-end="url(#${arrowId(color)})"/>`,
    label: label === '' ? '' : drawLabel(label, at, color, theme),
  };
}

function drawLabel(label: string, { x, y }: Point, color: string, theme: PictureTheme): string {
  const shown = shortenText(label, LABEL_SIZE, MAX_LABEL_WIDTH);
  // Letters of the label's face are all as wide as the wider ones of the other.
  const width = Math.ceil(Math.max(measureText(shown, LABEL_SIZE), [...shown].length * 0.62 * LABEL_SIZE)) + 12;
  return [
    `<g><title>${escapeXml(label)}</title>`,
    `<rect x="${x - width / 2}" y="${y - 8}" width="${width}" height="16" rx="8" fill="${theme.canvas}"/>`,
    `<text x="${x}" y="${y + 4}" font-size="${LABEL_SIZE}" font-family="${MONO}" text-anchor="middle" fill="${color}">${escapeXml(shown)}</text></g>`,
  ].join('');
}

function arrowId(color: string): string {
  return `arrow-${color.slice(1)}`;
}

function drawArrowhead(color: string): string {
  return `<marker id="${arrowId(color)}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0,1 L9,5 L0,9 Z" fill="${color}"/></marker>`;
}

function boxAround(points: readonly Point[]): { x: number; y: number; width: number; height: number } {
  let [left, top, right, bottom] = points.length === 0 ? [0, 0, 320, 120] : [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  const x = Math.floor(left - MARGIN);
  const y = Math.floor(top - MARGIN);
  return { x, y, width: Math.ceil(right + MARGIN) - x, height: Math.ceil(bottom + MARGIN) - y };
}
