import type { WatchRequest } from '../../live';
import type { WatchLimits } from './limits';

/** Whether tapping goes on: a tap that was asked for ends by itself, and stays ended over reconnects. */
export interface TapState {
  isOn: () => boolean;
  /** Ends it for a reason; only the first one counts. */
  end: (reason: string) => void;
  /** Told now and then how many messages came in all; ends a tap that lasts too long or gets too many. */
  observe: (total: number, now: number) => void;
}

/** Shorter spans tell no rate. */
const MIN_SPAN_MS = 500;

export function createTapState({ mode, onTapEnded }: WatchRequest, limits: WatchLimits): TapState {
  let isOn = mode === 'tap';
  let startedAt: number | undefined;
  let last: { at: number; total: number } | undefined;
  let fastSince: number | undefined;
  const end = (reason: string) => {
    if (!isOn) return;
    isOn = false;
    onTapEnded(`The tap ended: ${reason}. Counters go on.`);
  };
  return {
    isOn: () => isOn,
    end,
    observe: (total, now) => {
      startedAt ??= now;
      if (now - startedAt >= limits.tapForMs)
        return end(`it lasted ${Math.round(limits.tapForMs / 60_000)} minutes, its longest time`);
      // Another connection counts from zero.
      if (!last || total < last.total) last = { at: now, total };
      const spanMs = now - last.at;
      if (spanMs < MIN_SPAN_MS) return;
      const perSecond = ((total - last.total) * 1000) / spanMs;
      if (perSecond <= limits.maxTapRatePerSecond) fastSince = undefined;
      else fastSince ??= last.at;
      last = { at: now, total };
      if (fastSince === undefined || now - fastSince < limits.maxTapRateForMs) return;
      end(`more than ${limits.maxTapRatePerSecond.toLocaleString('en-US')} messages a second came through it`);
    },
  };
}
