import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { activeEnvironment, useEnvironments } from '@renderer/environments/environment-store';
import { prettyJson } from '@renderer/traffic/body-text';
import type { ListedQueue } from '@shared/dead-letters/redrive';
import type { Json } from '@shared/flow/schema';
import type { RedriveDescriptor } from '@shared/kinds/descriptor';
import { useState } from 'react';
import { useStore } from 'zustand';
import { type Address, AddressFields, isComplete, useRedriveDescriptor } from './AddressFields';
import { closeDialog, dialogStore, startRedrive } from './dead-letters-actions';
import { type ListedLetter, queueKey, readLetters, useDeadLetters } from './dead-letters-store';

/** Mends one message before it is redriven; the original stays until the mended one is confirmed. */
export function EditDialog() {
  const dialog = useStore(dialogStore, (state) => state.dialog);
  const state = useDeadLetters((all) => all);
  const isOpen = dialog?.about === 'edit';
  const queue = isOpen ? state.overview?.queues.find((candidate) => queueKey(candidate) === dialog.queue) : undefined;
  const listed = isOpen ? readLetters(state).find(({ key }) => key === dialog.letter) : undefined;
  const redrive = useRedriveDescriptor(queue);
  return (
    <Modal
      opened={queue !== undefined && listed !== undefined}
      onClose={closeDialog}
      title="Edit and redrive"
      size="xl"
    >
      {queue && listed && redrive && <EditForm key={listed.key} queue={queue} listed={listed} redrive={redrive} />}
    </Modal>
  );
}

function ownHeaders(headers: Record<string, Json>, { isDeathHeader }: RedriveDescriptor): Record<string, Json> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isDeathHeader(name)));
}

function readHeaders(text: string): Record<string, Json> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, Json>)
      : null;
  } catch {
    return null;
  }
}

interface EditFormProps {
  queue: ListedQueue;
  listed: ListedLetter;
  redrive: RedriveDescriptor;
}

function EditForm({ queue, listed: { letter }, redrive }: EditFormProps) {
  const { body, headers, homes, id } = letter;
  const isText = (body.format === 'json' || body.format === 'text') && !body.cut;
  const original = isText ? body.text : '';
  const [text, setText] = useState(body.format === 'json' && isText ? prettyJson(original) : original);
  const [headerText, setHeaderText] = useState(() => JSON.stringify(ownHeaders(headers, redrive), null, 2));
  const [to, setTo] = useState<Address>({ exchange: '', routingKey: '', ...homes[0] });
  const [typed, setTyped] = useState('');
  const environment = useEnvironments(activeEnvironment);
  const needsName = environment?.protection === 'confirm';
  const edited = readHeaders(headerText);
  const isBodyChanged = isText && text !== original && text !== prettyJson(original);
  const { broker, vhost, name } = queue;
  const start = () =>
    startRedrive(
      {
        queue: { broker, vhost, name },
        ids: [id],
        to: { exchange: to.exchange, routingKey: to.routingKey || undefined },
        edits: { [id]: { ...(isBodyChanged ? { body: text } : {}), ...(edited ? { headers: edited } : {}) } },
      },
      needsName ? typed : undefined,
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void attempt('Redrive', start).then((isStarted) => isStarted && closeDialog());
      }}
    >
      <Stack gap="md">
        <Textarea
          size="sm"
          label="Body"
          description={isText ? undefined : whyNotEdited(body.format)}
          disabled={!isText}
          autosize
          minRows={5}
          maxRows={14}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
        <Textarea
          size="sm"
          label="Headers"
          description="As JSON. Those of deaths and retries are not sent, and not shown here."
          error={edited ? undefined : 'This is no JSON object.'}
          autosize
          minRows={4}
          maxRows={10}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={headerText}
          onChange={(event) => setHeaderText(event.currentTarget.value)}
        />
        <AddressFields redrive={redrive} address={to} onChange={setTo} />
        <Text size="sm" c="dimmed">
          {homes[0] ? `It belongs there: ${homes[0].why}.` : 'Nothing tells where it belongs.'}
        </Text>
        {needsName && (
          <TextInput
            size="sm"
            label={`Type ${environment.name} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
        )}
        <Text size="sm" c="dimmed">
          The original stays in {name} until the broker has confirmed this one.
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={closeDialog}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={!edited || !isComplete(redrive, to) || (needsName && typed !== environment.name)}
          >
            Redrive this message
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function whyNotEdited(format: ListedLetter['letter']['body']['format']): string {
  if (format === 'masked') return 'Bodies are masked in this environment; it is sent as it is.';
  return format === 'hex'
    ? 'It is no text, and is sent as it is.'
    : 'It is too long to be edited here, and is sent as it is.';
}
