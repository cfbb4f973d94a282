import type { FileHandle } from 'node:fs/promises';
import { setImmediate as yieldOnce } from 'node:timers/promises';
import { Failure } from '@shared/failure';
import { createMask } from '@shared/tape/mask';
import type { TapeHeader } from '@shared/tape/read';
import type { RecordingState } from '@shared/tape/recording';
import type { EndReason, TapeEnd, TapeFrame, TapeLine } from '@shared/tape/tape';
import { createFrameDelta, headerLine, tapeLine } from '@shared/tape/write';
import { fileFailure } from '../files';
import type { LiveService } from '../live';
import { type Redactor, redactAll } from '../redact';
import { createBacklog } from './backlog';
import { createTapeFile } from './tape-file';

/** Written so often. */
const WRITE_EVERY_MS = 100;
const FRAME_EVERY_MS = 500;
/** Lines made before others get their turn, and before they go to the disk. */
const LINES_AT_ONCE = 250;
/** Kept free for the last line. */
const END_BYTES = 400;

export interface RecorderOptions {
  path: string;
  header: TapeHeader;
  live: Pick<LiveService, 'listen' | 'frame'>;
  redactor: Redactor;
  now?: () => number;
}

/** A tape being written. It ends by itself when it is full, when the disk takes no more, and with the live session. */
export interface Recording {
  state: () => RecordingState;
  /** Writes what was seen until now, then the end. Resolves when it is on disk. */
  stop: (reason: EndReason) => Promise<RecordingState>;
  /** Resolves when it ended, whoever ended it. */
  ended: Promise<RecordingState>;
}

/** @throws Failure when the file cannot be made, or the flow alone is larger than the tape may be */
export async function startRecording(options: RecorderOptions): Promise<Recording> {
  const { path, header, live, redactor, now = Date.now } = options;
  const first = Buffer.from(headerLine(header));
  if (first.length + END_BYTES > header.maxBytes)
    throw new Failure('tape/too-small', `A tape of this flow begins with ${first.length} bytes: allow it more.`);
  const file = await createTapeFile(path);
  const mask = createMask(header.masking);
  const delta = createFrameDelta();
  const backlog = createBacklog(now);
  const state: RecordingState = {
    path,
    startedAt: header.startedAt,
    bytes: 0,
    maxBytes: header.maxBytes,
    events: 0,
    frames: 0,
    lost: 0,
    notSeen: 0,
  };
  let lastAt = header.startedAt;
  let frameAt = 0;
  let toldMissed = 0;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  let ending: Promise<RecordingState> | undefined;
  let onEnded: (state: RecordingState) => void = () => {};
  const ended = new Promise<RecordingState>((resolve) => {
    onEnded = resolve;
  });

  const stopListening = live.listen({
    event: backlog.add,
    skipped: backlog.skip,
    closed: () => void stop('closed'),
  });

  async function append(bytes: Buffer): Promise<void> {
    await file.appendFile(bytes).catch((error: unknown) => {
      throw fileFailure('write', path, error);
    });
    state.bytes += bytes.length;
  }

  /** Writes lines as far as they fit. False: the tape is full, and the rest is lost. */
  async function writeLines(lines: readonly TapeLine[]): Promise<boolean> {
    const parts: Buffer[] = [];
    let bytes = 0;
    let isFull = false;
    for (const line of lines) {
      const part = Buffer.from(tapeLine(line));
      isFull ||= state.bytes + bytes + part.length + END_BYTES > header.maxBytes;
      if (isFull && 'event' in line) state.lost += 1;
      if (isFull) continue;
      bytes += part.length;
      parts.push(part);
      if ('event' in line) state.events += 1;
      else state.frames += 1;
    }
    if (parts.length > 0) await append(Buffer.concat(parts));
    return !isFull;
  }

  /** Counters and the session as they are now, as far as they are news. */
  function readFrame(t: number): TapeFrame | undefined {
    frameAt = t;
    const { brokers, notices, troubles, ...frame } = live.frame({ epoch: '', cursor: 0, maxEvents: 0 });
    const missed = state.lost + state.notSeen - toldMissed;
    toldMissed += missed;
    const said = redactAll({ brokers, notices, troubles }, redactor);
    return delta({ ...frame, ...said }, missed);
  }

  /** Writes what is due, and all of it at the end. False: the tape is full. */
  async function write(end?: EndReason): Promise<boolean> {
    const due = backlog.take(end !== undefined);
    state.lost += due.lost;
    state.notSeen += due.notSeen;
    const t = now();
    // A session that was closed tells nothing more, or is another by now.
    const isFrameDue = end === undefined ? t - frameAt >= FRAME_EVERY_MS : end !== 'closed';
    const frame = isFrameDue ? readFrame(t) : undefined;
    if (frame) due.entries.push({ t, frame });
    due.entries.sort((a, b) => a.t - b.t);
    for (let from = 0; from < due.entries.length; from += LINES_AT_ONCE) {
      const lines = due.entries.slice(from, from + LINES_AT_ONCE).map((entry): TapeLine => {
        // Clocks differ, of sandboxes in particular: lines never go back in time.
        lastAt = Math.max(lastAt, entry.t);
        if ('frame' in entry) return { t: lastAt, frame: entry.frame };
        const event = mask(entry.show());
        const { reason } = event;
        return { t: lastAt, event: reason === undefined ? event : { ...event, reason: redactor.redact(reason) } };
      });
      if (!(await writeLines(lines))) {
        state.lost += due.entries.slice(from + LINES_AT_ONCE).filter((entry) => 'show' in entry).length;
        return false;
      }
      await yieldOnce();
    }
    return true;
  }

  function later(): void {
    timer = setTimeout(() => {
      turn = write().then(
        (hasRoom) => {
          if (ending) return;
          if (hasRoom) later();
          else void stop('size-cap');
        },
        (error: unknown) => void stop('write-failed', error),
      );
    }, WRITE_EVERY_MS);
  }

  function stop(reason: EndReason, error?: unknown): Promise<RecordingState> {
    ending ??= end(reason, error).then((last) => {
      onEnded(last);
      return last;
    });
    return ending;
  }

  async function end(asked: EndReason, failed: unknown): Promise<RecordingState> {
    clearTimeout(timer);
    await turn;
    let reason = asked;
    let error = failed;
    stopListening();
    try {
      if (reason !== 'write-failed' && reason !== 'size-cap' && !(await write(reason))) reason = 'size-cap';
    } catch (lateError) {
      reason = 'write-failed';
      error = lateError;
    }
    const unwritten = backlog.take(true);
    state.lost += unwritten.lost + unwritten.entries.length;
    state.notSeen += unwritten.notSeen;
    state.ended = reason;
    if (error !== undefined) state.problem = error instanceof Failure ? error.message : String(error);
    const { events, frames, lost, notSeen } = state;
    await finish(file, { reason, events, frames, lost, notSeen }).catch((lateError: unknown) => {
      state.ended = 'write-failed';
      state.problem ??= fileFailure('write', path, lateError).message;
    });
    return { ...state };
  }

  async function finish(handle: FileHandle, told: TapeEnd): Promise<void> {
    try {
      const last = Buffer.from(tapeLine({ t: Math.max(lastAt, now()), end: told }));
      await handle.appendFile(last);
      state.bytes += last.length;
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  try {
    await append(first);
  } catch (error) {
    stopListening();
    await file.close();
    throw error;
  }
  later();
  return { state: () => ({ ...state }), stop: (reason) => stop(reason), ended };
}
