import { setTimeout as sleep } from 'node:timers/promises';
import type { Flow } from '@shared/flow/schema';
import type { TrafficEvent } from '@shared/traffic/event';
import type { Frame } from '@shared/traffic/frame';
import type { LiveService } from '../engine/live';
import { type CommandTools, outJson } from './command';
import { describeBroker, describeCounters, describeEvent } from './print-traffic';
import { plain } from './text';

/** Frames are pulled this often: five times a second. */
const PULL_MS = 200;

export interface StreamOptions {
  json?: boolean;
  /** Stop after so long; default: when interrupted. */
  forMs?: number;
  /** Most messages told; the rest are counted. Default: as many as stdout takes. */
  sample?: number;
}

export interface TrafficStream {
  /** Tells what happens until the time is over or the command is interrupted. */
  follow: () => Promise<void>;
  /** Tells the rest, then the summary: `{summary: {nodes, links, events: {told, notTold}}}`. */
  end: () => Promise<void>;
}

/** Events of a live session as lines on stdout, remarks and broker states on stderr. A slow reader gets fewer events, all counted. */
export function streamTraffic(
  live: Pick<LiveService, 'frame'>,
  flow: Flow,
  options: StreamOptions,
  tools: CommandTools,
): TrafficStream {
  const { terminal } = tools;
  const seen = { epoch: '', cursor: 0 };
  const states = new Map<string, string | undefined>();
  let noticedAt = 0;
  let noticed = new Set<string>();
  let told = 0;
  let notTold = 0;

  async function tell(event: TrafficEvent): Promise<void> {
    if (options.sample !== undefined && told >= options.sample) {
      notTold += 1;
      return;
    }
    told += 1;
    const { seq: _position, ...shown } = event;
    if (options.json) await outJson(tools, shown);
    else await terminal.out(describeEvent(flow, event, tools.paint));
  }

  function remark({ notices, brokers }: Frame): void {
    for (const { at, severity, message } of notices) {
      if (at < noticedAt || (at === noticedAt && noticed.has(message))) continue;
      if (at > noticedAt) noticed = new Set();
      noticedAt = at;
      noticed.add(message);
      terminal.err(`${severity === 'info' ? '' : `${severity}: `}${plain(tools.redactor.redact(message))}\n`);
    }
    for (const [id, status] of Object.entries(brokers)) {
      const sentence = describeBroker(id, status);
      if (sentence === states.get(id)) continue;
      states.set(id, sentence);
      if (sentence !== undefined) terminal.err(`${plain(tools.redactor.redact(sentence))}\n`);
    }
  }

  async function pull(): Promise<Frame> {
    const frame = live.frame(seen);
    seen.epoch = frame.epoch;
    seen.cursor = frame.cursor;
    notTold += frame.notSampled;
    remark(frame);
    for (const event of frame.events) await tell(event);
    return frame;
  }

  return {
    async follow() {
      const deadline = options.forMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + options.forMs;
      while (!terminal.interrupted.aborted && Date.now() < deadline) {
        await pull();
        const wait = Math.min(PULL_MS, Math.max(0, deadline - Date.now()));
        await sleep(wait, undefined, { signal: terminal.interrupted }).catch(() => {});
      }
    },
    async end() {
      const { counters } = await pull();
      if (options.json) return outJson(tools, { summary: { ...counters, events: { told, notTold } } });
      await terminal.out(describeCounters(flow, counters, tools.paint));
      if (notTold > 0) await terminal.out(`${told} of ${(told + notTold).toLocaleString('en')} events shown.\n`);
    },
  };
}
