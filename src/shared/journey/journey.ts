/** What became of a message as a whole. `dead`: it rests among dead letters; `lost`: no queue has it any more, unhandled. */
export type JourneyState = 'in flight' | 'done' | 'dead' | 'lost' | 'unknown';

interface StepBase {
  /** Epoch milliseconds. */
  at: number;
  /** The event that tells of it; of an inferred step the event it was worked out from. */
  seq: number;
  /** Where the message was. */
  node: string;
  link?: string;
  /** What happened, for people. */
  sentence: string;
  /** True when it was worked out and not observed. */
  inferred?: true;
}

/** One thing that happened to a message, or that must have happened by the drawing. */
export type JourneyStep = StepBase &
  (
    | { type: 'published' | 'arrived'; exchange?: string; routingKey?: string }
    | { type: 'confirmed' }
    | {
        type: 'routed';
        /** By which binding, and why it matched; computed from the drawing. */
        why?: string;
      }
    | { type: 'queued'; queue: string }
    | { type: 'delivered' | 'acked' | 'requeued'; queue?: string; attempt: number }
    | { type: 'logged' | 'unmatched'; queue?: string; reason?: string }
    | { type: 'failed' | 'rejected'; queue?: string; attempt: number; reason?: string }
    | {
        type: 'waiting';
        /** The attempt that comes. */
        attempt: number;
        delayMs?: number;
      }
    | { type: 'dead-lettered' | 'returned' | 'expired' | 'dropped'; queue?: string; reason?: string }
    | {
        type: 'redriven';
        /** How often by now. */
        times: number;
      }
  );

export type JourneyStepType = JourneyStep['type'];

/** All that is known of one message, across hops and brokers, oldest step first. */
export interface Journey {
  /** Any id by which its events know it; `traffic.journey` finds it by the others, too. */
  id: string;
  /** Epoch milliseconds of the first and the last event. */
  startedAt: number;
  endedAt: number;
  state: JourneyState;
  /** The first routing key known. */
  routingKey?: string;
  messageIds: string[];
  /** The highest attempt seen; 0 when it was never delivered. */
  attempts: number;
  /** How its events were joined, where no id did that. */
  inferred?: string;
  /** False when its beginning was not seen, or is no longer remembered. */
  isWhole: boolean;
  /** How many observations it is made of. */
  events: number;
  steps: JourneyStep[];
  /** Drawn nodes and links it touched, in order. */
  nodes: string[];
  links: string[];
}

/** A journey in a list. */
export type JourneySummary = Omit<Journey, 'steps' | 'nodes' | 'links'> & { steps: number };

export interface JourneyList {
  /** Newest first. */
  journeys: JourneySummary[];
  /** How many match, listed or not. */
  found: number;
  /** Observations the journeys were made of. */
  remembered: number;
  /** Older observations that are remembered no more. */
  forgotten: number;
  /** Observations that were only counted. */
  notSeen: number;
}

/** A hop that a message takes by the drawing. */
export interface RouteHop {
  /** Drawn node it starts from and drawn link it takes; absent where they are not drawn. */
  node?: string;
  link?: string;
  /** The queue it ends in, and its drawn node. */
  queue?: string;
  queueNode?: string;
  /** By what, and why. */
  sentence: string;
}
