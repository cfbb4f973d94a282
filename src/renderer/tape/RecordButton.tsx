import { Button, Tooltip } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { formatCount } from '@renderer/live/format';
import { useLive } from '@renderer/live/live-store';
import { describeBytes } from '@shared/tape/recording';
import { IconPlayerRecordFilled } from '@tabler/icons-react';
import { isRecording, stopRecording } from './recording-actions';
import classes from './Tape.module.css';
import { showTapeDialog } from './tape-store';

/** Top bar: begins a tape; while one is written, how many events and how large, and ends it. */
export function RecordButton() {
  const recording = useLive((state) => state.recording);
  const isOff = useLive(({ watch, running }) => watch === 'off' && !running);
  if (recording && isRecording(recording)) {
    const { events, bytes, maxBytes, lost } = recording;
    const size = `${formatCount(events)} · ${describeBytes(bytes)}`;
    return (
      <Tooltip
        label={`Stop recording. ${lost > 0 ? `${lost.toLocaleString('en')} events were lost. ` : ''}It stops by itself at ${describeBytes(maxBytes)}.`}
      >
        <Button
          variant="light"
          color="red"
          aria-label="Stop recording"
          aria-description={size}
          leftSection={<IconPlayerRecordFilled size={13} className={classes.recording} />}
          onClick={() => attempt('Record', stopRecording)}
        >
          <span className={classes.size}>{size}</span>
        </Button>
      </Tooltip>
    );
  }
  return (
    <Tooltip label="Run the flow or watch first: then there is something to record" disabled={!isOff}>
      <Button
        variant="default"
        aria-label="Record"
        data-disabled={isOff || undefined}
        aria-disabled={isOff || undefined}
        leftSection={<IconPlayerRecordFilled size={13} className={classes.record} />}
        onClick={() => !isOff && showTapeDialog('record')}
      >
        Record
      </Button>
    </Tooltip>
  );
}
