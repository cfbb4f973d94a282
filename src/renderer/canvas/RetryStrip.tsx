import { Button, Popover } from '@mantine/core';
import { select } from '@renderer/flow/flow-store';
import { selectLinks } from '@renderer/flow/selection';
import { useFlow } from '@renderer/flow/use-flow';
import { formatDelay } from '@renderer/live/format';
import { useLive } from '@renderer/live/live-store';
import type { DerivedGroup } from '@shared/kinds/derived';
import { IconHourglass } from '@tabler/icons-react';
import { memo, useState } from 'react';
import { derivedAt } from './derived';
import classes from './RetryStrip.module.css';
import { describeLevel, type Level, useLevels } from './retry-levels';
import { useIsFar } from './use-is-far';

/** So many delays fit over a card; the others are counted, and all stand in the list. */
const MAX_SHOWN = 3;

/** Over a queue with a retry policy: what waits for its next attempt, per delay; opens to the objects made for it. */
export const RetryStrip = memo(function RetryStrip({ nodeId }: { nodeId: string }) {
  const isFar = useIsFar();
  const groups = useFlow(({ flow }) => derivedAt(flow, nodeId));
  if (isFar) return null;
  return groups.map((group) => <Strip key={group.link} group={group} />);
});

function Strip({ group }: { group: DerivedGroup }) {
  const levels = useLevels(group);
  const isLive = useLive(({ watch, running }) => watch !== 'off' || running);
  const [isOpen, setOpen] = useState(false);
  const { shown, rest } = pick(levels);
  const showPolicy = () => {
    setOpen(false);
    select(selectLinks(group.link));
  };
  const said = levels.map((level) => describeLevel(level, isLive)).join('; ');
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" width={400} withinPortal>
      <Popover.Target>
        <button
          type="button"
          className={`${classes.strip} nodrag nopan`}
          onClick={() => setOpen(!isOpen)}
          aria-label={`Retries. ${said}. Show the objects`}
        >
          <IconHourglass size={12} aria-hidden />
          {shown.map((level) => (
            <LevelChip key={level.id} level={level} isLive={isLive} />
          ))}
          {rest.length > 0 && <span className={classes.more}>+{rest.length}</span>}
        </button>
      </Popover.Target>
      <Popover.Dropdown p="xs" className="nodrag nopan nowheel">
        <Objects group={group} levels={levels} isLive={isLive} />
        <Button size="compact-xs" variant="default" onClick={showPolicy}>
          Retry policy
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Those in which something waits come first, then the short ones. */
function pick(levels: readonly Level[]): { shown: readonly Level[]; rest: readonly Level[] } {
  if (levels.length <= MAX_SHOWN) return { shown: levels, rest: [] };
  const isBusy = ({ waiting }: Level) => (waiting?.value ?? 0) > 0;
  const ordered = [...levels.filter(isBusy), ...levels.filter((level) => !isBusy(level))];
  const chosen = new Set(ordered.slice(0, MAX_SHOWN - 1));
  return { shown: levels.filter((level) => chosen.has(level)), rest: levels.filter((level) => !chosen.has(level)) };
}

function LevelChip({ level, isLive }: { level: Level; isLive: boolean }) {
  const { delayMs, waiting, mark, next } = level;
  const isBusy = (waiting?.value ?? 0) > 0 || next !== undefined;
  return (
    <span className={classes.level} data-busy={isBusy || undefined} title={`${describeLevel(level, isLive)}.`}>
      <span className={classes.delay}>{formatDelay(delayMs)}</span>
      {isLive && waiting && (
        <span className={classes.count}>
          {mark}
          {waiting.value ?? ''}
        </span>
      )}
      {isLive && next && <span className={classes.next}>{next}</span>}
    </span>
  );
}

function Objects({ group, levels, isLive }: { group: DerivedGroup; levels: readonly Level[]; isLive: boolean }) {
  const byId = new Map(levels.map((level) => [level.id, level]));
  return (
    <>
      <p className={classes.about}>
        Made for the retry policy when the flow is deployed. They are not drawn and not part of the file: they follow
        from the policy.
      </p>
      <ul className={classes.objects}>
        {group.objects.map(({ noun, name, facts, id }) => {
          const level = id === undefined ? undefined : byId.get(id);
          return (
            <li key={`${noun}:${name}`}>
              <span className={classes.noun}>{noun}</span> <span className={`${classes.name} selectable`}>{name}</span>
              <span className={classes.facts}>
                {facts}
                {level && isLive && ` · ${describeLevel(level, isLive, false)}`}
              </span>
            </li>
          );
        })}
      </ul>
    </>
  );
}
