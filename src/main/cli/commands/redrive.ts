import type { DeadLetterFilter } from '@shared/dead-letters/filter';
import { type RedriveOrder, type RedrivePreview, redriveRequestSchema } from '@shared/dead-letters/redrive';
import { Failure } from '@shared/failure';
import type { RedriveDescriptor } from '@shared/kinds/descriptor';
import { kindDescriptor } from '@shared/kinds/registry';
import { findListed, listDeadLetters, readDeadLetters } from '../../engine/dead-letters';
import { runRedrive } from '../../engine/redrive';
import { previewRedrive } from '../../engine/redrive-preview';
import { type AddCommand, type CommandTools, outJson } from '../command';
import { filterOption } from '../filter-option';
import { readFlowFile } from '../flow-file';
import { rate, wholeNumber } from '../option-values';
import { addConnectOptions, type ConnectOptions, openSession } from '../session';
import { count, plain } from '../text';

/** Most messages read for a dry run with `--read`. */
const MOST_READ = 1000;
/** Progress is told on a terminal at most so often. */
const TELL_EVERY_MS = 1000;

interface RedriveCommandOptions extends ConnectOptions {
  filter?: DeadLetterFilter;
  to?: string;
  key?: string;
  asPublished?: boolean;
  limit?: number;
  rate?: number;
  dryRun?: boolean;
  read?: boolean;
  json?: boolean;
}

/** `tapline redrive FLOW QUEUE`: exit 0 when all that was meant is redriven, else 1. Ends with `{redriven, returned, failed, left}`. */
export const addRedrive: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('redrive')
      .description('bring dead letters home: each is taken out only when the broker confirmed it at its place')
      .argument('<FLOW>', 'flow file')
      .argument('<QUEUE>', 'a dead-letter queue of the flow: name, node id or VHOST/NAME')
      .option(
        '--filter <TEST>',
        'only these: reason=, from=, key=, type=, exception=, text=, header.NAME=, age>10m, redriven<3; repeatable',
        filterOption,
      )
      .option(
        '--to <PLACE>',
        'to this exchange ("" is the default one), or Redis stream, instead of where each came from',
      )
      .option('--key <KEY>', 'with this routing key; default: the one each was published with')
      .option('--as-published', 'through the exchange by which each came, so that all who are bound get a copy again')
      .option('--limit <N>', 'most messages redriven', wholeNumber(1, 100_000_000))
      .option('--rate <R>', 'most messages per second', rate)
      .option('--dry-run', 'say what would be done and change nothing; no message is read')
      .option('--read', `with --dry-run: read up to ${MOST_READ} messages to know more; what that costs is said first`)
      .option('--json', 'machine output: {preview} or {summary}'),
  ).action(async (path: string, queueName: string, options: RedriveCommandOptions) => {
    const { filter, to, key, asPublished, limit, rate: ratePerSecond } = options;
    if (key !== undefined && to === undefined) throw new Failure('cli/usage', '--key goes with --to.');
    if (to !== undefined && asPublished) throw new Failure('cli/usage', 'Give --to or --as-published, not both.');
    if (options.read && !options.dryRun) throw new Failure('cli/usage', '--read goes with --dry-run.');
    const session = await openSession(await readFlowFile(path), options, tools);
    const context = await session.deployContext();
    const { queues, problems } = await listDeadLetters(context, tools.terminal.interrupted);
    const [queue, ...others] = findListed(queues, queueName);
    if (!queue || others.length > 0)
      throw notOne(
        queueName,
        queues.map(({ name }) => name),
        problems[0]?.message,
      );
    const descriptor = kindDescriptor(session.flow.brokers[queue.broker]?.kind ?? '')?.redrive;
    const order = redriveRequestSchema.parse({
      queue,
      filter,
      ...(to === undefined ? {} : { to: addressOf(to, key, descriptor) }),
      reach: asPublished ? 'exchange' : 'queue',
      limit,
      ratePerSecond,
    });
    if (options.dryRun) {
      for (const cost of options.read ? queue.terms.costs : []) tools.terminal.err(`Reading: ${plain(cost)}\n`);
      const known = options.read ? (await readDeadLetters(context, { ref: queue, limit: MOST_READ })).letters : [];
      const preview = await previewRedrive(context, order, known, Date.now());
      if (options.json) await outJson(tools, { preview });
      else await printPreview(queue.name, { preview, order, descriptor }, tools);
      ends(preview.targets.some(({ problem }) => problem !== undefined) ? 1 : 0);
      return;
    }
    let toldAt = 0;
    const summary = await runRedrive(context, order, {
      signal: tools.terminal.interrupted,
      onProgress: ({ looked, redriven }) => {
        if (!tools.terminal.hasColour || Date.now() - toldAt < TELL_EVERY_MS) return;
        toldAt = Date.now();
        tools.terminal.err(`${count(redriven, 'message')} redriven, ${looked} looked at\n`);
      },
    });
    const { redriven, returned, failed, left, error, ...more } = summary;
    for (const line of explain(more)) tools.terminal.err(`${line}\n`);
    if (error) tools.terminal.err(`${plain([error.message, error.hint].filter(Boolean).join('\n'))}\n`);
    if (options.json) await outJson(tools, { summary });
    else await outJson(tools, { redriven, returned, failed, left });
    ends(returned + failed + more.homeless === 0 && more.ended === 'done' ? 0 : 1);
  });
};

