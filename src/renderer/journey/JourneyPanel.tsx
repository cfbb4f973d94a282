import { Select, TextInput } from '@mantine/core';
import { formatExact } from '@renderer/live/format';
import { useShell } from '@renderer/shell/shell-store';
import { TrafficEmpty } from '@renderer/traffic/TrafficEmpty';
import panelClasses from '@renderer/traffic/TrafficPanel.module.css';
import type { JourneyList, JourneyState } from '@shared/journey/journey';
import { IconPlugConnectedX, IconSearch } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import classes from './JourneyPanel.module.css';
import { JourneyTable } from './JourneyTable';
import { JourneyView } from './JourneyView';
import { journeyStore, lookAtJourneys, useJourneys } from './journey-store';

const FATES: JourneyState[] = ['in flight', 'done', 'dead', 'lost', 'unknown'];

/** Messages with everything known of each. Asks for nothing while it is behind another panel. */
export function JourneyPanel() {
  const isShown = useShell(({ bottomTab, isBottomOpen }) => isBottomOpen && bottomTab === 'journeys');
  return isShown ? <ShownPanel /> : null;
}

function ShownPanel() {
  const { list, failure, search, fate, shown } = useJourneys((state) => state);
  useEffect(() => lookAtJourneys(), []);
  const journeys = useMemo(
    () => (list?.journeys ?? []).filter(({ state }) => fate === null || state === fate),
    [list, fate],
  );
  if (failure) {
    return (
      <div className={panelClasses.empty} role="alert">
        <IconPlugConnectedX size={26} aria-hidden />
        <strong>{failure.message}</strong>
        {failure.hint && <span>{failure.hint}</span>}
      </div>
    );
  }
  return (
    <div className={panelClasses.panel}>
      <div className={panelClasses.header}>
        <TextInput
          className={panelClasses.filter}
          value={search}
          onChange={(event) => journeyStore.setState({ search: event.currentTarget.value })}
          leftSection={<IconSearch size={14} />}
          placeholder="Search id, key, header, body"
          aria-label="Search journeys"
        />
        <Select
          className={classes.fates}
          data={FATES}
          value={fate}
          onChange={(chosen) => journeyStore.setState({ fate: FATES.find((one) => one === chosen) ?? null })}
          placeholder="Any end"
          aria-label="What became of them"
          clearable
        />
        <span className={panelClasses.counts} role="status">
          {list && describeList(list)}
          {list &&
            fate !== null &&
            ` · ${formatExact(journeys.length)} ${fate} among the newest ${formatExact(list.journeys.length)}`}
        </span>
      </div>
      {list?.remembered === 0 && !shown ? (
        <TrafficEmpty />
      ) : (
        <Group className={panelClasses.body}>
          <Panel id="journeys" minSize={280}>
            <JourneyTable journeys={journeys} isSearched={search.trim() !== '' || fate !== null} />
          </Panel>
          {shown && (
            <>
              <Separator className={panelClasses.separator} />
              <Panel id="journey" defaultSize={480} minSize={300} groupResizeBehavior="preserve-pixel-size">
                <JourneyView journey={shown} />
              </Panel>
            </>
          )}
        </Group>
      )}
    </div>
  );
}

/** `200 of 1,204 journeys, out of 10,000 observations · 48,213 older ones forgotten · 12 only counted`. */
function describeList({ journeys, found, remembered, forgotten, notSeen }: JourneyList): string {
  const many =
    found > journeys.length ? `${formatExact(journeys.length)} of ${formatExact(found)}` : formatExact(found);
  return [
    `${many} ${found === 1 ? 'journey' : 'journeys'}, out of ${formatExact(remembered)} observations`,
    ...(forgotten > 0 ? [`${formatExact(forgotten)} older ones forgotten`] : []),
    ...(notSeen > 0 ? [`${formatExact(notSeen)} only counted`] : []),
  ].join(' · ');
}
