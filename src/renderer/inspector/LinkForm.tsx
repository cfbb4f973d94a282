import { Button, Select } from '@mantine/core';
import { accentColor } from '@renderer/canvas/model';
import { changeLinkType } from '@renderer/flow/edits';
import { edit } from '@renderer/flow/flow-store';
import { useFlow } from '@renderer/flow/use-flow';
import { describeLink, linksBetween } from '@renderer/kinds/descriptors';
import { LiveNumbers } from '@renderer/live/LiveNumbers';
import { useBrokerFacts } from '@renderer/problems/broker-facts';
import { reverseLink } from '@shared/flow/commands';
import { endNode, type Flow, type FlowLink, type LinkEnd } from '@shared/flow/schema';
import { IconArrowsExchange } from '@tabler/icons-react';
import { FieldList } from './FieldList';
import { FormHead } from './FormHead';
import { FormProvider, itemTarget } from './form-target';
import { LinkEndField } from './LinkEndField';
import classes from './LinkForm.module.css';
import { looseProblems } from './shown-fields';

function typeAt(flow: Flow, end: LinkEnd): string {
  const node = endNode(end);
  return (node !== undefined && flow.nodes[node]?.type) || '';
}

function brokerOf(flow: Flow, { from, to, broker }: FlowLink): string | undefined {
  const ends = [from, to].map((end) => flow.nodes[endNode(end) ?? '']?.broker);
  return broker ?? ends.find((id) => id !== undefined);
}

/** Everything about one link. */
export function LinkForm({ id }: { id: string }) {
  const { flow, problems } = useFlow(({ flow, problems }) => ({ flow, problems }));
  const link = flow.links[id];
  const facts = useBrokerFacts(link && brokerOf(flow, link));
  if (link === undefined) return null;
  const { label, accent, description, fields } = describeLink(link.type);
  const item = { type: 'link', id } as const;
  const form = itemTarget(flow, problems, [item], facts?.version);
  const choices = linksBetween(typeAt(flow, link.from), typeAt(flow, link.to));
  const mayTurn = linksBetween(typeAt(flow, link.to), typeAt(flow, link.from)).some(({ type }) => type === link.type);
  return (
    <FormProvider value={form}>
      <FormHead
        icon="route"
        color={accentColor(accent)}
        noun="link"
        name={label}
        problems={looseProblems(problems, item, fields, form)}
        actions={
          mayTurn && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconArrowsExchange size={14} />}
              onClick={() => edit((current) => reverseLink(current, id), { label: 'Reverse link' })}
            >
              Reverse
            </Button>
          )
        }
      />
      <dl className={classes.ends}>
        <dt>From</dt>
        <LinkEndField key={`${id}:from`} link={id} side="from" />
        <dt>To</dt>
        <LinkEndField key={`${id}:to`} link={id} side="to" />
      </dl>
      <p className={classes.description}>{description}</p>
      <FieldList
        fields={fields}
        after={
          choices.length > 1 && (
            <Select
              label="Link type"
              data={choices.map((choice) => ({ value: choice.type, label: choice.label }))}
              value={link.type}
              allowDeselect={false}
              onChange={(type) => type && changeLinkType(id, type)}
            />
          )
        }
      />
      <LiveNumbers type="link" id={id} />
    </FormProvider>
  );
}
