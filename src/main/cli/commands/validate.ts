import type { Problem, Severity } from '@shared/flow/problem';
import type { BrokerFacts } from '@shared/kinds/facts';
import { checkFlow } from '@shared/kinds/registry';
import { DRIVERS, driverOf } from '../../engine/kinds';
import { type AddCommand, type CommandTools, outJson } from '../command';
import { type LocatedProblem, locateProblems, parseFlowFile } from '../flow-file';
import { addConnectOptions, type ConnectOptions, openSession } from '../session';
import { type Colour, count, plain } from '../text';

const COLOURS: Record<Severity, Colour> = { error: 'red', warning: 'yellow', hint: 'blue' };
const RANK: Record<Severity, number> = { error: 0, warning: 1, hint: 2 };

/** `tapline validate FLOW`: every problem; exit 1 if one is an error. */
export const addValidate: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('validate')
      .description('show every problem of a flow; with --connect, checked for the brokers as they are')
      .argument('<FLOW>', 'flow file')
      .option('--json', 'machine output: {problems: [{code, severity, subject, field?, message, line, column}]}'),
  ).action(async (path: string, options: ConnectOptions & { json?: boolean }) => {
    const problems = await findProblems(path, options, tools);
    problems.sort((a, b) => RANK[a.severity] - RANK[b.severity] || a.line - b.line || a.column - b.column);
    if (options.json) await outJson(tools, { problems });
    else await printProblems(path, problems, tools);
    ends(problems.some(({ severity }) => severity === 'error') ? 1 : 0);
  });
};

async function findProblems(path: string, options: ConnectOptions, tools: CommandTools): Promise<LocatedProblem[]> {
  const parsed = await parseFlowFile(path);
  if ('problems' in parsed) {
    return parsed.problems.map(({ line, column, path: field, message }) => ({
      code: 'flow/unreadable',
      severity: 'error',
      subject: { type: 'flow' },
      ...(field === '' ? {} : { field }),
      message,
      line,
      column,
    }));
  }
  const { flow, text } = parsed;
  const facts: Record<string, BrokerFacts> = {};
  if (options.connect) {
    const session = await openSession(flow, options, tools);
    for (const [id, target] of Object.entries(await session.environments.targets()))
      facts[id] = await driverOf(DRIVERS, flow.brokers[id]?.kind ?? '', id).facts(target, tools.terminal.interrupted);
  }
  return locateProblems(text, checkFlow(flow, facts));
}

/** One line a problem, as editors and build logs read them: `orders.flow.json:12:5 error …`. */
async function printProblems(path: string, problems: readonly LocatedProblem[], tools: CommandTools): Promise<void> {
  const { terminal, paint } = tools;
  for (const problem of problems) {
    const { line, column, severity, message, code } = problem;
    const where = paint('dim', `${plain(path)}:${line}:${column}`);
    await terminal.out(
      `${where} ${paint(COLOURS[severity], severity)} ${plain(message)} ${paint('dim', `[${code}]`)}\n`,
    );
  }
  const of = (severity: Severity) => problems.filter((problem: Problem) => problem.severity === severity).length;
  const counts = (['error', 'warning', 'hint'] as const).filter((severity) => of(severity) > 0);
  const summary = counts.map((severity) => paint(COLOURS[severity], count(of(severity), severity))).join(', ');
  await terminal.out(`${counts.length === 0 ? paint('green', 'No problems.') : `${summary}.`}\n`);
}
