import { sealEdits } from '@renderer/flow/flow-store';
import { selectionSize } from '@renderer/flow/selection';
import { useFlow } from '@renderer/flow/use-flow';
import { BrokerForm } from './BrokerForm';
import { FlowForm } from './FlowForm';
import classes from './Inspector.module.css';
import { LinkForm } from './LinkForm';
import { ManyForm } from './ManyForm';
import { NodeForm } from './NodeForm';

/** Forms for what is selected: a node, a link, a broker, several things, or the flow itself. */
export function Inspector() {
  const isReadOnly = useFlow((state) => state.isReadOnly);
  return (
    <aside
      className={classes.inspector}
      data-region="inspector"
      aria-label="Inspector"
      tabIndex={-1}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) sealEdits();
      }}
    >
      <fieldset className={classes.fields} disabled={isReadOnly}>
        <Selected />
      </fieldset>
    </aside>
  );
}

function Selected() {
  const { selection, isLoaded } = useFlow(({ selection, isLoaded }) => ({ selection, isLoaded }));
  const [node] = selection.nodes;
  const [link] = selection.links;
  if (!isLoaded) return null;
  if (selectionSize(selection) > 1) return <ManyForm />;
  // Keyed: drafts of one item's fields must not show up in another's.
  if (node !== undefined) return <NodeForm key={node} id={node} />;
  if (link !== undefined) return <LinkForm key={link} id={link} />;
  if (selection.broker !== undefined) return <BrokerForm key={selection.broker} id={selection.broker} />;
  return <FlowForm />;
}
