import { Button, Collapse, PasswordInput, TextInput } from '@mantine/core';
import { describeKind } from '@renderer/kinds/descriptors';
import { vhostOf, withVhost } from '@shared/api/connection-url';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './EnvironmentEditor.module.css';
import { connectionOf, type Draft, type DraftProblems, withConnection, withSecret, withUrl } from './environment-draft';
import { useEnvironments } from './environment-store';
import { TestConnection } from './TestConnection';
import { TlsForm } from './TlsForm';

interface ConnectionFormProps {
  broker: string;
  name: string;
  kind: string;
  draft: Draft;
  problems: DraftProblems;
  hasFocus: boolean;
  onChange: (draft: Draft) => void;
}

/** Where one broker of the flow is in this environment, with the test button. */
export function ConnectionForm({ broker, name, kind, draft, problems, hasFocus, onChange }: ConnectionFormProps) {
  const descriptor = describeKind(kind);
  const connection = connectionOf(draft, broker);
  const change = (part: Partial<typeof connection>) => onChange(withConnection(draft, broker, part));
  const [showsTls, setShowsTls] = useState(connection.tls !== undefined);
  const [wasSplit, setWasSplit] = useState(false);
  return (
    <section className={classes.section} aria-label={`Connection of ${name}`}>
      <h3>
        {name} <span className={classes.kind}>{descriptor?.label ?? kind}</span>
      </h3>
      <div className={classes.grid}>
        <TextInput
          className={classes.wide}
          label="URL"
          placeholder={descriptor?.urlExample}
          value={connection.url}
          error={problems[`url:${broker}`]}
          description={wasSplit ? 'The password in the URL was moved to the password field.' : descriptor?.urlHelp}
          spellCheck={false}
          autoComplete="off"
          data-autofocus={hasFocus || undefined}
          onChange={(event) => {
            const next = withUrl(draft, broker, event.currentTarget.value);
            setWasSplit((was) => was || next.secrets[broker] !== draft.secrets[broker]);
            onChange(next);
          }}
        />
        <Password
          hint={descriptor?.passwordHint}
          value={draft.secrets[broker] ?? ''}
          isKept={connection.hasSecret}
          onChange={(secret) => onChange(withSecret(draft, broker, secret))}
          onForget={() => change({ hasSecret: false })}
        />
        {descriptor?.urlPath && (
          <TextInput
            label={descriptor.urlPath.label}
            placeholder={descriptor.urlPath.placeholder}
            description={descriptor.urlPath.help}
            value={vhostOf(connection.url)}
            disabled={connection.url === ''}
            spellCheck={false}
            onChange={(event) => change({ url: withVhost(connection.url, event.currentTarget.value) })}
          />
        )}
        {descriptor?.hasManagementUrl && (
          <TextInput
            className={classes.wide}
            label="Management URL"
            placeholder="found on the usual port when left empty"
            description="Without it bindings and policies cannot be seen, and plans stay partial. Uses the same user and password."
            value={connection.managementUrl ?? ''}
            error={problems[`management:${broker}`]}
            spellCheck={false}
            onChange={(event) => change({ managementUrl: event.currentTarget.value || undefined })}
          />
        )}
      </div>
      <Button
        mt={8}
        variant="subtle"
        color="gray"
        size="compact-xs"
        aria-expanded={showsTls}
        leftSection={<IconChevronRight size={13} className={classes.chevron} data-open={showsTls || undefined} />}
        onClick={() => setShowsTls(!showsTls)}
      >
        TLS
      </Button>
      <Collapse expanded={showsTls}>
        <TlsForm
          tls={connection.tls}
          url={connection.url}
          schemes={descriptor?.urlSchemes ?? []}
          onChange={(tls) => change({ tls })}
        />
      </Collapse>
      <TestConnection
        kind={kind}
        broker={broker}
        environment={draft.environment.id}
        connection={connection}
        secret={draft.secrets[broker]}
        problem={problems[`url:${broker}`] ?? problems[`management:${broker}`]}
      />
    </section>
  );
}

interface PasswordProps {
  hint: string | undefined;
  value: string;
  /** The host has one already. */
  isKept: boolean;
  onChange: (secret: string) => void;
  onForget: () => void;
}

function Password({ hint, value, isKept, onChange, onForget }: PasswordProps) {
  const store = useEnvironments((state) => state.secretStore);
  const where = store === 'keychain' ? 'in this computer’s keychain' : 'in memory until Tapline ends';
  return (
    <div>
      <PasswordInput
        size="xs"
        label="Password"
        placeholder={isKept ? 'kept; type to replace it' : hint}
        description={isKept && value === '' ? `Kept ${where}.` : `Kept ${where}, never in the flow.`}
        value={value}
        autoComplete="new-password"
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {isKept && value === '' && (
        <Button variant="subtle" color="gray" size="compact-xs" mt={2} onClick={onForget}>
          Forget it
        </Button>
      )}
    </div>
  );
}
