import { resolve } from 'node:path';
import type { Flow } from '@shared/flow/schema';
import { SKIP_SENTENCES, type SkipReason } from '@shared/tape/pick';
import type { ReplayPreview, ReplaySummary } from '@shared/tape/replay';
import { previewReplay } from '../../engine/tape/replay';
import { readTapeFile } from '../../engine/tape/tape-file';
import { type AddCommand, type CommandTools, outJson } from '../command';
import { readFlowFile } from '../flow-file';
import { openLive } from '../live-session';
import { speed, wholeNumber } from '../option-values';
import { addConnectOptions, type ConnectOptions } from '../session';
import { count, plain } from '../text';

interface ReplayCommandOptions extends ConnectOptions {
  into?: string;
  speed: number;
  limit?: number;
  maskedBodies?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** On a terminal progress is told so often. */
const TELL_EVERY_MS = 1000;

/** `tapline replay TAPE`: publishes again what came from outside; exit 1 if a message was not confirmed. */
export const addReplay: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('replay')
      .description('publish the messages of a tape again, but for those that handlers of the flow forwarded')
      .argument('<TAPE>', 'tape, NAME.tape.ndjson')
      .option('--into <FLOW>', 'publish into this flow; default: the one on the tape')
      .option('--speed <N>', 'so many times as fast as it was', speed, 1)
      .option('--limit <N>', 'most messages published', wholeNumber(1, 100_000_000))
      .option(
        '--masked-bodies',
        'publish what the tape holds of masked and cut messages too; default: they are skipped',
      )
      .option('--dry-run', 'say what would be published, and publish nothing')
      .option('--json', 'machine output: {preview} or {published, confirmed, returned, failed, skipped, ended}'),
  ).action(async (tape: string, options: ReplayCommandOptions) => {
    const path = resolve(tape);
    const flow = options.into === undefined ? await flowOf(path) : await readFlowFile(options.into);
    const order = { path, speed: options.speed, limit: options.limit, maskedBodies: options.maskedBodies === true };
    if (options.dryRun) {
      const preview = await previewReplay(flow, order);
      if (options.json) await outJson(tools, { preview });
      else await printPreview(preview, options.speed, tools);
      return;
    }
    const live = await openLive(flow, options, tools);
    try {
      let toldAt = Date.now();
      const summary = await live.replay({
        ...order,
        signal: tools.terminal.interrupted,
        onProgress({ published, confirmed, total }) {
          if (!tools.terminal.hasColour || Date.now() - toldAt < TELL_EVERY_MS) return;
          toldAt = Date.now();
          tools.terminal.err(
            `${published.toLocaleString('en')} of ${count(total, 'message')}, ${confirmed} confirmed\n`,
          );
        },
      });
      await printSummary(summary, options.json === true, tools);
      ends(summary.ended === 'done' && summary.failed === 0 ? 0 : 1);
    } finally {
      await live.close();
    }
  });
};

async function flowOf(path: string): Promise<Flow> {
  const headers: { flow: Flow }[] = [];
  await readTapeFile(path, {
    onHeader: (header) => headers.push(header),
    onLine: () => {},
    isOver: () => headers.length > 0,
  });
  const [{ flow } = { flow: undefined }] = headers;
  if (!flow) throw new Error('a tape was read without a header');
  return flow;
}

async function printPreview(preview: ReplayPreview, atSpeed: number, tools: CommandTools): Promise<void> {
  const { messages, spanMs, skipped, destinations, warnings } = preview;
  const { terminal, paint } = tools;
  const seconds = (spanMs / atSpeed / 1000).toLocaleString('en', { maximumFractionDigits: 1 });
  await terminal.out(`${count(messages, 'message')} would be published in ${seconds} s.\n`);
  for (const { name, messages: amount } of destinations) await terminal.out(`  ${amount} to ${plain(name)}\n`);
  tellSkipped(skipped, tools);
  for (const warning of warnings) terminal.err(`${paint('yellow', plain(warning))}\n`);
  await terminal.out('Nothing was published.\n');
}

async function printSummary(summary: ReplaySummary, isJson: boolean, tools: CommandTools): Promise<void> {
  const { terminal, paint, redactor } = tools;
  const { total, published, confirmed, returned, failed, skipped, ended, errors, tookMs } = summary;
  if (isJson) await outJson(tools, { published, confirmed, returned, failed, skipped, ended, errors, tookMs });
  else {
    const sentence = `${published} published, ${confirmed} confirmed, ${returned} returned.`;
    await terminal.out(`${paint(failed > 0 || ended !== 'done' ? 'red' : 'green', sentence)}\n`);
  }
  if (!isJson) tellSkipped(skipped, tools);
  for (const error of errors) terminal.err(`${plain(redactor.redact(error))}\n`);
  if (returned > 0) terminal.err(`${count(returned, 'message')} reached nobody.\n`);
  if (ended !== 'done')
    terminal.err(
      `${count(total - published, 'message')} were not published: it was ${ended === 'cancelled' ? 'interrupted' : 'given up'}.\n`,
    );
}

function tellSkipped(skipped: Partial<Record<SkipReason, number>>, { terminal }: CommandTools): void {
  for (const [reason, amount] of Object.entries(skipped) as [SkipReason, number][])
    terminal.err(`${count(amount, 'message')} skipped: ${SKIP_SENTENCES[reason]}.\n`);
}
