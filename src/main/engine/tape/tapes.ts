import { randomUUID } from 'node:crypto';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OpenTape, TapeFile } from '@shared/api/tapes';
import { Failure } from '@shared/failure';
import { slug } from '@shared/flow/ids';
import type { Flow } from '@shared/flow/schema';
import type { Journey, JourneyList } from '@shared/journey/journey';
import { createPlayer, type TapeMoment, type TapePlayer, type WholeTape } from '@shared/tape/play';
import type { RecordingState } from '@shared/tape/recording';
import { TAPE_EXTENSION, type TapeLine } from '@shared/tape/tape';
import type { Frame } from '@shared/traffic/frame';
import type { Environments } from '../environments';
import { errorCode, fileFailure } from '../files';
import { createJourneys } from '../journeys';
import type { LiveService } from '../live';
import type { Redactor } from '../redact';
import { type Recording, startRecording } from './recorder';
import { createTapeFile, readTapeFile } from './tape-file';
import { tapeHeader } from './tape-header';

/** A tape is opened into memory; beyond this it can still be replayed on the command line. */
const MAX_OPEN_BYTES = 512 * 1024 * 1024;
/** Tapes open at a time; views that vanish leave theirs behind. */
const MOST_OPEN = 4;
/** Events that journeys of a moment are made of. */
const REMEMBERED = 10_000;
const BUSY_PARTS = 160;

export interface RecordRequest {
  bodies: boolean;
  mask: string[];
  maxBytes: number;
}

/** Tapes of the open document: being written, and open for views. */
export interface Tapes {
  /** @throws Failure when nothing is watched, or something is recorded already */
  record: (request: RecordRequest) => Promise<RecordingState>;
  stop: () => Promise<RecordingState | null>;
  /** The recording that goes on, or the last that ended. */
  recording: () => RecordingState | undefined;
  list: () => Promise<TapeFile[]>;
  /** @throws Failure with the line that cannot be read */
  open: (path: string) => Promise<OpenTape>;
  openText: (name: string, text: string) => Promise<OpenTape>;
  close: (tapeId: string) => void;
  /** The file of an open tape. */
  pathOf: (tapeId: string) => string;
  frames: (tapeId: string, moment: TapeMoment) => Frame[];
  journeys: (tapeId: string, at: number, request: { search: string; limit: number }) => Promise<JourneyList>;
  journey: (tapeId: string, at: number, id: string) => Promise<Journey | null>;
  /** Ends the recording. */
  end: () => Promise<void>;
}

export interface TapesOptions {
  dataFolder: string;
  flow: () => Flow;
  environments: Environments;
  live: LiveService;
  redactor: Redactor;
}

