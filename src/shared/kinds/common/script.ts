import { transform } from 'sucrase';
import { z } from 'zod';

/** Limits a user may choose, and what holds without a choice. */
export const SCRIPT_LIMITS = {
  timeMs: { min: 10, max: 10_000, default: 500 },
  memoryMb: { min: 4, max: 256, default: 32 },
} as const;

/** The script of a fresh handler. */
export const FIRST_SCRIPT = `export default function (message, ctx) {
  ctx.log(message.key, message.body);
}
`;

/** Settings `script` of a handler. */
export const scriptSettingsSchema = z.looseObject({
  /** TypeScript or JavaScript: a module with a default export, or the body of a function of `message` and `ctx`. */
  code: z.string().max(200_000).default(FIRST_SCRIPT),
  /** Longest time one message may take. */
  timeLimitMs: z
    .number()
    .int()
    .min(SCRIPT_LIMITS.timeMs.min)
    .max(SCRIPT_LIMITS.timeMs.max)
    .default(SCRIPT_LIMITS.timeMs.default),
  /** What the script may hold, its own code and data included. */
  memoryLimitMb: z
    .number()
    .min(SCRIPT_LIMITS.memoryMb.min)
    .max(SCRIPT_LIMITS.memoryMb.max)
    .default(SCRIPT_LIMITS.memoryMb.default),
});
export type ScriptSettings = z.infer<typeof scriptSettingsSchema>;

/** What is wrong with a script, and where; line and column count from 1. */
export interface ScriptProblem {
  message: string;
  line?: number;
  column?: number;
}

/** A script as plain JavaScript: a module whose lines are those of the source. */
export interface CompiledScript {
  code: string;
  /** Characters put before the first line of the source. */
  shift: number;
}

const EXPORTS = /^\s*export\b/m;
const AWAITS = /\bawait\b/;

/** A module is taken as it is; anything else is the body of the exported function, on the same lines. */
function asModule(source: string): CompiledScript {
  if (EXPORTS.test(source)) return { code: source, shift: 0 };
  const head = `export default ${AWAITS.test(source) ? 'async ' : ''}function (message, ctx) {`;
  return { code: `${head}${source}\n}`, shift: head.length };
}

/** Removes the types of a script. Finds what cannot be parsed as TypeScript; what remains is found when it is started. */
export function compileScript(source: string): { script: CompiledScript } | { problem: ScriptProblem } {
  const { code, shift } = asModule(source);
  try {
    const { code: plain } = transform(code, { transforms: ['typescript'], disableESTransforms: true });
    return { script: { code: plain, shift } };
  } catch (error) {
    return { problem: locateSyntaxError(error, source, shift) };
  }
}

/** Sucrase tells the place as `loc` and again, in brackets, at the end of its message. */
function locateSyntaxError(error: unknown, source: string, shift: number): ScriptProblem {
  const { message = String(error), loc } = error as { message?: string; loc?: { line: number; column: number } };
  const plain = message.replace(/ \(\d+:\d+\)$/, '');
  if (!loc) return { message: plain };
  const lines = source.split('\n');
  // A body that ends too early is noticed in the line that closes the function around it.
  if (loc.line > lines.length) return { message: 'The script ends before it is complete.', line: lines.length };
  const column = loc.column - (loc.line === 1 ? shift : 0);
  return { message: plain, line: loc.line, column: Math.max(1, column) };
}

/** Where line and column of the compiled script stand in the source; no column where removed types have moved it. */
export function locateInSource(
  source: string,
  { code, shift }: CompiledScript,
  line: number,
  column: number | undefined,
): Pick<ScriptProblem, 'line' | 'column'> {
  const lines = source.split('\n');
  if (line > lines.length) return { line: lines.length };
  const offset = line === 1 ? shift : 0;
  const isSame = code.split('\n')[line - 1]?.slice(offset) === lines[line - 1];
  return column === undefined || !isSame ? { line } : { line, column: Math.max(1, column - offset) };
}

/** `Unexpected token (line 3, column 5)` */
export function sayScriptProblem({ message, line, column }: ScriptProblem): string {
  if (line === undefined) return message;
  return `${message} (line ${line}${column === undefined ? '' : `, column ${column}`})`;
}
