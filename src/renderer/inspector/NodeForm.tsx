import { Button, Select } from '@mantine/core';
import { openConnectDialog } from '@renderer/canvas/connect-store';
import { accentColor } from '@renderer/canvas/model';
import { setValue } from '@renderer/flow/edits';
import { useFlow } from '@renderer/flow/use-flow';
import { TryHandler } from '@renderer/handlers/TryHandler';
import { canBeTried } from '@renderer/handlers/try-sample';
import { describeNode } from '@renderer/kinds/descriptors';
import { LiveNumbers } from '@renderer/live/LiveNumbers';
import { TroubleLine } from '@renderer/live/TroubleLine';
import { useBrokerFacts } from '@renderer/problems/broker-facts';
import { openPublishDialog } from '@renderer/traffic/publish-actions';
import { IconLinkPlus, IconSend } from '@tabler/icons-react';
import { FieldList } from './FieldList';
import { FormHead } from './FormHead';
import { FormProvider, itemTarget } from './form-target';
import classes from './NodeForm.module.css';
import { NodeLinks } from './NodeLinks';
import { looseProblems } from './shown-fields';

/** Everything about one node. */
export function NodeForm({ id }: { id: string }) {
  const { flow, problems } = useFlow(({ flow, problems }) => ({ flow, problems }));
  const node = flow.nodes[id];
  const facts = useBrokerFacts(node?.broker);
  if (node === undefined) return null;
  const { noun, icon, accent, fields, inBroker, type, create } = describeNode(node.type);
  const item = { type: 'node', id } as const;
  const form = itemTarget(flow, problems, [item], facts?.version);
  const brokers = Object.entries(flow.brokers).map(([value, { name }]) => ({ value, label: name }));
  return (
    <FormProvider value={form}>
      <FormHead
        icon={icon}
        color={accentColor(accent)}
        noun={noun}
        name={node.name}
        problems={looseProblems(problems, item, fields, form)}
        actions={
          <>
            {type === 'publisher' && (
              <Button
                size="compact-sm"
                leftSection={<IconSend size={14} />}
                disabled={node.settings['runsIn'] === 'elsewhere'}
                onClick={() => openPublishDialog(id)}
              >
                Publish…
              </Button>
            )}
            {canBeTried(node) && <TryHandler key={id} id={id} />}
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconLinkPlus size={14} />}
              onClick={() => openConnectDialog(id)}
            >
              Connect to…
            </Button>
          </>
        }
      />
      <TroubleLine nodeId={id} isWhole />
      <FieldList
        fields={fields}
        after={
          <>
            {node.formerName !== undefined && !isGiven(node.formerName, create().name) && (
              <p className={classes.former}>
                Was called <code>{node.formerName}</code>. If that was deployed, the broker keeps it and what it holds:
                there a rename is a new {noun}.
              </p>
            )}
            {inBroker && brokers.length > 1 && (
              <Select
                label="Broker"
                data={brokers}
                value={node.broker ?? null}
                allowDeselect={false}
                data-field="broker"
                onChange={(value) => value && setValue([item], ['broker'], value, 'Broker')}
              />
            )}
          </>
        }
      />
      <LiveNumbers type="node" id={id} />
      <NodeLinks id={id} />
    </FormProvider>
  );
}

/** Is it the name that a fresh node of the type is given, `queue` or `queue-2`? */
function isGiven(name: string, fresh: string): boolean {
  return name.startsWith(fresh) && /^(-\d+)?$/.test(name.slice(fresh.length));
}
