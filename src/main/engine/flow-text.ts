import { basename } from 'node:path';
import { Failure } from '@shared/failure';
import { parseFlow } from '@shared/flow/parse';
import type { Flow } from '@shared/flow/schema';

/** Problems named in one refusal; the rest are counted. */
const MOST_NAMED = 5;

/** Reads the text of a flow file. @throws Failure `flow/unreadable` with the place of each problem */
export function readFlow(text: string, path: string): Flow {
  const parsed = parseFlow(text);
  if (parsed.ok) return parsed.flow;
  const places = parsed.problems.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`);
  const [first = '', ...others] = places;
  const named = others.slice(0, MOST_NAMED - 1);
  const more = others.length - named.length;
  throw new Failure('flow/unreadable', `${basename(path)}, ${first}`, {
    hint: named.length > 0 ? `Also ${named.join(' ')}${more > 0 ? ` And ${more} more.` : ''}` : undefined,
    object: path,
  });
}