function notOne(name: string, known: string[], problem: string | undefined): Failure {
  const matches = known.filter((candidate) => candidate === name).length;
  if (matches > 1)
    return new Failure('cli/ambiguous-queue', `${name} is in several vhosts.`, {
      hint: 'Write VHOST/NAME.',
      object: name,
    });
  const hint = known.length > 0 ? `There are ${known.join(', ')}.` : problem;
  return new Failure('cli/unknown-queue', `The flow has no dead-letter queue ${name}.`, { hint, object: name });
}

/** What `--to` and `--key` mean for a kind: an exchange and a key, or the one part that its addresses have. */
function addressOf(
  to: string,
  key: string | undefined,
  descriptor: RedriveDescriptor | undefined,
): { exchange: string; routingKey?: string } {
  const [only, ...others] = descriptor?.elsewhere ?? [];
  if (only?.part !== 'routingKey' || others.length > 0) return { exchange: to, routingKey: key };
  if (key !== undefined)
    throw new Failure('cli/usage', `--key does not apply here: --to names a ${only.label.toLowerCase()}.`);
  return { exchange: '', routingKey: to };
}

function explain(more: { skipped: number; homeless: number; alreadySent: number; maybeTwice: number }): string[] {
  const { skipped, homeless, alreadySent, maybeTwice } = more;
  const lines: string[] = [];
  if (skipped > homeless) lines.push(`${count(skipped - homeless, 'message')} not meant and left in place.`);
  if (homeless > 0) lines.push(`${count(homeless, 'message')} left: nothing tells where they belong. Give --to.`);
  if (alreadySent > 0)
    lines.push(`${count(alreadySent, 'message')} had been sent by a run that was killed, and were only taken out now.`);
  if (maybeTwice > 0)
    lines.push(
      `${count(maybeTwice, 'message')} may arrive twice: a run that was killed had sent them without an answer.`,
    );
  return lines;
}

async function printPreview(
  name: string,
  { preview, order, descriptor }: { preview: RedrivePreview; order: RedriveOrder; descriptor?: RedriveDescriptor },
  { terminal, paint }: CommandTools,
): Promise<void> {
  const { depth, known, matching, targets, warnings } = preview;
  const straight = descriptor?.ways.find(({ reach }) => reach === 'queue')?.noun ?? 'queue';
  const holds = depth === null ? 'an unknown number of messages' : count(depth, 'message');
  await terminal.out(
    `${paint('bold', plain(name))} holds ${holds}; ${known} were read, ${matching} of these are meant.\n`,
  );
  if (order.limit !== undefined) await terminal.out(`At most ${order.limit} would be redriven.\n`);
  for (const { home, count: amount, reaches, problem } of targets) {
    const where =
      home.exchange === '' ? `${straight} ${home.routingKey}` : `exchange ${home.exchange}, key “${home.routingKey}”`;
    const guess = home.inferred ? ' (not told by the messages)' : '';
    await terminal.out(`  ${amount > 0 ? `${amount} to ` : 'to '}${plain(where)}: ${plain(home.why)}${guess}\n`);
    if (home.exchange !== '' && reaches) await terminal.out(`    reaches ${plain(reaches.join(', ') || 'no queue')}\n`);
    if (problem !== undefined) await terminal.out(`    ${paint('red', plain(problem))}\n`);
  }
  for (const warning of warnings) await terminal.out(`  ${paint('yellow', plain(warning))}\n`);
  await terminal.out('Nothing was changed.\n');
}
