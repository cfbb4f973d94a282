import { Button, Loader } from '@mantine/core';
import { useEnvironments } from '@renderer/environments/environment-store';
import { useFlow } from '@renderer/flow/use-flow';
import { formatNoun } from '@renderer/live/format';
import { useShell } from '@renderer/shell/shell-store';
import { IconMailOff, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import classes from './DeadLettersPanel.module.css';
import { openDialog, refreshDeadLetters } from './dead-letters-actions';
import { chosenQueue, filterLetters, queueKey, readLetters, useDeadLetters } from './dead-letters-store';
import { EditDialog } from './EditDialog';
import { LettersHeader } from './LettersHeader';
import { LetterTable } from './LetterTable';
import { LetterView } from './LetterView';
import { QueueList } from './QueueList';
import { ReadDialog } from './ReadDialog';
import { RedriveDialog } from './RedriveDialog';
import { RedriveProgress } from './RedriveProgress';
import { SeenLetters, useSeenLetters } from './SeenLetters';

/** All dead letters of the flow: queues, what was read of them, one message, and redriving. */
export function DeadLettersPanel() {
  const isShown = useShell(({ bottomTab, isBottomOpen }) => isBottomOpen && bottomTab === 'dead-letters');
  const active = useEnvironments((state) => state.active);
  const flowName = useFlow(({ flow }) => flow.name);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another flow or environment has other dead letters
  useEffect(() => {
    if (isShown) void refreshDeadLetters();
  }, [isShown, active, flowName]);
  return isShown ? <ShownPanel /> : null;
}

function ShownPanel() {
  const { overview, failure, isLoading } = useDeadLetters((state) => state);
  if (failure) {
    return (
      <div className={classes.empty} role="alert">
        <IconPlugConnectedX size={26} aria-hidden />
        <strong>{failure.message}</strong>
        {failure.hint && <span>{failure.hint}</span>}
        <RefreshButton />
      </div>
    );
  }
  if (!overview) return <div className={classes.empty}>{isLoading && <Loader size="sm" />}</div>;
  if (overview.queues.length === 0) return <NoQueues />;
  return (
    <div className={classes.panel}>
      <RedriveProgress />
      <Group className={classes.body}>
        <Panel id="queues" defaultSize={230} minSize={150} groupResizeBehavior="preserve-pixel-size">
          <QueueList overview={overview} />
        </Panel>
        <Separator className={classes.separator} />
        <Panel id="letters" minSize={320}>
          <Letters />
        </Panel>
      </Group>
      <ReadDialog />
      <RedriveDialog />
      <EditDialog />
    </div>
  );
}

function RefreshButton() {
  return (
    <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={() => void refreshDeadLetters()}>
      Look again
    </Button>
  );
}

function NoQueues() {
  const problems = useDeadLetters(({ overview }) => overview?.problems ?? []);
  return (
    <div className={classes.empty} role="status">
      <IconMailOff size={26} aria-hidden />
      <strong>{problems.length > 0 ? problems[0]?.message : 'No dead-letter queues'}</strong>
      <span>
        {problems[0]?.hint ??
          'Draw a dead-letter link from a queue to an exchange or queue: what is rejected, expires or overflows then comes to rest there, and can be brought home from here.'}
      </span>
      <RefreshButton />
    </div>
  );
}

function Letters() {
  const state = useDeadLetters((all) => all);
  const { text, groupBy, group, shown: shownKey, reads, overview, chosen } = state;
  const letters = useMemo(() => readLetters({ ...state, overview, reads, chosen }), [state, overview, reads, chosen]);
  const { shown, groups } = useMemo(
    () => filterLetters(letters, { text, groupBy, group }, Date.now()),
    [letters, text, groupBy, group],
  );
  const open = letters.find(({ key }) => key === shownKey);
  return (
    <div className={classes.panel}>
      <LettersHeader shown={shown} groups={groups} />
      {letters.length === 0 ? (
        <NothingRead />
      ) : (
        <Group className={classes.body}>
          <Panel id="letter-list" minSize={260}>
            <LetterTable letters={shown} />
          </Panel>
          {open && (
            <>
              <Separator className={classes.separator} />
              <Panel id="letter" defaultSize={420} minSize={260} groupResizeBehavior="preserve-pixel-size">
                <LetterView key={open.key} listed={open} />
              </Panel>
            </>
          )}
        </Group>
      )}
    </div>
  );
}

/** Counting is free, reading is not: so the first look shows numbers, and what went by while it was watched. */
function NothingRead() {
  const { overview } = useDeadLetters((state) => state);
  const queue = useDeadLetters(chosenQueue);
  const queues = useMemo(() => (queue ? [queue] : (overview?.queues ?? [])), [queue, overview]);
  const seen = useSeenLetters(queues);
  const total = queues.reduce((sum, { depth }) => sum + (depth ?? 0), 0);
  const full = queues.filter(({ depth, terms }) => (depth ?? 0) > 0 && terms.refused === undefined);
  const refused = queue?.terms.refused ?? queue?.problem;
  const read = full.length > 0 ? () => openDialog({ about: 'read', queues: full.map(queueKey) }) : undefined;
  if (seen.length > 0) return <SeenLetters seen={seen} total={total} onRead={read} />;
  return (
    <div className={classes.empty} role="status">
      <IconMailOff size={26} aria-hidden />
      <strong>{total === 0 ? 'No dead letters' : `${formatNoun(total, 'dead letter')}, not read yet`}</strong>
      <span>
        {refused ??
          (total === 0
            ? 'Nothing is waiting here. Messages that are rejected, expire or overflow would be listed.'
            : full.every(({ terms }) => terms.isHarmless)
              ? 'Reading them changes nothing: they stay where they lie.'
              : 'Counting them costs nothing. Reading takes them out for a moment and puts them back, which leaves traces: it is done only when you ask for it.')}
      </span>
      {read && (
        <Button variant="default" onClick={read}>
          Read them…
        </Button>
      )}
    </div>
  );
}
