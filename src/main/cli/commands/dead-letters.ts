import type { DeadLetter } from '@shared/dead-letters/dead-letter';
import { groupDeadLetters } from '@shared/dead-letters/group';
import { describeHistory, describeReason } from '@shared/dead-letters/history';
import type { ListedQueue } from '@shared/dead-letters/redrive';
import { listDeadLetters, readDeadLetters } from '../../engine/dead-letters';
import { type AddCommand, type CommandTools, outJson } from '../command';
import { readFlowFile } from '../flow-file';
import { wholeNumber } from '../option-values';
import { describeBody } from '../print-traffic';
import { addConnectOptions, type ConnectOptions, openSession } from '../session';
import { count, plain, table } from '../text';

/** Letters read of a queue unless told otherwise. */
const USUAL_READ = 20;

interface DeadLettersCommandOptions extends ConnectOptions {
  read?: boolean;
  limit?: number;
  json?: boolean;
}

/** `tapline dead-letters FLOW`: exit 0 when every broker answered, else 1. */
export const addDeadLetters: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('dead-letters')
      .description('how many dead letters each dead-letter queue of the flow holds; with --read, what they are')
      .argument('<FLOW>', 'flow file')
      .option('--read', 'take messages out, look at them and put them back; what that costs is said first')
      .option('--limit <N>', `most messages read of a queue; default ${USUAL_READ}`, wholeNumber(1, 1000))
      .option('--json', 'machine output: a line a queue {queue}, with --read a line a message {letter}'),
  ).action(async (path: string, options: DeadLettersCommandOptions) => {
    const session = await openSession(await readFlowFile(path), options, tools);
    const context = await session.deployContext();
    const { queues, problems } = await listDeadLetters(context, tools.terminal.interrupted);
    for (const queue of queues) {
      if (options.json) await outJson(tools, { queue });
      else await printQueue(queue, tools);
      if (!options.read || !queue.depth) continue;
      for (const cost of queue.terms.costs) tools.terminal.err(`Reading ${plain(queue.name)}: ${plain(cost)}\n`);
      const limit = options.limit ?? USUAL_READ;
      const { letters, notices } = await readDeadLetters(context, {
        ref: queue,
        limit,
        signal: tools.terminal.interrupted,
      });
      for (const notice of notices) tools.terminal.err(`${plain(notice)}\n`);
      if (options.json)
        for (const letter of letters) await outJson(tools, { letter: { queue: queue.name, ...letter } });
      else await printLetters(letters, tools);
    }
    if (queues.length === 0 && problems.length === 0)
      tools.terminal.err('The flow has no dead-letter queues: no queue dead-letters into another.\n');
    for (const { message, hint } of problems) tools.terminal.err(`${plain(hint ? `${message}\n${hint}` : message)}\n`);
    ends(problems.length > 0 || queues.some(({ problem }) => problem !== undefined) ? 1 : 0);
  });
};

async function printQueue(queue: ListedQueue, { terminal, paint }: CommandTools): Promise<void> {
  const { name, depth, problem, because, unfinished } = queue;
  const holds =
    depth === null
      ? paint('red', plain(problem ?? 'unknown'))
      : paint(depth > 0 ? 'yellow' : 'green', count(depth, 'message'));
  await terminal.out(`${paint('bold', plain(name))}  ${holds}\n`);
  for (const why of because) await terminal.out(paint('dim', `  ${plain(why)}\n`));
  if (unfinished)
    terminal.err(
      `A redrive of ${plain(name)} ended in the middle: ${count(unfinished.confirmed, 'message')} redriven, ${unfinished.uncertain} sent without an answer. Redrive again to go on.\n`,
    );
}

async function printLetters(letters: DeadLetter[], { terminal, paint }: CommandTools): Promise<void> {
  const now = Date.now();
  const groups = groupDeadLetters(letters, 'reason').map(({ value, letters: members }) => [
    describeReason(value ?? 'unknown'),
    String(members.length),
  ]);
  await terminal.out(table(groups, paint));
  for (const letter of letters) {
    const about = [letter.messageId ?? letter.id, letter.type].filter((part) => part !== undefined).join('  ');
    await terminal.out(`  ${paint('cyan', plain(about))}  ${plain(describeBody(letter.body, letter.sizeBytes))}\n`);
    for (const sentence of describeHistory(letter, now)) await terminal.out(`    ${plain(sentence)}\n`);
    const [home] = letter.homes;
    if (home) await terminal.out(paint('dim', `    goes back to ${plain(home.name)}: ${plain(home.why)}\n`));
  }
}
