/** A piece of JSON text and what it is. */
export interface JsonToken {
  text: string;
  type: 'key' | 'string' | 'number' | 'word' | 'plain';
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** Splits JSON for colouring; text that is cut or not JSON is coloured as far as it goes. */
export function tokenizeJson(text: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > end) tokens.push({ text: text.slice(end, match.index), type: 'plain' });
    const [whole, quoted, colon, number] = match;
    if (quoted !== undefined) {
      tokens.push({ text: quoted, type: colon === undefined ? 'string' : 'key' });
      if (colon !== undefined) tokens.push({ text: colon, type: 'plain' });
    } else tokens.push({ text: whole, type: number === undefined ? 'word' : 'number' });
    end = match.index + whole.length;
  }
  if (end < text.length) tokens.push({ text: text.slice(end), type: 'plain' });
  return tokens;
}
