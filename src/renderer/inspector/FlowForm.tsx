import { Button, Menu, Textarea, TextInput } from '@mantine/core';
import { edit, sealEdits, select } from '@renderer/flow/flow-store';
import { emptySelection } from '@renderer/flow/selection';
import { useFlow } from '@renderer/flow/use-flow';
import { brokerKinds, describeKind } from '@renderer/kinds/descriptors';
import { addBroker, setFlowProperty } from '@shared/flow/commands';
import type { KindDescriptor } from '@shared/kinds/descriptor';
import { IconChevronRight, IconPlus, IconServer } from '@tabler/icons-react';
import classes from './FlowForm.module.css';
import { FormHead } from './FormHead';

/** The flow itself, while nothing is selected. */
export function FlowForm() {
  const { flow, problems } = useFlow(({ flow, problems }) => ({ flow, problems }));
  const write = (key: 'name' | 'description', value: string) =>
    edit((current) => setFlowProperty(current, key, value), { label: `Change ${key}`, mergeKey: `flow-${key}` });
  const add = ({ kind, label }: KindDescriptor) =>
    edit((current) => addBroker(current, { kind, name: label, settings: {} }).flow, { label: 'Add broker' });
  return (
    <>
      <FormHead
        icon="topology-star-3"
        color="var(--tl-accent)"
        noun="flow"
        name={flow.name}
        problems={problems.filter(({ subject }) => subject.type === 'flow')}
      />
      <div className={classes.body}>
        <TextInput
          label="Name"
          value={flow.name}
          onChange={(event) => write('name', event.target.value)}
          onBlur={sealEdits}
        />
        <Textarea
          label="Description"
          value={flow.description ?? ''}
          autosize
          minRows={3}
          maxRows={10}
          placeholder="What flows here, and who looks after it"
          onChange={(event) => write('description', event.target.value)}
          onBlur={sealEdits}
        />
      </div>
      <section className={classes.brokers}>
        <h3>Brokers</h3>
        <ul>
          {Object.entries(flow.brokers).map(([id, broker]) => (
            <li key={id}>
              <button
                type="button"
                aria-label={`broker ${broker.name}`}
                onClick={() => select({ ...emptySelection, broker: id })}
              >
                <IconServer size={15} stroke={1.6} aria-hidden />
                <span>{describeKind(broker.kind)?.describeBroker(broker) ?? broker.name}</span>
                <IconChevronRight size={14} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconPlus size={13} />}>
              Add broker
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {brokerKinds.map((kind) => (
              <Menu.Item key={kind.kind} onClick={() => add(kind)}>
                {kind.label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </section>
      <p className={classes.counts}>
        {count(Object.keys(flow.nodes).length, 'node')}, {count(Object.keys(flow.links).length, 'link')}
      </p>
    </>
  );
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : `${noun}s`}`;
}
