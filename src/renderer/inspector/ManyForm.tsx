import { Button } from '@mantine/core';
import { duplicateSelection, removeSelection } from '@renderer/flow/edits';
import { useFlow } from '@renderer/flow/use-flow';
import { describeNode } from '@renderer/kinds/descriptors';
import { useBrokerFacts } from '@renderer/problems/broker-facts';
import { IconCopyPlus, IconTrash } from '@tabler/icons-react';
import { FieldList } from './FieldList';
import { FormHead } from './FormHead';
import { FormProvider, itemTarget } from './form-target';
import classes from './ManyForm.module.css';

/** Controls that make sense for several things at once; names and tables do not. */
const SHARED_CONTROLS = new Set(['number', 'switch', 'select']);

/** Several things: what they are, what can be done with all, and the settings they share if they are alike. */
export function ManyForm() {
  const { flow, selection, problems } = useFlow(({ flow, selection, problems }) => ({ flow, selection, problems }));
  const nodes = [...selection.nodes].flatMap((id) => (flow.nodes[id] ? [{ id, node: flow.nodes[id] }] : []));
  const counts = new Map<string, number>();
  for (const { node } of nodes) {
    const { noun } = describeNode(node.type);
    counts.set(noun, (counts.get(noun) ?? 0) + 1);
  }
  if (selection.links.size > 0) counts.set('link', selection.links.size);
  const [first] = nodes;
  const isAlike = first !== undefined && selection.links.size === 0 && counts.size === 1;
  const facts = useBrokerFacts(first?.node.broker);
  const items = nodes.map(({ id }) => ({ type: 'node' as const, id }));
  const fields = first && isAlike ? describeNode(first.node.type).fields : [];
  const total = nodes.length + selection.links.size;
  return (
    <>
      <FormHead
        icon="stack-2"
        color="var(--tl-muted)"
        noun="selection"
        name={`${total} items`}
        actions={
          <>
            {nodes.length > 0 && (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconCopyPlus size={14} />}
                onClick={duplicateSelection}
              >
                Duplicate
              </Button>
            )}
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconTrash size={14} />}
              onClick={() => removeSelection()}
            >
              Delete
            </Button>
          </>
        }
      />
      <ul className={classes.counts}>
        {[...counts].map(([noun, count]) => (
          <li key={noun}>
            {count} {count === 1 ? noun : noun.endsWith('s') ? noun : `${noun}s`}
          </li>
        ))}
      </ul>
      {isAlike && (
        <FormProvider value={itemTarget(flow, problems, items, facts?.version)}>
          <FieldList fields={fields.filter(({ control }) => SHARED_CONTROLS.has(control))} />
        </FormProvider>
      )}
    </>
  );
}
