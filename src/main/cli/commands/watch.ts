import type { AddCommand } from '../command';
import { readFlowFile } from '../flow-file';
import { openLive } from '../live-session';
import { duration, wholeNumber } from '../option-values';
import { addConnectOptions, type ConnectOptions } from '../session';
import { streamTraffic } from '../stream-frames';

interface WatchCommandOptions extends ConnectOptions {
  tap?: boolean;
  for?: number;
  sample?: number;
  json?: boolean;
}

/** `tapline watch FLOW`: only looks; the broker's counters, with `--tap` messages too. */
export const addWatch: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('watch')
      .description('watch the traffic of a flow without taking part in it')
      .argument('<FLOW>', 'flow file')
      .option('--tap', 'also see messages, through tap queues of their own; costs the broker a copy of each')
      .option('--for <TIME>', 'stop after 10s, 500ms, 2m …; default: when interrupted', duration)
      .option('--sample <N>', 'show at most N messages; all are counted', wholeNumber(0, 10_000_000))
      .option('--json', 'machine output: a line an event, then {summary: {nodes, links}}'),
  ).action(async (path: string, options: WatchCommandOptions) => {
    const flow = await readFlowFile(path);
    const live = await openLive(flow, options, tools);
    try {
      await live.watch(options.tap ? 'tap' : 'counters');
      const { json, for: forMs, sample } = options;
      const stream = streamTraffic(live, flow, { json, forMs, sample }, tools);
      await stream.follow();
      await stream.end();
      ends(0);
    } finally {
      await live.close();
    }
  });
};
