import { Button, TextInput } from '@mantine/core';
import { openEnvironmentDialog } from '@renderer/environments/environment-actions';
import { setValue } from '@renderer/flow/edits';
import { edit, flowStore, sealEdits } from '@renderer/flow/flow-store';
import { useFlow } from '@renderer/flow/use-flow';
import { describeKind } from '@renderer/kinds/descriptors';
import { useBrokerFacts } from '@renderer/problems/broker-facts';
import { ask } from '@renderer/shell/ask';
import { removeBroker } from '@shared/flow/commands';
import { IconPlugConnected, IconTrash } from '@tabler/icons-react';
import classes from './BrokerForm.module.css';
import { FieldList } from './FieldList';
import { FormHead } from './FormHead';
import { FormProvider, itemTarget } from './form-target';
import { looseProblems } from './shown-fields';

async function removeAfterAsking(id: string): Promise<void> {
  const { flow } = flowStore.getState();
  const count = Object.values(flow.nodes).filter(({ broker }) => broker === id).length;
  const name = flow.brokers[id]?.name ?? id;
  const answer =
    count === 0
      ? 'remove'
      : await ask({
          title: `Remove ${name}?`,
          message: `Its ${count} ${count === 1 ? 'node goes' : 'nodes go'} from the drawing with it. Nothing changes in the broker.`,
          choices: [{ value: 'remove', label: 'Remove', isDanger: true }],
        });
  if (answer === 'remove') edit((current) => removeBroker(current, id), { label: 'Remove broker' });
}

/** A broker of the flow: its name, what is known of it, and what it holds beside nodes. */
export function BrokerForm({ id }: { id: string }) {
  const { flow, problems } = useFlow(({ flow, problems }) => ({ flow, problems }));
  const facts = useBrokerFacts(id);
  const broker = flow.brokers[id];
  if (broker === undefined) return null;
  const kind = describeKind(broker.kind);
  const item = { type: 'broker', id } as const;
  const form = itemTarget(flow, problems, [item], facts?.version);
  const fields = kind?.brokerFields ?? [];
  return (
    <FormProvider value={form}>
      <FormHead
        icon="server"
        color="var(--tl-muted)"
        noun={`${kind?.label ?? broker.kind} broker`}
        name={broker.name}
        problems={looseProblems(problems, item, fields, form)}
        actions={
          <>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconPlugConnected size={14} />}
              onClick={() => openEnvironmentDialog(id)}
            >
              Connection…
            </Button>
            {Object.keys(flow.brokers).length > 1 && (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconTrash size={14} />}
                onClick={() => void removeAfterAsking(id)}
              >
                Remove
              </Button>
            )}
          </>
        }
      />
      <div className={classes.body}>
        <TextInput
          label="Name"
          value={broker.name}
          data-field="name"
          onChange={(event) => setValue([item], ['name'], event.target.value, 'Name')}
          onBlur={sealEdits}
        />
        <dl className={classes.facts}>
          <dt>Version</dt>
          <dd>{facts?.version ?? 'not asked yet'}</dd>
          {facts?.clusterName !== undefined && (
            <>
              <dt>Cluster</dt>
              <dd className="selectable">{facts.clusterName}</dd>
            </>
          )}
        </dl>
      </div>
      <FieldList fields={fields} />
    </FormProvider>
  );
}
