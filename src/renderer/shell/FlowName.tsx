import { Tooltip } from '@mantine/core';
import { edit, sealEdits } from '@renderer/flow/flow-store';
import { useFlow } from '@renderer/flow/use-flow';
import classes from './FlowName.module.css';

/** Name of the flow, edited in place, and whether it has unsaved changes. */
export function FlowName() {
  const { name, document } = useFlow(({ flow, document }) => ({ name: flow.name, document }));
  const place = document.path ?? 'Not saved to a file yet';
  return (
    <span className={classes.name}>
      <Tooltip label={place} openDelay={700}>
        <span className={classes.field} data-value={name || 'Untitled'}>
          <input
            aria-label="Flow name"
            value={name}
            placeholder="Untitled"
            spellCheck={false}
            onChange={({ currentTarget: { value } }) =>
              edit((flow) => ({ ...flow, name: value }), { label: 'Rename flow', mergeKey: 'flow-name' })
            }
            onBlur={sealEdits}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          />
        </span>
      </Tooltip>
      {document.dirty && (
        <Tooltip label="Unsaved changes">
          <span className={classes.dirty} role="img" aria-label="Unsaved changes" />
        </Tooltip>
      )}
    </span>
  );
}
