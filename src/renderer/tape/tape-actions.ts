import { notifications } from '@mantine/notifications';
import { engine } from '@renderer/engine/client';
import { showFailure } from '@renderer/engine/failure';
import { hostInfo } from '@renderer/files/host';
import type { TextFile } from '@renderer/files/transfer';
import { uploadText } from '@renderer/files/transfer';
import { documentSync } from '@renderer/flow/document';
import { setRefusalListener, showFlow } from '@renderer/flow/flow-store';
import { setJourneySource, showJourney } from '@renderer/journey/journey-store';
import { liveStore, takeFrame } from '@renderer/live/live-store';
import { shellStore, showBottomTab } from '@renderer/shell/shell-store';
import { resumeTraffic, showMessage } from '@renderer/traffic/traffic-store';
import type { OpenTape } from '@shared/api/tapes';
import { isTapeOpen, TAPE_REASON, tapeStore } from './tape-store';

/** Moments of a playing tape are asked for so often. */
const TICK_MS = 100;
const TAPE_FILES = '.ndjson';

/** What the last frame said, to go on from. */
let shown = { epoch: '', cursor: 0, from: 0 };
let wanted: { at: number; isJump: boolean } | undefined;
let isAsking = false;
let ticking: ReturnType<typeof setInterval> | undefined;
/** Gives the window back to the document. */
let giveBack: () => void = () => undefined;

setRefusalListener(tellOff);

/** Says why nothing happens. */
export function tellOff(): void {
  notifications.show({ id: 'tape-read-only', title: 'Tape', message: TAPE_REASON, color: 'yellow', withBorder: true });
}

/** Opens a tape on the engine's machine. */
export async function openTapePath(path: string): Promise<void> {
  await showTape(await engine.tapes.open({ path }));
}

/** Opens a tape that was uploaded or dropped. */
export async function openTapeText(file: TextFile): Promise<void> {
  await showTape(await engine.tapes.openText(file));
}

/** Lets the user choose a file: the host's dialog, or an upload. */
export async function chooseTape(): Promise<void> {
  const { fileDialogs } = await hostInfo();
  if (!fileDialogs) {
    const file = await uploadText(TAPE_FILES);
    if (file) await openTapeText(file);
    return;
  }
  const path = await engine.host.chooseFileToOpen({ purpose: 'tape' });
  if (path !== null) await openTapePath(path);
}

async function showTape(tape: OpenTape): Promise<void> {
  await closeTape();
  await documentSync.flush();
  const resume = documentSync.suspend();
  const restore = showFlow(tape.flow);
  giveBack = () => {
    restore();
    resume();
  };
  const { tapeId } = tape;
  setJourneySource({
    journeys: (request) => engine.tapes.journeys({ tapeId, at: tapeStore.getState().at, ...request }),
    journey: (request) => engine.tapes.journey({ tapeId, at: tapeStore.getState().at, ...request }),
  });
  resetViews();
  tapeStore.setState({ tape, at: tape.startedAt, isPlaying: false, speed: 1, dialog: null });
  const { bottomTab } = shellStore.getState();
  if (bottomTab !== 'journeys') showBottomTab('traffic');
  await seek(tape.startedAt);
}

/** Closes the tape; what was open before is there again. */
export async function closeTape(): Promise<void> {
  const { tape } = tapeStore.getState();
  if (!tape) return;
  pause();
  wanted = undefined;
  setJourneySource(null);
  resetViews();
  tapeStore.setState({ tape: null, dialog: null });
  giveBack();
  giveBack = () => undefined;
  await engine.tapes.close({ tapeId: tape.tapeId }).catch(() => undefined);
}

function resetViews(): void {
  showJourney(null);
  resumeTraffic();
  showMessage(null);
}

/** Goes to a moment, epoch milliseconds; beyond the ends it stays there. */
export function seek(at: number): Promise<void> {
  return go(at, true);
}

async function go(asked: number, isJump: boolean): Promise<void> {
  const { tape } = tapeStore.getState();
  if (!tape) return;
  const at = Math.min(Math.max(asked, tape.startedAt), tape.endedAt);
  tapeStore.setState({ at });
  // While one moment is on its way only the newest wish counts.
  wanted = { at, isJump: isJump || wanted?.isJump === true };
  if (isAsking) return;
  isAsking = true;
  try {
    while (wanted) await show(tape, takeWanted(wanted));
  } catch (error) {
    pause();
    wanted = undefined;
    showFailure('Tape', error);
  } finally {
    isAsking = false;
  }
}

function takeWanted<T>(wish: T): T {
  wanted = undefined;
  return wish;
}

async function show({ tapeId }: OpenTape, { at, isJump }: { at: number; isJump: boolean }): Promise<void> {
  const from = isJump ? { epoch: '', cursor: 0, from: at } : shown;
  const frames = await engine.tapes.frames({ tapeId, at, ...from });
  if (tapeStore.getState().tape?.tapeId !== tapeId) return;
  // What was remarked is told once, when it happens.
  const { notices, recording } = liveStore.getState();
  for (const frame of frames) takeFrame({ ...frame, notices, ...(recording ? { recording } : {}) });
  const last = frames.at(-1);
  if (last) shown = { epoch: last.epoch, cursor: last.cursor, from: at };
}

/** Plays on from the moment on view; at the end from the beginning. */
export function play(): void {
  const { tape, at } = tapeStore.getState();
  if (!tape || ticking !== undefined) return;
  if (at >= tape.endedAt) void seek(tape.startedAt);
  tapeStore.setState({ isPlaying: true });
  let tickedAt = performance.now();
  ticking = setInterval(() => {
    const { at: now, speed, tape: playing } = tapeStore.getState();
    const passedMs = performance.now() - tickedAt;
    tickedAt += passedMs;
    void go(now + passedMs * speed, false);
    if (playing && now + passedMs * speed >= playing.endedAt) pause();
  }, TICK_MS);
}

export function pause(): void {
  clearInterval(ticking);
  ticking = undefined;
  if (isTapeOpen()) tapeStore.setState({ isPlaying: false });
}

export function setSpeed(speed: number): void {
  tapeStore.setState({ speed });
}
