import { Tabs } from '@mantine/core';
import { DeadLettersPanel } from '@renderer/dead-letters/DeadLettersPanel';
import { totalDepth, useDeadLetters } from '@renderer/dead-letters/dead-letters-store';
import { PlanPanel } from '@renderer/deploy/PlanPanel';
import { JourneyPanel } from '@renderer/journey/JourneyPanel';
import { formatCount } from '@renderer/live/format';
import { ProblemsPanel } from '@renderer/problems/ProblemsPanel';
import { isTapeOpen, useTape } from '@renderer/tape/tape-store';
import { TrafficPanel } from '@renderer/traffic/TrafficPanel';
import classes from './BottomPanel.module.css';
import { type BottomTab, shellStore, useShell } from './shell-store';

/** Problems, Plan, Traffic, Journeys and Dead letters below the canvas. */
export function BottomPanel() {
  const tab = useShell((state) => state.bottomTab);
  const isTape = useTape(isTapeOpen);
  const dead = useDeadLetters(totalDepth) ?? 0;
  return (
    <Tabs
      className={classes.tabs}
      value={tab}
      onChange={(value) => value && shellStore.setState({ bottomTab: value as BottomTab })}
    >
      <Tabs.List className={classes.list} aria-label="Panels">
        <Tabs.Tab value="problems">Problems</Tabs.Tab>
        {!isTape && <Tabs.Tab value="plan">Plan</Tabs.Tab>}
        <Tabs.Tab value="traffic">Traffic</Tabs.Tab>
        <Tabs.Tab value="journeys">Journeys</Tabs.Tab>
        {!isTape && (
          <Tabs.Tab value="dead-letters">{dead > 0 ? `Dead letters ${formatCount(dead)}` : 'Dead letters'}</Tabs.Tab>
        )}
      </Tabs.List>
      <Tabs.Panel className={classes.panel} value="problems">
        <ProblemsPanel />
      </Tabs.Panel>
      <Tabs.Panel className={classes.panel} value="plan">
        <PlanPanel />
      </Tabs.Panel>
      <Tabs.Panel className={classes.panel} value="traffic">
        <TrafficPanel />
      </Tabs.Panel>
      <Tabs.Panel className={classes.panel} value="journeys">
        <JourneyPanel />
      </Tabs.Panel>
      <Tabs.Panel className={classes.panel} value="dead-letters">
        <DeadLettersPanel />
      </Tabs.Panel>
    </Tabs>
  );
}
