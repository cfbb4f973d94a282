import { Anchor, Loader } from '@mantine/core';
import { canvasView } from '@renderer/canvas/canvas-view';
import { flowStore, select } from '@renderer/flow/flow-store';
import { nameSubject } from '@renderer/flow/names';
import { selectSubject } from '@renderer/flow/selection';
import { useFlow } from '@renderer/flow/use-flow';
import { focusField } from '@renderer/inspector/focus-field';
import type { Problem, Severity } from '@shared/flow/problem';
import { endNode } from '@shared/flow/schema';
import { IconCircleCheck, IconExternalLink } from '@tabler/icons-react';
import { useMemo } from 'react';
import classes from './ProblemsPanel.module.css';
import { SeverityIcon } from './SeverityIcon';

const ORDER: readonly Severity[] = ['error', 'warning', 'hint'];

/** Selects what a problem is about, brings it into view and puts the focus into the field at fault. */
export function jumpToProblem({ subject, field }: Problem): void {
  select(selectSubject(subject));
  const { flow } = flowStore.getState();
  const link = subject.type === 'link' ? flow.links[subject.id] : undefined;
  const ids = subject.type === 'node' ? [subject.id] : link ? [endNode(link.from), endNode(link.to)] : [];
  const shown = ids.filter((id) => id !== undefined);
  if (shown.length > 0) canvasView()?.reveal(shown);
  focusField(field);
}

/** Every problem of the flow, worst first; live while drawing. */
export function ProblemsPanel() {
  const { flow, problems, isLoaded } = useFlow(({ flow, problems, isLoaded }) => ({ flow, problems, isLoaded }));
  const sorted = useMemo(
    () => [...problems].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity)),
    [problems],
  );
  if (!isLoaded) return <Loader m="md" size="xs" aria-label="Loading" />;
  return (
    <section className={classes.section} data-region="problems" aria-label="Problems" tabIndex={-1}>
      {sorted.length === 0 ? (
        <p className={classes.none}>
          <IconCircleCheck size={17} aria-hidden />
          No problems. The flow is checked while you draw.
        </p>
      ) : (
        <ul className={classes.list}>
          {sorted.map((problem) => (
            <li key={`${problem.code}:${JSON.stringify(problem.subject)}:${problem.field}:${problem.message}`}>
              <button type="button" className={classes.problem} onClick={() => jumpToProblem(problem)}>
                <SeverityIcon severity={problem.severity} />
                <span className="visually-hidden">{problem.severity}:</span>
                <span className={classes.message}>{problem.message}</span>
                <span className={classes.subject}>{nameSubject(flow, problem.subject)}</span>
              </button>
              {problem.docsUrl && (
                <Anchor
                  className={classes.docs}
                  href={problem.docsUrl}
                  target="_blank"
                  rel="noreferrer"
                  aria-label="Documentation"
                  title={problem.docsUrl}
                >
                  <IconExternalLink size={14} stroke={1.6} />
                </Anchor>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
