import { useFlow } from '@renderer/flow/use-flow';
import type { Outcome, Plan } from '@shared/deploy/plan';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import { stepFilterStore } from './PlanHeader';
import { useDeploy } from './plan-actions';
import { StepRow } from './StepRow';
import classes from './StepTable.module.css';
import { listSteps } from './stakes';

const ROW_HEIGHT = 30;
const COLUMNS = ['action', 'object', 'name', 'why', 'outcome'] as const;
const HEADINGS = { action: 'Action', object: 'Object', name: 'Name', why: 'What and why', outcome: 'Outcome' };

/** The steps of a plan, drawn as far as they are in view: a plan can have thousands. */
export function StepTable({ plan }: { plan: Plan }) {
  const filter = useStore(stepFilterStore, ({ text }) => text);
  const outcomes = useDeploy((state) => state.outcomes);
  const failuresFirst = useDeploy(({ phase }) => phase === 'finished' || phase === 'cancelled');
  const isRunning = useDeploy(({ phase }) => phase === 'deploying');
  const brokers = useFlow(({ flow }) => flow.brokers);
  const scroller = useRef<HTMLDivElement>(null);
  // While it runs the order stays: only then do outcomes not move rows.
  const ranked = failuresFirst ? outcomes : NONE;
  const steps = useMemo(
    () => listSteps(plan, { filter, outcomes: ranked, failuresFirst }),
    [plan, filter, ranked, failuresFirst],
  );
  const rows = useVirtualizer({
    count: steps.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => steps[index]?.id ?? index,
    overscan: 12,
  });
  const isMany = plan.brokers.length > 1;
  const drawn = rows.getVirtualItems();
  const above = drawn[0]?.start ?? 0;
  const below = rows.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className={classes.scroller}>
      <table className={classes.table} aria-label="Steps" aria-rowcount={steps.length + 1}>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className={classes[column]}>
                {HEADINGS[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden className={classes.spacer} style={{ height: above }} />}
          {drawn.map(({ index, key }) => {
            const step = steps[index];
            return (
              step && (
                <StepRow
                  key={key}
                  ref={rows.measureElement}
                  index={index}
                  step={step}
                  outcome={outcomes.get(step.id)}
                  isRunning={isRunning}
                  brokerName={isMany ? (brokers[step.broker]?.name ?? step.broker) : undefined}
                />
              )
            );
          })}
          {below > 0 && <tr aria-hidden className={classes.spacer} style={{ height: below }} />}
        </tbody>
      </table>
      {steps.length === 0 && <p className={classes.none}>No step contains “{filter}”.</p>}
    </div>
  );
}

const NONE: ReadonlyMap<string, Outcome> = new Map();
