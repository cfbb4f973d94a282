/** Where a template's values come from. Everything that is not pure is handed in. */
export interface TemplateSources {
  uuid: () => string;
  now: () => Date;
  /** The environment's variables. */
  variables: Readonly<Record<string, string>>;
  /** Value of a faker field such as `person.fullName`; undefined when there is none of that name. */
  faker: (field: string) => string | undefined;
}

/** A template ready to be filled in, thousands of times a second. `seq` is 1 for the first message, then one more each. */
export type Template = (sources: TemplateSources, seq: number) => string;

/** A placeholder that means nothing, and where it stands. */
export interface TemplateProblem {
  /** Offset of the placeholder in the text. */
  offset: number;
  message: string;
}

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;
const FAKER_FIELD = /^faker\.([a-zA-Z]+\.[a-zA-Z]+)$/;
const VARIABLE = /^var\.([A-Za-z_][\w-]*)$/;

type Part = (sources: TemplateSources, seq: number) => string;

/** The part for a placeholder's name, or the sentence what is wrong with it. */
function compilePart(name: string): Part | string {
  if (name === 'seq') return (_, seq) => String(seq);
  if (name === 'uuid') return ({ uuid }) => uuid();
  if (name === 'now') return ({ now }) => now().toISOString();
  const variable = VARIABLE.exec(name)?.[1];
  if (variable) return ({ variables }) => variables[variable] ?? '';
  const field = FAKER_FIELD.exec(name)?.[1];
  if (field) return ({ faker }) => faker(field) ?? '';
  return `“{{${name}}}” is not a placeholder; there are {{seq}}, {{uuid}}, {{now}}, {{var.NAME}} and {{faker.person.fullName}} with faker’s other fields.`;
}

/**
 * Compiles a text with placeholders once. Unknown placeholders, variables that are not set and faker fields that do not exist
 * are problems, never silent text; `known` tells which variables and fields there are (absent: not checked).
 */
export function compileTemplate(
  text: string,
  known: { variables?: Readonly<Record<string, string>>; hasFakerField?: (field: string) => boolean } = {},
): { render: Template; problems: TemplateProblem[] } {
  const parts: Part[] = [];
  const problems: TemplateProblem[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, name = ''] = match;
    const literal = text.slice(end, match.index);
    if (literal) parts.push(() => literal);
    end = match.index + whole.length;
    const part = compilePart(name);
    const unknown = typeof part === 'string' ? part : missing(name, known);
    if (unknown) problems.push({ offset: match.index, message: unknown });
    parts.push(typeof part === 'string' ? () => whole : part);
  }
  const rest = text.slice(end);
  if (rest || parts.length === 0) parts.push(() => rest);
  const [only] = parts;
  if (only && parts.length === 1) return { render: only, problems };
  return { render: (sources, seq) => parts.reduce((filled, part) => filled + part(sources, seq), ''), problems };
}

function missing(
  name: string,
  { variables, hasFakerField }: Parameters<typeof compileTemplate>[1] & object,
): string | undefined {
  const variable = VARIABLE.exec(name)?.[1];
  if (variable && variables && !(variable in variables)) return `The environment has no variable “${variable}”.`;
  const field = FAKER_FIELD.exec(name)?.[1];
  if (field && hasFakerField && !hasFakerField(field)) return `faker has no field “${field}”.`;
  return undefined;
}
