import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@shared/failure';
import { describeBytes, explainEnd, type RecordingState } from '@shared/tape/recording';
import { USUAL_MAX_BYTES } from '@shared/tape/tape';
import type { WatchMode } from '@shared/traffic/frame';
import { type Recording, startRecording } from '../../engine/tape/recorder';
import { tapeHeader } from '../../engine/tape/tape-header';
import { type AddCommand, type CommandTools, outJson } from '../command';
import { readFlowFile } from '../flow-file';
import { openLiveTargets } from '../live-session';
import { duration, maskRule, size } from '../option-values';
import { addConnectOptions, type ConnectOptions } from '../session';
import { count, plain } from '../text';

interface RecordCommandOptions extends ConnectOptions {
  output: string;
  tap?: boolean;
  run?: boolean;
  for?: number;
  maxSize: number;
  mask?: string[];
  bodies: boolean;
  json?: boolean;
}

/** On a terminal how it stands is told so often. */
const TELL_EVERY_MS = 2000;

/** `tapline record FLOW -o TAPE`: exit 0 when the tape is whole up to its end, 1 when the disk took no more. */
export const addRecord: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('record')
      .description('record the traffic of a flow to a tape, to be opened or replayed later')
      .argument('<FLOW>', 'flow file')
      .requiredOption('-o, --output <TAPE>', 'file to write, NAME.tape.ndjson; one that is there is left alone')
      .option('--tap', 'messages too, not only counters, through tap queues; a sandbox tells of messages anyway')
      .option('--run', 'run the publishers and handlers of the flow meanwhile')
      .option('--for <TIME>', 'stop after 10s, 500ms, 2m …; default: when interrupted', duration)
      .option(
        '--max-size <SIZE>',
        `stop when the tape is so large; default ${describeBytes(USUAL_MAX_BYTES)}`,
        size,
        USUAL_MAX_BYTES,
      )
      .option(
        '--mask <RULE>',
        'keep off the tape: body.card.number, body.items.price, header.authorization; repeatable',
        maskRule,
      )
      .option('--no-bodies', 'keep all bodies off the tape')
      .option('--json', 'machine output: {recorded: {events, frames, lost, notSeen, bytes, ended}}'),
  ).action(async (path: string, options: RecordCommandOptions) => {
    const { json, for: forMs, maxSize: maxBytes } = options;
    const flow = await readFlowFile(path);
    const { live, targets } = await openLiveTargets(flow, options, tools);
    try {
      const mode: WatchMode = options.tap ? 'tap' : 'counters';
      await live.watch(mode).catch((error: unknown) => {
        if (!options.run || !(error instanceof Failure)) throw error;
        tools.terminal.err(`${plain(tools.redactor.redact(error.message))}\n`);
      });
      const isEverySandbox = Object.values(targets).every(({ isSandbox }) => isSandbox);
      if (mode === 'counters' && !options.run && !isEverySandbox)
        tools.terminal.err('Only counters are recorded; give --tap to record messages too.\n');
      const header = tapeHeader({
        flow,
        environment: 'the command line',
        mode,
        running: options.run === true,
        targets,
        masking: { bodies: options.bodies ? 'shown' : 'off', rules: options.mask ?? [] },
        maxBytes,
        startedAt: Date.now(),
      });
      const recording = await startRecording({ path: resolve(options.output), header, live, redactor: tools.redactor });
      if (options.run) await live.run({ competeWith: [] }).catch((error: unknown) => stopAndThrow(recording, error));
      await follow(recording, forMs, tools);
      // What runs is recorded to its end.
      if (options.run) await live.stop();
      const state = await recording.stop(
        tools.terminal.interrupted.aborted || forMs === undefined ? 'stopped' : 'time-over',
      );
      await tell(options.output, state, json === true, tools);
      ends(state.ended === 'write-failed' ? 1 : 0);
    } finally {
      await live.close();
    }
  });
};

async function stopAndThrow(recording: Recording, error: unknown): Promise<never> {
  await recording.stop('stopped');
  throw error;
}

/** Waits until the time is over, the command is interrupted, or the recording ended by itself. */
async function follow(recording: Recording, forMs: number | undefined, { terminal }: CommandTools): Promise<void> {
  const over = new AbortController();
  const stop = AbortSignal.any([terminal.interrupted, over.signal]);
  void recording.ended.then(() => over.abort());
  const deadline = forMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + forMs;
  while (!stop.aborted && Date.now() < deadline) {
    const waitMs = Math.min(TELL_EVERY_MS, Math.max(0, deadline - Date.now()));
    await sleep(waitMs, undefined, { signal: stop }).catch(() => {});
    const { events, bytes } = recording.state();
    if (terminal.hasColour) terminal.err(`${count(events, 'event')}, ${describeBytes(bytes)}\n`);
  }
}

async function tell(path: string, state: RecordingState, isJson: boolean, tools: CommandTools): Promise<void> {
  const { events, frames, lost, notSeen, bytes, ended, problem } = state;
  const why = explainEnd(state);
  if (why !== undefined) tools.terminal.err(`${plain(why)}\n`);
  if (lost > 0) tools.terminal.err(`${count(lost, 'event')} were seen and not recorded.\n`);
  if (notSeen > 0) tools.terminal.err(`${count(notSeen, 'event')} were only counted by the broker.\n`);
  const recorded = { events, frames, lost, notSeen, bytes, ended, ...(problem === undefined ? {} : { problem }) };
  if (isJson) return outJson(tools, { recorded });
  await tools.terminal.out(`${count(events, 'event')} in ${describeBytes(bytes)} recorded to ${plain(path)}.\n`);
}
