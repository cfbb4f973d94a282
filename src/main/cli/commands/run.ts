import { Failure } from '@shared/failure';
import type { AddCommand } from '../command';
import { findNode } from '../find-node';
import { readFlowFile } from '../flow-file';
import { openLive } from '../live-session';
import { duration, several } from '../option-values';
import { addConnectOptions, type ConnectOptions } from '../session';
import { streamTraffic } from '../stream-frames';

interface RunCommandOptions extends ConnectOptions {
  for?: number;
  competeWith?: string[];
  json?: boolean;
}

/** `tapline run FLOW`: publishers and handlers, until the time is over or Ctrl+C; then the counters. */
export const addRun: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('run')
      .description('run the publishers and handlers of a flow; Ctrl+C lets handlers finish what they hold')
      .argument('<FLOW>', 'flow file')
      .option('--for <TIME>', 'stop after 10s, 500ms, 2m …; default: when interrupted', duration)
      .option('--compete-with <NODE>', 'consume from this queue although others do; repeatable', several)
      .option('--json', 'machine output: a line an event, then {summary: {nodes, links}}'),
  ).action(async (path: string, options: RunCommandOptions) => {
    const flow = await readFlowFile(path);
    const competeWith = (options.competeWith ?? []).map((text) => findNode(flow, text, 'rabbitmq.queue'));
    const live = await openLive(flow, options, tools);
    try {
      // Depths and totals of queues come from the broker; without them the run's own numbers are still exact.
      await live.watch('counters').catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error;
        tools.terminal.err(`${tools.redactor.redact(error.message)}\n`);
      });
      await live.run({ competeWith });
      const stream = streamTraffic(live, flow, { json: options.json, forMs: options.for }, tools);
      await stream.follow();
      await live.stop();
      await stream.end();
      ends(0);
    } finally {
      await live.close();
    }
  });
};
