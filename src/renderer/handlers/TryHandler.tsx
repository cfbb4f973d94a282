import { Button, Group, JsonInput, Modal, NumberInput, Stack, Textarea, TextInput } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { type ReadableFailure, readFailure } from '@renderer/engine/failure';
import { documentSync } from '@renderer/flow/document';
import type { TryReport } from '@shared/api/try-handler';
import { IconPlayerPlay, IconTestPipe } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { TryOutcome } from './TryOutcome';
import { firstSample, readHeaders, type Sample } from './try-sample';

/** Samples by handler: reopening the dialog goes on where it was left. */
const samples = new Map<string, Sample>();

const monospace = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } };

/** Runs the handler on a sample message in the engine and shows what it would send; nothing is sent. */
export function TryHandler({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="compact-sm" leftSection={<IconTestPipe size={14} />} onClick={() => setOpen(true)}>
        Try it…
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Try on a sample message" size="lg">
        <TryForm id={id} />
      </Modal>
    </>
  );
}

function TryForm({ id }: { id: string }) {
  const [sample, setSample] = useState(samples.get(id) ?? firstSample);
  const [isRunning, setRunning] = useState(false);
  const [answer, setAnswer] = useState<{ report: TryReport } | { failure: ReadableFailure } | null>(null);
  const headers = readHeaders(sample.headers);
  const change = (part: Partial<Sample>) => {
    const next = { ...sample, ...part };
    samples.set(id, next);
    setSample(next);
  };

  const run = async (event: FormEvent) => {
    event.preventDefault();
    if (headers === undefined || isRunning) return;
    setRunning(true);
    try {
      await documentSync.flush();
      const { routingKey, type, body, attempt } = sample;
      const message = { routingKey, type: type || undefined, headers, body, attempt };
      setAnswer({ report: await engine.handlers.try({ node: id, message }) });
    } catch (error) {
      setAnswer({ failure: readFailure(error) });
    } finally {
      setRunning(false);
    }
  };

  return (
    <form onSubmit={run}>
      <Stack gap="sm">
        <Textarea
          label="Body"
          autosize
          minRows={4}
          maxRows={12}
          styles={monospace}
          value={sample.body}
          onChange={(event) => change({ body: event.currentTarget.value })}
          data-autofocus
        />
        <Group grow align="flex-start">
          <TextInput
            label="Routing key"
            value={sample.routingKey}
            onChange={(event) => change({ routingKey: event.currentTarget.value })}
          />
          <TextInput
            label="Message type"
            value={sample.type}
            onChange={(event) => change({ type: event.currentTarget.value })}
          />
          <NumberInput
            label="Attempt"
            min={1}
            allowDecimal={false}
            value={sample.attempt}
            onChange={(attempt) => typeof attempt === 'number' && change({ attempt })}
          />
        </Group>
        <JsonInput
          label="Headers"
          placeholder={'{ "tenant": "acme" }'}
          autosize
          minRows={1}
          maxRows={8}
          styles={monospace}
          value={sample.headers}
          onChange={(text) => change({ headers: text })}
          error={headers === undefined && 'Headers are a JSON object.'}
        />
        {answer && <TryOutcome answer={answer} />}
        <Group justify="flex-end">
          <Button type="submit" loading={isRunning} leftSection={<IconPlayerPlay size={14} />}>
            Run
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
