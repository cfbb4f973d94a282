import type { Body } from '@shared/traffic/event';

/** Ways to look at a body. */
export type BodyView = 'json' | 'text' | 'hex';

const fromHex = (text: string) => {
  const digits = text.replace(/[^0-9a-f]/gi, '');
  return Uint8Array.from({ length: digits.length >> 1 }, (_, index) =>
    Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  );
};

/** The bytes that were kept of a body; masked ones have none. */
export function bodyBytes(body: Body): Uint8Array {
  if (body.format === 'masked') return new Uint8Array();
  return body.format === 'hex' ? fromHex(body.text) : new TextEncoder().encode(body.text);
}

/** The views that make sense of a body, the best first. */
export function viewsOf(body: Body): BodyView[] {
  switch (body.format) {
    case 'json':
      return ['json', 'text', 'hex'];
    case 'text':
      return ['text', 'hex'];
    case 'hex':
      return ['hex', 'text'];
    case 'masked':
      return [];
  }
}

/** Indented JSON; a cut body cannot be parsed and stays as it is. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const BYTES_PER_LINE = 16;

/** `00000010  7b 22 69 64 …  {"id` lines, as hexdump prints them. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += BYTES_PER_LINE) {
    const line = [...bytes.subarray(start, start + BYTES_PER_LINE)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0'));
    const halves = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')].map((half) => half.padEnd(23));
    const text = line.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${start.toString(16).padStart(8, '0')}  ${halves.join('  ')}  ${text}`);
  }
  return lines.join('\n');
}

/** A body as text in the view chosen. */
export function renderBody(body: Body, view: BodyView): string {
  if (body.format === 'masked') return '';
  if (view === 'hex') return hexDump(bodyBytes(body));
  if (view === 'json') return prettyJson(body.text);
  return body.format === 'hex' ? new TextDecoder().decode(bodyBytes(body)) : body.text;
}

const PREVIEW_LENGTH = 200;

/** One line for the list. */
export function previewBody(body: Body | undefined): string {
  if (!body) return '';
  if (body.format === 'masked') return '•••••• masked';
  const text = body.text
    .slice(0, PREVIEW_LENGTH * 2)
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > PREVIEW_LENGTH ? `${text.slice(0, PREVIEW_LENGTH)}…` : text;
}
