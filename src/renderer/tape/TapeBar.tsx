import { ActionIcon, Button, Select, Slider } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { formatDuration, formatNoun, formatTime } from '@renderer/live/format';
import type { OpenTape } from '@shared/api/tapes';
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBackFilled,
  IconPlayerSkipForwardFilled,
  IconRepeat,
  IconX,
} from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { ReplayProgress } from './ReplayProgress';
import classes from './Tape.module.css';
import { closeTape, pause, play, seek, setSpeed } from './tape-actions';
import { showTapeDialog, useTape } from './tape-store';

const SPEEDS = ['0.5', '1', '2', '5', '10', '50', '100'];
const STEP_MS = 1000;
const LEAP_MS = 10_000;

/** Under the top bar while a tape is open: what it is, its time, and the way back. */
export function TapeBar() {
  const tape = useTape((state) => state.tape);
  if (!tape) return null;
  return (
    <section className={classes.bar} aria-label="Tape">
      <div className={classes.row}>
        <strong className={classes.badge}>Tape</strong>
        <span className={classes.told} title={tape.name}>
          {describeTape(tape)}
        </span>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconRepeat size={13} />}
          onClick={() => showTapeDialog('replay')}
        >
          Replay…
        </Button>
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<IconX size={13} />}
          onClick={() => attempt('Tape', closeTape)}
        >
          Close tape
        </Button>
      </div>
      <Transport tape={tape} />
      <ReplayProgress />
    </section>
  );
}

/** What it is, and what is missing on it. */
function describeTape({ startedAt, environment, events, masking, ended, missing }: OpenTape): string {
  return [
    `Recorded ${new Date(startedAt).toLocaleString()} in ${environment}`,
    formatNoun(events, 'event'),
    ...(masking.bodies === 'off' ? ['without bodies'] : []),
    ...(masking.rules.length > 0 ? [`masked: ${masking.rules.join(', ')}`] : []),
    ...(missing > 0 ? [`${formatNoun(missing, 'event')} missing`] : []),
    ...(ended === undefined ? ['it ends abruptly: the recording was killed'] : []),
    ...(ended === 'size-cap' ? ['it ends where it was full'] : []),
    'only to look at: close it to plan, deploy or run',
  ].join(' · ');
}

function Transport({ tape }: { tape: OpenTape }) {
  const { at, isPlaying, speed } = useTape((state) => state);
  const { startedAt, endedAt } = tape;
  const span = Math.max(1, endedAt - startedAt);
  const passed = `${formatDuration(at - startedAt)} of ${formatDuration(span)}`;
  const move = (byMs: number) => {
    pause();
    void seek(at + byMs);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const ms: Record<string, number> = {
      ArrowRight: STEP_MS,
      ArrowUp: STEP_MS,
      ArrowLeft: -STEP_MS,
      ArrowDown: -STEP_MS,
      PageUp: LEAP_MS,
      PageDown: -LEAP_MS,
      Home: -span,
      End: span,
    };
    const byMs = ms[event.key];
    if (byMs === undefined && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    if (byMs !== undefined) move(byMs);
    else if (isPlaying) pause();
    else play();
  };
  return (
    <div className={classes.row}>
      <ActionIcon aria-label="A second back" disabled={at <= startedAt} onClick={() => move(-STEP_MS)}>
        <IconPlayerSkipBackFilled size={14} />
      </ActionIcon>
      <ActionIcon
        variant="filled"
        color="blue"
        aria-label={isPlaying ? 'Pause the tape' : 'Play the tape'}
        onClick={isPlaying ? pause : play}
      >
        {isPlaying ? <IconPlayerPauseFilled size={14} /> : <IconPlayerPlayFilled size={14} />}
      </ActionIcon>
      <ActionIcon aria-label="A second on" disabled={at >= endedAt} onClick={() => move(STEP_MS)}>
        <IconPlayerSkipForwardFilled size={14} />
      </ActionIcon>
      <div className={classes.time} onKeyDownCapture={onKeyDown}>
        <Busy busy={tape.busy} share={(at - startedAt) / span} />
        <Slider
          min={0}
          max={span}
          value={at - startedAt}
          onChange={(value) => {
            pause();
            void seek(startedAt + value);
          }}
          label={null}
          thumbLabel="Moment of the tape"
          thumbProps={{ 'aria-valuetext': `${formatTime(at)}, ${passed}` }}
          size="xs"
        />
      </div>
      <span className={classes.clock} role="timer">
        {formatTime(at)} <span className={classes.passed}>{passed}</span>
      </span>
      <Select
        className={classes.speed}
        aria-label="Speed"
        size="xs"
        data={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
        value={String(speed)}
        allowDeselect={false}
        onChange={(value) => value !== null && setSpeed(Number(value))}
      />
    </div>
  );
}

/** Where on the tape much happened; tall is much, by the square root so that little is seen too. */
function Busy({ busy, share }: { busy: readonly number[]; share: number }) {
  const most = Math.sqrt(Math.max(1, ...busy));
  return (
    <svg className={classes.busy} viewBox={`0 0 ${busy.length} 1`} preserveAspectRatio="none" aria-hidden="true">
      {busy.map((count, index) => {
        const height = count === 0 ? 0 : Math.max(0.08, Math.sqrt(count) / most);
        const isPast = index / busy.length < share;
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a part of the tape is known by its place
            key={index}
            x={index}
            y={1 - height}
            width={0.8}
            height={height}
            data-past={isPast || undefined}
          />
        );
      })}
    </svg>
  );
}
