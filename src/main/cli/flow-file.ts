import { basename } from 'node:path';
import { Failure } from '@shared/failure';
import { createLocator, parseFlow, type TextProblem } from '@shared/flow/parse';
import type { Problem } from '@shared/flow/problem';
import type { Flow } from '@shared/flow/schema';
import { checkDocument } from '@shared/kinds/registry';
import { readTextFile } from '../engine/files';
import { readFlow } from '../engine/flow-text';

/** A problem with its place in the file. */
export type LocatedProblem = Problem & { line: number; column: number };

/** Puts places of the text to problems of the flow that it holds. */
export function locateProblems(text: string, problems: readonly Problem[]): LocatedProblem[] {
  const locate = createLocator(text);
  return problems.map((problem) => {
    const { subject, field } = problem;
    const record = subject.type === 'flow' ? [] : [`${subject.type}s`, subject.id];
    return { ...problem, ...locate([...record, ...(field === undefined ? [] : field.split('.'))]) };
  });
}

/** The flow of a file, or every problem of its text. @throws Failure when the file cannot be read */
export async function parseFlowFile(
  path: string,
): Promise<{ text: string; flow: Flow } | { text: string; problems: TextProblem[] }> {
  const { text } = await readTextFile(path);
  const parsed = parseFlow(text);
  return parsed.ok ? { text, flow: parsed.flow } : { text, problems: parsed.problems };
}

/**
 * The flow of a file, fit for work on brokers: what cannot be read is refused with its place, not taken for a default.
 * @throws Failure
 */
export async function readFlowFile(path: string): Promise<Flow> {
  const { text } = await readTextFile(path);
  const flow = readFlow(text, path);
  const [first, ...others] = locateProblems(text, checkDocument(flow)).filter(({ severity }) => severity === 'error');
  if (!first) return flow;
  const more = others.length === 0 ? '' : ` ${others.length} more like it.`;
  throw new Failure(
    first.code,
    `${basename(path)}, line ${first.line}, column ${first.column}: ${first.message}${more}`,
    { hint: `tapline validate ${path} shows all problems.`, object: path },
  );
}
