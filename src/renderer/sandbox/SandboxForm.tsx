import { Button, Radio, Stack, Text } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { attempt } from '@renderer/engine/failure';
import { CopyText } from '@renderer/traffic/CopyText';
import type { SandboxVersion } from '@shared/api/sandbox';
import { useEffect } from 'react';
import classes from './Sandbox.module.css';
import { SandboxUrl } from './SandboxStrip';
import { changeSandbox, loadSandbox, resetSandbox, useSandbox } from './sandbox-store';

const VERSIONS: readonly { value: SandboxVersion; description: string }[] = [
  { value: '3.10', description: 'Quorum queues deliver without limit and put returned messages at the end.' },
  { value: '4.0', description: 'Quorum queues give up after 20 deliveries, and distrust x-death sent by clients.' },
];

/** The built-in environment: what it is for, where it is, and how they behave. */
export function SandboxForm() {
  const state = useSandbox();
  useEffect(() => void attempt('Sandbox', loadSandbox), []);
  const running = state?.running ?? [];
  return (
    <Stack gap="md">
      <Text size="sm">
        Brokers inside Tapline, for designing, trying, teaching and testing. They are not for production: a crash can
        lose the last seconds. Of RabbitMQ, durable queues and their persistent messages are there again after quitting;
        streams, policies and plugins are not part of it. Of Redis, all keys are there again; it has streams with
        groups, channels and the plain keys beside them.
      </Text>
      <section className={classes.section} aria-label="Addresses">
        <h3>For your own services</h3>
        {running.length === 0 && (
          <Text size="sm">It starts when it is first needed, with Plan, Deploy, Run or Watch.</Text>
        )}
        {running.map((sandbox) => (
          <div key={sandbox.broker} className={classes.addresses}>
            <SandboxUrl sandbox={sandbox} isNamed={running.length > 1} />
            {sandbox.managementUrl !== undefined && (
              <span className={classes.url}>
                <code>{sandbox.managementUrl}</code>
                <CopyText text={sandbox.managementUrl} label="Copy the URL of its management API" />
              </span>
            )}
            {sandbox.remarks.map((remark) => (
              <Text key={remark} size="xs" c="yellow">
                {remark}
              </Text>
            ))}
          </div>
        ))}
        <Text size="xs" c="dimmed">
          On this machine only. Ports and password are made anew at every start; the management API takes the same user
          and password.
        </Text>
      </section>
      <section className={classes.section}>
        <h3>Behaves like RabbitMQ</h3>
        <Radio.Group
          aria-label="Version"
          value={state?.version ?? null}
          onChange={(version) =>
            attempt('Version', () =>
              changeSandbox(() => engine.sandbox.setVersion({ version: version as SandboxVersion })),
            )
          }
        >
          <Stack gap={6}>
            {VERSIONS.map(({ value, description }) => (
              <Radio key={value} size="xs" value={value} label={value} description={description} />
            ))}
          </Stack>
        </Radio.Group>
        <Text size="xs" c="dimmed" mt={6}>
          Changing it starts the sandbox again; what is not durable goes.
        </Text>
      </section>
      {running.length > 0 && (
        <Button variant="default" color="red" className={classes.reset} onClick={() => attempt('Reset', resetSandbox)}>
          Reset sandbox…
        </Button>
      )}
    </Stack>
  );
}
