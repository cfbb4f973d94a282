import { Failure } from '@shared/failure';
import { type Locate, locatorIn, type Place, parseJsonText, placesIn } from '@shared/flow/parse';
import type { Json } from '@shared/flow/schema';
import { createScanner, type Node } from 'jsonc-parser';

/** Deeper values are refused: no broker has them, and readers that call themselves would run out of stack. */
const MAX_DEPTH = 64;
/** Tokens of jsonc-parser's `SyntaxKind`, whose enum does not exist at run time. */
const TOKENS = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 };

/** The value of a JSON text and the places of its parts. */
export interface ReadJson {
  value: Json;
  locate: Locate;
  /** Keys that stand twice in one object; the later value is the one read. */
  repeated: { key: string; place: Place }[];
}

/** Refusal of a text: one sentence that begins with its place. */
export function refuseAt({ line, column }: Place, message: string, fileName?: string): Failure {
  const place = `line ${line}, column ${column}`;
  const where = fileName === undefined ? `L${place.slice(1)}` : `${fileName}, ${place}`;
  return new Failure('import/unreadable', `${where}: ${message}`, { object: fileName });
}

/**
 * Reads JSON with comments and trailing commas. Numbers keep what JavaScript's lose: whole ones beyond 2⁵³ become
 * `{$type: 'long'}` with their digits, and `1.0` becomes `{$type: 'double'}`, since RabbitMQ tells it from `1`.
 * @throws Failure `import/unreadable` with line and column
 */
export function readJson(text: string, fileName?: string): ReadJson {
  const placeOf = placesIn(text);
  const refuse = (offset: number, message: string) => refuseAt(placeOf(offset), message, fileName);
  if (/^\uFEFF?\s*$/.test(text)) throw refuse(0, 'There is nothing in it.');
  const tooDeep = findTooDeep(text);
  if (tooDeep !== undefined) throw refuse(tooDeep, `This is nested more than ${MAX_DEPTH} levels deep.`);
  const parsed = parseJsonText(text);
  if (!parsed.ok) {
    const [first] = parsed.problems;
    throw refuseAt(first ?? { line: 1, column: 1 }, first?.message ?? 'This is not JSON.', fileName);
  }
  const repeated: ReadJson['repeated'] = [];
  const readNode = (node: Node): Json => {
    if (node.type === 'array') return (node.children ?? []).map(readNode);
    if (node.type === 'object') return readObject(node);
    if (node.type !== 'number') return node.value as Json;
    const number = readNumber(text.slice(node.offset, node.offset + node.length));
    if (number === undefined) throw refuse(node.offset, 'This number is too large.');
    return number;
  };
  const readObject = (node: Node): Json => {
    const entries = new Map<string, Json>();
    for (const { children: [keyNode, valueNode] = [] } of node.children ?? []) {
      if (!keyNode || !valueNode) continue;
      const key = String(keyNode.value);
      if (key === '__proto__') throw refuse(keyNode.offset, 'A key cannot be called “__proto__”.');
      if (entries.has(key)) repeated.push({ key, place: placeOf(keyNode.offset) });
      entries.set(key, readNode(valueNode));
    }
    return Object.fromEntries(entries);
  };
  return { value: readNode(parsed.tree), locate: locatorIn(parsed.tree, placeOf), repeated };
}

/** Offset of the first bracket that opens one level too many. */
function findTooDeep(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== TOKENS.end; token = scanner.scan()) {
    if (token === TOKENS.openBrace || token === TOKENS.openBracket) depth++;
    else if (token === TOKENS.closeBrace || token === TOKENS.closeBracket) depth--;
    if (depth > MAX_DEPTH) return scanner.getTokenOffset();
  }
  return undefined;
}

function readNumber(raw: string): Json | undefined {
  const value = Number(raw);
  if (!Number.isFinite(value)) return undefined;
  if (/^-?\d+$/.test(raw)) return Number.isSafeInteger(value) ? value || 0 : { $type: 'long', value: raw };
  return Number.isInteger(value) ? { $type: 'double', value: value || 0 } : value;
}

/** A value outside of argument tables, where `1.0` means `1`; whole numbers beyond 2⁵³ stay typed. */
export function untypeDoubles(value: Json): Json {
  if (Array.isArray(value)) return value.map(untypeDoubles);
  if (typeof value !== 'object' || value === null) return value;
  if (value.$type === 'double' && typeof value.value === 'number' && Object.keys(value).length === 2)
    return value.value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, untypeDoubles(item)]));
}
