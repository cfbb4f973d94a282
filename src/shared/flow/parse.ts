import {
  findNodeAtLocation,
  type Node as JsonNode,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { migrateFlow } from './migrate';
import { type Flow, flowSchema } from './schema';

/** One problem of a text, with its place. */
export interface TextProblem {
  /** From 1. */
  line: number;
  column: number;
  /** Dotted path of the value, empty for the document itself. */
  path: string;
  /** One sentence. */
  message: string;
}

export type ParsedFlow = { ok: true; flow: Flow } | { ok: false; problems: TextProblem[] };

/** Sentences for the parser's codes. */
const SYNTAX: Partial<Record<string, string>> = {
  InvalidSymbol: 'This is not a JSON value.',
  InvalidNumberFormat: 'This is not a number.',
  PropertyNameExpected: 'A name in double quotes is expected here.',
  ValueExpected: 'A value is expected here.',
  ColonExpected: 'A colon is expected here.',
  CommaExpected: 'A comma is expected here.',
  CloseBraceExpected: 'A closing brace is missing here.',
  CloseBracketExpected: 'A closing bracket is missing here.',
  EndOfFileExpected: 'The document ends before this.',
  UnexpectedEndOfComment: 'A comment is not closed.',
  UnexpectedEndOfString: 'A string is not closed.',
  InvalidUnicode: 'This is not a Unicode escape.',
  InvalidEscapeCharacter: 'This is not an escape JSON knows.',
  InvalidCharacter: 'This character must be escaped.',
};

/** A place in a text. */
export interface Place {
  /** Both from 1. */
  line: number;
  column: number;
}

/** Finds line and column of offsets; reads the text once however many are asked for. */
export function placesIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

export type ParsedJson = { ok: true; value: unknown; tree: JsonNode } | { ok: false; problems: TextProblem[] };

/** Reads JSON with comments and trailing commas; anything else is refused with line and column. */
export function parseJsonText(text: string): ParsedJson {
  const clean = text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text;
  const errors: ParseError[] = [];
  const tree = parseTree(clean, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first || !tree) {
    const offset = first?.offset ?? 0;
    const message = first
      ? (SYNTAX[printParseErrorCode(first.error)] ?? 'This is not JSON.')
      : 'The document is empty.';
    return { ok: false, problems: [{ ...placesIn(clean)(offset), path: '', message }] };
  }
  return { ok: true, value: jsonValue(tree), tree };
}

/** The value of a parsed node; `__proto__` becomes an ordinary key, never a prototype. */
function jsonValue(node: JsonNode): unknown {
  if (node.type === 'array') return (node.children ?? []).map(jsonValue);
  if (node.type !== 'object') return node.value;
  const result: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (!key || !value) continue;
    Object.defineProperty(result, String(key.value), {
      value: jsonValue(value),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return result;
}

const CREDENTIALS = /\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:([^\s/@]+)@/i;

/** Does the text hold a URL with a password? A flow must not; `{{secret:…}}` stands for one and is fine. */
export function holdsPassword(text: string): boolean {
  const match = CREDENTIALS.exec(text);
  return match !== null && !match[1]?.startsWith('{{secret:');
}

function findCredentials(
  node: JsonNode,
  path: (string | number)[],
  found: { node: JsonNode; path: (string | number)[] }[],
): void {
  if (node.type === 'string') {
    if (holdsPassword(String(node.value))) found.push({ node, path });
    return;
  }
  for (const [index, child] of (node.children ?? []).entries()) {
    if (node.type === 'array') findCredentials(child, [...path, index], found);
    else if (child.children?.[1])
      findCredentials(child.children[1], [...path, String(child.children[0]?.value)], found);
  }
}

/** A key that stands twice in an object, as a bad merge leaves it: the parser would silently take the last. */
function findDuplicates(node: JsonNode, found: JsonNode[]): void {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    if (node.type === 'object') {
      const [key] = child.children ?? [];
      if (key && seen.has(key.value)) found.push(key);
      seen.add(key?.value);
    }
    findDuplicates(child, found);
  }
}

function sentence(message: string): string {
  const trimmed = message.replace(/^Invalid input: /, '').replace(/\.$/, '');
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}.`;
}

/** Finds places by path; what is missing has no place of its own, so the nearest thing around it stands for it. */
export type Locate = (path: readonly PropertyKey[]) => Place;

/** The locator of a parsed text. */
export function locatorIn(tree: JsonNode, placeOf: (offset: number) => Place): Locate {
  return (path) => {
    const parts = path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    let node: JsonNode | undefined;
    for (let depth = parts.length; depth >= 0 && !node; depth--) {
      const start = parts.slice(0, depth);
      // Paths of problems write an index as text.
      node = findNodeAtLocation(tree, start) ?? findNodeAtLocation(tree, start.map(indexOf));
    }
    return placeOf(node?.offset ?? 0);
  };
}

const indexOf = (part: string | number) => (typeof part === 'string' && /^\d+$/.test(part) ? Number(part) : part);

/** Finds the places of a flow's parts in the text of its file, by path: `['nodes', 'orders', 'name']`. */
export function createLocator(text: string): Locate {
  const parsed = parseJsonText(text);
  return parsed.ok ? locatorIn(parsed.tree, placesIn(text)) : () => ({ line: 1, column: 1 });
}

/** Reads the text of a flow file: the flow, or every problem with its place. Unknown keys are kept. */
export function parseFlow(text: string): ParsedFlow {
  const parsed = parseJsonText(text);
  if (!parsed.ok) return parsed;
  const { tree, value } = parsed;
  const placeOf = placesIn(text);
  const place = locatorIn(tree, placeOf);
  const at = (path: readonly PropertyKey[], message: string): TextProblem => ({
    ...place(path),
    path: path.join('.'),
    message,
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, problems: [at([], 'A flow is a JSON object.')] };
  const migrated = migrateFlow(value as Record<string, unknown>);
  if (!migrated.ok) return { ok: false, problems: [at(['format'], migrated.message)] };
  const checked = flowSchema.safeParse(migrated.document);
  const problems = checked.success ? [] : checked.error.issues.map((issue) => at(issue.path, sentence(issue.message)));
  const duplicates: JsonNode[] = [];
  findDuplicates(tree, duplicates);
  for (const key of duplicates)
    problems.push({ ...placeOf(key.offset), path: '', message: `“${key.value}” stands here a second time.` });
  const leaks: { node: JsonNode; path: (string | number)[] }[] = [];
  findCredentials(tree, [], leaks);
  for (const { path } of leaks)
    problems.push(
      at(path, 'A flow never holds a password: take it out of this URL and give it in the connection dialog.'),
    );
  if (!checked.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, flow: checked.data };
}
