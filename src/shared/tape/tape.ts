import type { WatchMode } from '@shared/traffic/frame';
import { z } from 'zod';
import {
  brokerStatusSchema,
  countersSchema,
  eventSchema,
  noticeSchema,
  tapReportSchema,
  troubleSchema,
} from './wire-schemas';

/** Newest tape format this build reads and writes; newer ones are refused. */
export const TAPE_VERSION = 1;
/** How the files are called. */
export const TAPE_EXTENSION = '.tape.ndjson';
/** Bytes of a tape unless told otherwise. */
export const USUAL_MAX_BYTES = 64 * 1024 * 1024;

const time = z.number();
const count = z.number().int().min(0);

export const maskingSchema = z.strictObject({
  /** `off`: no body is on the tape. */
  bodies: z.enum(['shown', 'off']),
  /** Rules as they were given, see `parseMaskRule`. */
  rules: z.array(z.string()),
});
export type Masking = z.infer<typeof maskingSchema>;

const headerFields = {
  tapeVersion: z.literal(TAPE_VERSION),
  startedAt: time,
  /** What was watched: nothing of this says where a broker is. */
  watched: z.object({
    environment: z.string(),
    mode: z.enum(['off', 'counters', 'tap'] satisfies WatchMode[]),
    running: z.boolean(),
    brokers: z.record(z.string(), z.object({ kind: z.string(), isSandbox: z.boolean() })),
  }),
  masking: maskingSchema,
  maxBytes: count,
};
/** The first line, but for the flow, which has a reader of its own. */
export const headerSchema = z.object({ ...headerFields, flow: z.record(z.string(), z.unknown()) });

/** What changed of the counters and the session since the frame before. Times are epoch milliseconds everywhere. */
export const tapeFrameSchema = z.object({
  /** All counters are here: what an earlier frame told counts no more. */
  whole: z.literal(true).optional(),
  counters: countersSchema,
  watch: z.enum(['off', 'counters', 'tap']).optional(),
  running: z.boolean().optional(),
  brokers: z.record(z.string(), brokerStatusSchema).optional(),
  taps: z.array(tapReportSchema).optional(),
  troubles: z.array(troubleSchema).optional(),
  notices: z.array(noticeSchema).optional(),
  /** Events since the frame before that are not on the tape: only counted, or lost. */
  missed: count.optional(),
});
export type TapeFrame = z.infer<typeof tapeFrameSchema>;

/** Why a tape ends. `closed`: the document or environment changed, or Tapline was closed; `write-failed`: the disk took no more. */
export const endReasonSchema = z.enum(['stopped', 'time-over', 'size-cap', 'closed', 'write-failed']);
export type EndReason = z.infer<typeof endReasonSchema>;

export const tapeEndSchema = z.object({
  reason: endReasonSchema,
  events: count,
  frames: count,
  /** Events that were seen and not recorded: faster than the disk, or beyond the size. */
  lost: count,
  /** Events that were only ever counted where they happened. */
  notSeen: count,
});
export type TapeEnd = z.infer<typeof tapeEndSchema>;

/** A line after the header. `t` never falls from line to line. */
export const tapeLineSchema = z.union([
  z.strictObject({ t: time, event: eventSchema }),
  z.strictObject({ t: time, frame: tapeFrameSchema }),
  z.strictObject({ t: time, end: tapeEndSchema }),
]);
export type TapeLine = z.infer<typeof tapeLineSchema>;
