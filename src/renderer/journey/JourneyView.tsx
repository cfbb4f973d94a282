import { ActionIcon, Button, Slider } from '@mantine/core';
import { useFlow } from '@renderer/flow/use-flow';
import { formatDuration, formatNoun, formatTime } from '@renderer/live/format';
import { isTapeOpen, useTape } from '@renderer/tape/tape-store';
import type { Journey } from '@shared/journey/journey';
import { IconActivity, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { StateBadge, StepBadge } from './JourneyBadge';
import classes from './JourneyPanel.module.css';
import { showJourney, showMoment, useJourneys } from './journey-store';

/** One message through time: a slider, and every step with what is known of it. The canvas shows the step chosen. */
export function JourneyView({ journey }: { journey: Journey }) {
  const moment = useJourneys((state) => state.moment);
  const isTape = useTape(isTapeOpen);
  const { steps, state, isWhole, inferred, startedAt, endedAt } = journey;
  const last = steps.length - 1;
  const remarks = [
    ...(isWhole ? [] : ['It begins before what is remembered or was watched.']),
    ...(inferred === undefined ? [] : [inferred]),
    ...(steps.some((step) => step.inferred) ? ['Steps with ~ were worked out from the drawing, not observed.'] : []),
  ];
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    showJourney(null);
  };
  return (
    <section className={classes.view} aria-label="Journey" onKeyDown={onKeyDown}>
      <header className={classes.head}>
        <StateBadge state={state} />
        <span className={classes.told}>
          {formatNoun(steps.length, 'step')} in {formatDuration(endedAt - startedAt)}
        </span>
        <Button variant="light" leftSection={<IconActivity size={14} />} onClick={() => showJourney(null)}>
          {isTape ? 'Back to the tape' : 'Back to live'}
        </Button>
      </header>
      <div className={classes.scrub}>
        <ActionIcon aria-label="Step before" disabled={moment === 0} onClick={() => showMoment(moment - 1)}>
          <IconChevronLeft size={16} />
        </ActionIcon>
        <Slider
          className={classes.slider}
          min={0}
          max={Math.max(last, 1)}
          disabled={last < 1}
          value={moment}
          onChange={showMoment}
          label={(value) => formatTime(steps[value]?.at ?? startedAt)}
          thumbLabel="Moment"
          thumbProps={{ 'aria-valuetext': `Step ${moment + 1} of ${steps.length}: ${steps[moment]?.sentence ?? ''}` }}
          size="sm"
        />
        <ActionIcon aria-label="Step after" disabled={moment >= last} onClick={() => showMoment(moment + 1)}>
          <IconChevronRight size={16} />
        </ActionIcon>
      </div>
      <Timeline journey={journey} moment={moment} />
      {remarks.length > 0 && <p className={classes.remarks}>{remarks.join(' ')}</p>}
    </section>
  );
}

function Timeline({ journey, moment }: { journey: Journey; moment: number }) {
  const nodes = useFlow(({ flow }) => flow.nodes);
  const current = useRef<HTMLLIElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another moment is another element
  useEffect(() => {
    // Newer browsers answer with a promise, which is no clean-up.
    void current.current?.scrollIntoView({ block: 'nearest' });
  }, [moment]);
  return (
    <ol className={classes.steps} aria-label="Steps">
      {journey.steps.map(({ seq, type, node, at, sentence, inferred }, index) => (
        <li key={`${seq} ${sentence}`} ref={index === moment ? current : undefined}>
          <button
            type="button"
            className={classes.step}
            aria-current={index === moment ? 'step' : undefined}
            data-ahead={index > moment || undefined}
            onClick={() => showMoment(index)}
          >
            <span className={classes.offset} title={formatTime(at)}>
              +{formatDuration(at - journey.startedAt)}
            </span>
            <StepBadge type={type} inferred={inferred} />
            <span className={classes.sentence} title={nodes[node]?.name}>
              {sentence}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
