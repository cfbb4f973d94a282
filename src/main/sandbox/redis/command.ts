import type { RedisObserver } from './events';
import type { Keyspace } from './keyspace';
import type { PubSub } from './pub-sub';
import { RedisError, type Reply } from './reply';
import type { Session } from './session';

/** What a command works on. */
export interface CommandContext {
  session: Session;
  sessions: ReadonlyMap<number, Session>;
  keyspace: Keyspace;
  pubSub: PubSub;
  now: () => number;
  observe: RedisObserver;
  /** Tells keyspace notifications, where they are on. */
  keyEvent: (eventClass: string, event: string, key: string) => void;
  /** `notify-keyspace-events`. */
  notifications: { classes: string };
  /** Wakes reads that wait for this key. */
  wake: (key: string) => void;
  /** Waits until `attempt` answers or the time is over (0: for ever); inside a transaction it answers at once. */
  block: (keys: string[], timeoutMs: number, attempt: () => Reply | undefined) => Reply | undefined;
  /** @throws RedisError WRONGPASS */
  login: (user: string, password: string) => void;
}

export interface Command {
  /** As Redis counts it: the name included; negative: at least so many. */
  arity: number;
  /** Refused when memory is full. */
  writes?: true;
  /** Without a log-in. */
  open?: true;
  /** While subscribed. */
  whileSubscribed?: true;
  /** Undefined: it has answered itself, or will. */
  run: (context: CommandContext, args: string[]) => Reply | undefined;
}

export type CommandTable = Record<string, Command>;

export const SYNTAX_ERROR = 'ERR syntax error';

/** @throws RedisError when it is no whole number in range */
export function wholeNumber(text: string | undefined, message = 'ERR value is not an integer or out of range'): number {
  if (text === undefined || !/^-?\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new RedisError(message);
  }
  return Number(text);
}

/** The argument at a place that arity or a check before has made sure of. */
export function argument(args: readonly string[], index: number): string {
  const value = args[index];
  if (value === undefined) throw new RedisError(SYNTAX_ERROR);
  return value;
}
