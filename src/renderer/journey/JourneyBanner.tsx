import { Button } from '@mantine/core';
import { formatTime } from '@renderer/live/format';
import { isTapeOpen, useTape } from '@renderer/tape/tape-store';
import { Panel } from 'reactflow';
import classes from './JourneyPanel.module.css';
import { showJourney, useJourneys } from './journey-store';

/** Over the canvas while it shows a message and not live traffic: what it shows, and the way back. */
export function JourneyBanner() {
  const { shown, moment } = useJourneys((state) => state);
  const back = useTape(isTapeOpen)
    ? { word: 'Back to the tape', label: 'Back to the tape' }
    : { word: 'Back to live', label: 'Back to live traffic' };
  const step = shown?.steps[moment];
  if (!shown || !step) return null;
  return (
    <Panel position="top-center" className={classes.banner}>
      <span className={classes.bannerText} role="status">
        <strong>
          Step {moment + 1} of {shown.steps.length}, {formatTime(step.at)}
        </strong>{' '}
        {step.inferred ? '~' : ''}
        {step.sentence}
      </span>
      <Button size="compact-xs" variant="light" onClick={() => showJourney(null)} aria-label={back.label}>
        {back.word}
      </Button>
    </Panel>
  );
}
