import type { Problem, Severity, Subject } from '@shared/flow/problem';
import { describeSpan, erasBetween } from '../version';
import type { BrokerModel } from './model';

/** A rule looks at one broker and gives what it finds. */
export type Rule = (model: BrokerModel) => Problem[];

const MILDER: Record<Severity, Severity> = { error: 'warning', warning: 'hint', hint: 'hint' };
const WEIGHT: Record<Severity, number> = { error: 2, warning: 1, hint: 0 };

/** A name in a sentence: plain where it reads well, quoted where it has spaces or the like. */
export function say(name: string): string {
  return /^[\w.:@/+-]+$/u.test(name) ? name : `“${name}”`;
}

export const nodeSubject = (id: string): Subject => ({ type: 'node', id });
export const linkSubject = (id: string): Subject => ({ type: 'link', id });

/** `order` or `“two words”` joined as `a, b and 3 more`. */
export function sayList(names: string[], shown = 3): string {
  const said = names.slice(0, shown).map(say);
  const rest = names.length - said.length;
  if (rest > 0) return `${said.join(', ')} and ${rest} more`;
  return said.length < 2 ? said.join('') : `${said.slice(0, -1).join(', ')} and ${said.at(-1)}`;
}

/**
 * A problem that hangs on the release. With a known version the judgement on that; with an unknown one a conditional
 * sentence for the releases that have it, one degree milder unless every release has it.
 */
export function judgeByVersion(
  version: string | undefined,
  boundaries: string[],
  judge: (version: string) => Problem | undefined,
): Problem[] {
  if (version !== undefined) return listOf(judge(version));
  const eras = erasBetween(boundaries).map(({ span, example }) => ({ span, problem: judge(example) }));
  const found = eras.flatMap(({ span, problem }) => (problem ? [{ span, problem }] : []));
  const [first] = found;
  if (!first) return [];
  const isEverywhere = found.length === eras.length;
  if (isEverywhere && found.every(({ problem }) => problem.message === first.problem.message)) return [first.problem];
  const severities = found.map(({ problem }) => problem.severity).sort((a, b) => WEIGHT[a] - WEIGHT[b]);
  const [mildest = 'hint'] = severities;
  const worst = severities.at(-1) ?? mildest;
  const groups: typeof found = [];
  for (const { span, problem } of found) {
    const last = groups.at(-1);
    const continues = last?.problem.message === problem.message && last.span.until === span.since;
    if (last && continues) last.span = { ...last.span, until: span.until };
    else groups.push({ span, problem });
  }
  const message = groups
    .map(({ span, problem }) => `On RabbitMQ ${describeSpan(span)}, ${lowerFirst(problem.message)}`)
    .join(' ');
  return [{ ...first.problem, severity: isEverywhere ? mildest : MILDER[worst], message }];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function listOf(problem: Problem | undefined): Problem[] {
  return problem ? [problem] : [];
}
