import { Alert, Radio, Stack, Switch, TextInput } from '@mantine/core';
import { useFlow } from '@renderer/flow/use-flow';
import { SandboxForm } from '@renderer/sandbox/SandboxForm';
import { type Environment, type Protection, SANDBOX_ENVIRONMENT } from '@shared/api/environment';
import { ConnectionForm } from './ConnectionForm';
import classes from './EnvironmentEditor.module.css';
import type { Draft, DraftProblems } from './environment-draft';
import { VariablesForm } from './VariablesForm';

const PROTECTIONS: readonly { value: Protection; label: string; description: string }[] = [
  { value: 'open', label: 'Open', description: 'For your own machine and test systems. Anything goes.' },
  {
    value: 'confirm',
    label: 'Confirm',
    description: 'Deploying needs the name typed. Bodies of sampled messages are masked.',
  },
  {
    value: 'read-only',
    label: 'Read-only',
    description: 'The engine refuses every change, publish and run. Watching still works, with masked bodies.',
  },
];

export interface EnvironmentFormProps {
  draft: Draft;
  problems: DraftProblems;
  /** Broker whose URL gets the focus. */
  focusBroker?: string;
  isFixed: boolean;
  onChange: (draft: Draft) => void;
}

/** One environment: name, connections of the flow's brokers, protection, variables. */
export function EnvironmentForm({ draft, problems, focusBroker, isFixed, onChange }: EnvironmentFormProps) {
  const brokers = useFlow(({ flow }) => flow.brokers);
  const { environment } = draft;
  const change = (part: Partial<Environment>) => onChange({ ...draft, environment: { ...environment, ...part } });
  if (environment.id === SANDBOX_ENVIRONMENT) return <SandboxForm />;
  return (
    <Stack gap="lg">
      {isFixed && (
        <Alert color="blue" p="xs">
          These connections were given on the command line or in environment variables. They are not stored, and cannot
          be changed here.
        </Alert>
      )}
      <fieldset disabled={isFixed} className={classes.fields}>
        <TextInput
          label="Name"
          className={classes.short}
          value={environment.name}
          error={problems['name']}
          onChange={(event) => change({ name: event.currentTarget.value })}
          data-autofocus={focusBroker === undefined || undefined}
        />
        {Object.entries(brokers).map(([id, broker]) => (
          <ConnectionForm
            key={id}
            broker={id}
            name={broker.name}
            kind={broker.kind}
            draft={draft}
            problems={problems}
            hasFocus={focusBroker === id}
            onChange={onChange}
          />
        ))}
        <section className={classes.section}>
          <h3>Protection</h3>
          <Radio.Group
            aria-label="Protection"
            value={environment.protection}
            onChange={(value) => change({ protection: value as Protection })}
          >
            <Stack gap={6}>
              {PROTECTIONS.map(({ value, label, description }) => (
                <Radio key={value} size="xs" value={value} label={label} description={description} />
              ))}
            </Stack>
          </Radio.Group>
          <Switch
            mt="md"
            label="Tapline’s own handlers may consume here"
            description="A handler that Tapline runs takes messages which your services would have got. Needed for Run."
            checked={environment.allowRun}
            disabled={isFixed || environment.protection === 'read-only'}
            onChange={(event) => change({ allowRun: event.currentTarget.checked })}
          />
          <TextInput
            mt="md"
            className={classes.short}
            label="Expected cluster"
            placeholder="rabbit@shop-production"
            description="Deploying to a cluster of another name is refused. Empty: any."
            value={environment.expectedCluster ?? ''}
            onChange={(event) => change({ expectedCluster: event.currentTarget.value || undefined })}
          />
        </section>
        <VariablesForm
          variables={environment.variables}
          problems={problems}
          onChange={(variables) => change({ variables })}
        />
      </fieldset>
    </Stack>
  );
}
