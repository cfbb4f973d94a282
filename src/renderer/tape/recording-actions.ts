import { notifications } from '@mantine/notifications';
import { engine } from '@renderer/engine/client';
import { formatNoun } from '@renderer/live/format';
import { hurryFrame, liveStore } from '@renderer/live/live-store';
import { describeBytes, explainEnd, type RecordingState } from '@shared/tape/recording';
import { showTapeDialog } from './tape-store';

export interface RecordOptions {
  bodies: boolean;
  mask: string[];
  maxBytes: number;
}

/** Begins to record what is watched and run. */
export async function startRecording(options: RecordOptions): Promise<void> {
  try {
    await engine.tapes.record(options);
  } finally {
    hurryFrame();
  }
}

export async function stopRecording(): Promise<void> {
  try {
    await engine.tapes.stop();
  } finally {
    hurryFrame();
  }
}

export function isRecording(recording: RecordingState | null): boolean {
  return recording !== null && recording.ended === undefined;
}

/** Says when a recording ended, whoever ended it, and what became of it. Answers the stop function. */
export function toastRecording(): () => void {
  return liveStore.subscribe(({ recording }, before) => {
    if (!recording || recording === before.recording || isRecording(recording)) return;
    if (!isRecording(before.recording) || before.recording?.path !== recording.path) return;
    const { events, bytes, lost, notSeen, path } = recording;
    const missing = lost + notSeen;
    notifications.show({
      title: explainEnd(recording) ?? 'Recorded',
      message: [
        `${formatNoun(events, 'event')} in ${describeBytes(bytes)}, in ${path}.`,
        ...(missing > 0 ? [`${formatNoun(missing, 'event')} could not be recorded.`] : []),
      ].join(' '),
      color: recording.ended === 'stopped' ? 'teal' : 'yellow',
      withBorder: true,
      autoClose: 10_000,
      onClick: () => showTapeDialog('open'),
    });
  });
}