export function createTapes({ dataFolder, flow, environments, live, redactor }: TapesOptions): Tapes {
  const folder = join(dataFolder, 'tapes');
  const opened = new Map<string, { path: string; tape: WholeTape; player: TapePlayer }>();
  let recording: Recording | undefined;
  let isStarting = false;

  const isOn = () => recording !== undefined && recording.state().ended === undefined;

  function find(tapeId: string) {
    const found = opened.get(tapeId);
    if (found) return found;
    throw new Failure('tape/not-open', 'This tape is not open any more.', { hint: 'Open it again.', retryable: true });
  }

  /** Journeys as they stood at a moment. */
  function journeysAt(tapeId: string, at: number) {
    const { tape, player } = find(tapeId);
    return createJourneys({ remembered: async () => player.until(at, REMEMBERED) }, () => tape.header.flow);
  }

  async function begin({ bodies, mask, maxBytes }: RecordRequest): Promise<RecordingState> {
    const { watch, running } = live.frame({ epoch: '', cursor: 0, maxEvents: 0 });
    if (watch === 'off' && !running)
      throw new Failure('record/nothing-watched', 'Nothing is watched that could be recorded.', {
        hint: 'Run the flow, or choose how it is watched.',
      });
    const environment = await environments.active();
    const isOpen = environment.protection === 'open';
    const startedAt = Date.now();
    const header = tapeHeader({
      flow: flow(),
      environment: environment.name,
      mode: watch,
      running,
      targets: await environments.targets(),
      masking: { bodies: bodies && isOpen ? 'shown' : 'off', rules: mask },
      maxBytes,
      startedAt,
    });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const when = new Date(startedAt).toISOString().slice(0, 19).replaceAll(':', '-').replace('T', '-');
    const path = join(folder, `${slug(flow().name)}-${when}${TAPE_EXTENSION}`);
    recording = await startRecording({ path, header, live, redactor });
    return recording.state();
  }

  async function open(path: string): Promise<OpenTape> {
    const { size } = await stat(path).catch((error: unknown) => {
      throw fileFailure('read', path, error);
    });
    if (size > MAX_OPEN_BYTES)
      throw new Failure('tape/too-large', `${basename(path)} is too large to be opened here.`, {
        hint: 'It can be replayed with “tapline replay”, whatever its size.',
        object: path,
      });
    const lines: TapeLine[] = [];
    let header: WholeTape['header'] | undefined;
    const ending = await readTapeFile(path, {
      onHeader: (first) => {
        header = first;
      },
      onLine: (line) => void lines.push(line),
    });
    if (!header) throw new Error('a tape was read without a header');
    const tapeId = randomUUID();
    const tape = { header, lines, ending };
    const player = createPlayer(tape, tapeId);
    opened.set(tapeId, { path, tape, player });
    for (const old of [...opened.keys()].slice(0, -MOST_OPEN)) opened.delete(old);
    const { startedAt, endedAt, events } = player;
    return {
      tapeId,
      name: basename(path),
      flow: header.flow,
      startedAt,
      endedAt,
      events,
      environment: header.watched.environment,
      masking: header.masking,
      ...(ending.end ? { ended: ending.end.reason } : {}),
      missing: (ending.end?.lost ?? 0) + (ending.end?.notSeen ?? 0),
      busy: player.busy(BUSY_PARTS),
    };
  }

  return {
    async record(request) {
      if (isOn() || isStarting)
        throw new Failure('record/already', 'The traffic is being recorded already.', { hint: 'Stop that first.' });
      isStarting = true;
      try {
        return await begin(request);
      } finally {
        isStarting = false;
      }
    },
    stop: async () => (recording && isOn() ? recording.stop('stopped') : (recording?.state() ?? null)),
    recording: () => recording?.state(),
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return [];
        throw fileFailure('read', folder, error);
      });
      const files = await Promise.all(
        names
          .filter((name) => name.endsWith(TAPE_EXTENSION))
          .map(async (name): Promise<TapeFile> => {
            const path = join(folder, name);
            const { size, mtimeMs } = await stat(path);
            return { path, name, bytes: size, writtenAt: mtimeMs };
          }),
      );
      return files.sort((a, b) => b.writtenAt - a.writtenAt);
    },
    open,
    async openText(name, text) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const stem = slug(basename(name).replace(/(\.tape)?\.ndjson$/, '')) || 'tape';
      const path = join(folder, `${stem}-${randomUUID().slice(0, 8)}${TAPE_EXTENSION}`);
      const file = await createTapeFile(path);
      try {
        await writeFile(file, text);
      } finally {
        await file.close();
      }
      return { ...(await open(path)), name: basename(name) };
    },
    close: (tapeId) => void opened.delete(tapeId),
    pathOf: (tapeId) => find(tapeId).path,
    frames: (tapeId, moment) => find(tapeId).player.frames(moment),
    journeys: (tapeId, at, request) => journeysAt(tapeId, at).journeys(request),
    journey: (tapeId, at, id) => journeysAt(tapeId, at).journey(id),
    async end() {
      if (recording && isOn()) await recording.stop('closed');
    },
  };
}
