import type { DeadLetter, DeadLetterQueue, DeadLetterQueueState, Home } from '@shared/dead-letters/dead-letter';
import type { Flow, Json } from '@shared/flow/schema';
import type { BrokerFacts } from '@shared/kinds/facts';
import type { ConnectionTarget } from './driver';

/** What is to become of one dead letter that was taken from its queue. */
export type Decision =
  /** Put back where it was. */
  | { do: 'leave' }
  /** Publish to `home`, changed as `edit` says; taken out of the queue only when the broker confirmed it. */
  | { do: 'send'; home: Home; edit?: LetterEdit }
  /** A run that was killed had it confirmed already: only take it out of the queue. */
  | { do: 'drop' };

/** What a user changed before redriving. */
export interface LetterEdit {
  /** As text, UTF-8. */
  body?: string;
  /** All headers it shall have, besides those that redriving strips and sets. */
  headers?: Record<string, Json>;
}

/** Told what goes on, so that a run that is killed can go on where it was. Each resolves when it is safely on disk. */
export interface RedriveRecord {
  /** These are about to be published. */
  sending: (ids: string[]) => Promise<void>;
  /** The broker has these; they are about to be taken out of the queue. */
  confirmed: (ids: string[]) => Promise<void>;
  /** These no queue took, or the broker refused: they stay in the queue. */
  returned: (ids: string[]) => Promise<void>;
}

/** Numbers of a redrive, now or at its end. */
export interface RedriveCounts {
  looked: number;
  redriven: number;
  /** No queue took them; they were put back. */
  returned: number;
  /** The broker did not confirm them; they were put back. */
  failed: number;
  /** Confirmed to a run that was killed before; only taken out of the queue now. */
  alreadySent: number;
  /** Looked at and left. */
  skipped: number;
  /** No more messages were there, or the budget is used up. */
  sawAll: boolean;
}

export interface RedriveRequest {
  queue: DeadLetterQueue;
  /** Most messages looked at: the depth at the start, so that what fails again and comes back is left alone. */
  budget: number;
  /** Most messages redriven. */
  limit?: number;
  decide: (letter: DeadLetter) => Decision;
  record: RedriveRecord;
  ratePerSecond?: number;
  /** Resolves at once unless the run is paused. */
  mayGoOn: () => Promise<void>;
  /** True when everything that was meant has been found. */
  isDone?: () => boolean;
  onProgress: (counts: RedriveCounts) => void;
  /** Ends the run in good order: what is under way is finished, the rest put back. */
  signal: AbortSignal;
}

export interface ReadRequest {
  queue: DeadLetterQueue;
  /** Most messages read. */
  limit: number;
  signal?: AbortSignal;
}

export interface ReadResult {
  /** In the order of the queue. */
  letters: DeadLetter[];
  /** Sentences: what was cut short, copied, or cannot be told. */
  notices: string[];
  /** False when messages would be lost by another read (delivery limit). */
  mayReadAgain: boolean;
}

/** What a kind can do with dead letters. Holds no connection between calls. */
export interface DeadLetterDriver {
  /** Reading takes nothing out, not even for a moment, so that it is allowed where nothing may be changed. */
  isReadHarmless?: true;
  /** The dead-letter queues of a broker by the drawing. Pure. */
  find: (flow: Flow, broker: string, facts: BrokerFacts | undefined) => DeadLetterQueue[];
  /** Where messages belong that nobody has read, by names and the drawing, the best first. Pure. */
  guessHomes: (queue: DeadLetterQueue) => Home[];
  /** Queues that get a copy by the drawing; null where that cannot be told. Pure. */
  reaches: (flow: Flow, queue: DeadLetterQueue, home: Home) => string[] | null;
  /** The dead-letter queues of the flow as they are now; reads no message. */
  list: (target: ConnectionTarget, request: { flow: Flow; signal?: AbortSignal }) => Promise<DeadLetterQueueState[]>;
  /** Takes messages out, looks at them and puts them back in order; a crash puts them back, too. @throws Failure */
  read: (target: ConnectionTarget, request: ReadRequest) => Promise<ReadResult>;
  /** Moves messages. Rejects when the connection is lost; what was not confirmed is then still in the queue. @throws Failure */
  redrive: (target: ConnectionTarget, request: RedriveRequest) => Promise<RedriveCounts>;
  /** What is wrong with a place, as a sentence; null when messages can be published there. */
  checkHome: (target: ConnectionTarget, vhost: string, home: Home) => Promise<string | null>;
}
