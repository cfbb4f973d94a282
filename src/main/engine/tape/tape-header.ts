import type { Flow, Json } from '@shared/flow/schema';
import type { TapeHeader } from '@shared/tape/read';
import { type Masking, TAPE_VERSION } from '@shared/tape/tape';
import type { WatchMode } from '@shared/traffic/frame';
import type { ConnectionTarget } from '../../kinds/driver';

export interface RecordedSession {
  flow: Flow;
  environment: string;
  mode: WatchMode;
  running: boolean;
  targets: Readonly<Record<string, ConnectionTarget>>;
  masking: Masking;
  maxBytes: number;
  startedAt: number;
}

/** What a tape begins with. Of connections only what kind of broker they lead to. */
export function tapeHeader({ flow, targets, environment, mode, running, ...rest }: RecordedSession): TapeHeader {
  const brokers = Object.entries(flow.brokers).map(([id, { kind }]): [string, { kind: string; isSandbox: boolean }] => [
    id,
    { kind, isSandbox: targets[id]?.isSandbox === true },
  ]);
  return {
    tapeVersion: TAPE_VERSION,
    ...rest,
    watched: { environment, mode, running, brokers: Object.fromEntries(brokers) },
    flow: withoutPasswords(flow as unknown as Json) as unknown as Flow,
  };
}

const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:)(?!\{\{secret:)[^\s/@]+@/gi;

/** A flow should hold no password; where one was typed into a URL all the same, it stays off the tape. */
function withoutPasswords(value: Json): Json {
  if (typeof value === 'string') return value.replace(URL_PASSWORD, '$1{{secret:removed}}@');
  if (Array.isArray(value)) return value.map(withoutPasswords);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutPasswords(item)]));
}
