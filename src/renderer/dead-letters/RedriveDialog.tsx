import { Button, Group, Loader, Modal, NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { attempt } from '@renderer/engine/failure';
import { useDryRun } from '@renderer/engine/use-dry-run';
import { activeEnvironment, useEnvironments } from '@renderer/environments/environment-store';
import { ProtectionQuestion, useProtectionGate } from '@renderer/environments/ProtectionGate';
import { formatNoun } from '@renderer/live/format';
import type { ListedQueue, RedriveRequestInput } from '@shared/dead-letters/redrive';
import { useState } from 'react';
import { useStore } from 'zustand';
import { closeDialog, dialogStore, startRedrive } from './dead-letters-actions';
import { queueKey, useDeadLetters } from './dead-letters-store';
import { PreviewTable } from './PreviewTable';

/** Where to, how fast, and what that would do: the dry run stands in the dialog and follows every choice. */
export function RedriveDialog() {
  const dialog = useStore(dialogStore, (state) => state.dialog);
  const queues = useDeadLetters(({ overview }) => overview?.queues);
  const queue =
    dialog?.about === 'redrive' ? queues?.find((candidate) => queueKey(candidate) === dialog.queue) : undefined;
  const ids = dialog?.about === 'redrive' ? dialog.ids : undefined;
  return (
    <Modal
      opened={queue !== undefined}
      onClose={closeDialog}
      title={`Redrive ${ids ? formatNoun(ids.length, 'message') : 'all messages'} of ${queue?.name ?? ''}`}
      size="xl"
    >
      {queue && <Choices queue={queue} ids={ids} />}
    </Modal>
  );
}

type Where = 'queue' | 'exchange' | 'other';
const WHERE = [
  { value: 'queue', label: 'To the queue each died in' },
  { value: 'exchange', label: 'As each was published' },
  { value: 'other', label: 'Elsewhere' },
];

const askPreview = (order: RedriveRequestInput) => engine.deadLetters.preview(order);

function Choices({ queue, ids }: { queue: ListedQueue; ids: string[] | undefined }) {
  const [where, setWhere] = useState<Where>('queue');
  const [exchange, setExchange] = useState('');
  const [routingKey, setRoutingKey] = useState('');
  const [rate, setRate] = useState<number | ''>('');
  const environment = useEnvironments(activeEnvironment);
  const { broker, vhost, name } = queue;
  const order: RedriveRequestInput = {
    queue: { broker, vhost, name },
    ...(ids ? { ids } : {}),
    ...(where === 'other' ? { to: { exchange, ...(routingKey === '' ? {} : { routingKey }) } } : { reach: where }),
    ...(rate === '' ? {} : { ratePerSecond: rate }),
  };
  const gate = useProtectionGate(environment);
  const { preview, problem } = useDryRun(order, askPreview);
  const start = async () => {
    if (await attempt('Redrive', () => startRedrive(order, gate.confirmation))) closeDialog();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (gate.isOpen) void start();
      }}
    >
      <Stack gap="md">
        <SegmentedControl
          aria-label="Where to"
          data={WHERE}
          value={where}
          onChange={(value) => setWhere(value as Where)}
        />
        <Text size="sm" c="dimmed">
          {explain(where)}
        </Text>
        {where === 'other' && (
          <Group grow align="start">
            <TextInput
              size="sm"
              label="Exchange"
              description="Empty: the default exchange, straight into the queue named by the key"
              value={exchange}
              onChange={(event) => setExchange(event.currentTarget.value)}
            />
            <TextInput
              size="sm"
              label="Routing key"
              description="Empty: the one each was published with"
              value={routingKey}
              onChange={(event) => setRoutingKey(event.currentTarget.value)}
            />
          </Group>
        )}
        <NumberInput
          size="sm"
          label="Messages per second"
          description="Empty: as fast as the broker confirms"
          min={1}
          max={50_000}
          value={rate}
          onChange={(value) => setRate(value === '' ? '' : Math.max(1, Number(value)))}
        />
        {problem && (
          <Text size="sm" c="red" role="alert">
            {problem}
          </Text>
        )}
        {preview ? <PreviewTable preview={preview} /> : !problem && <Loader size="xs" aria-label="Working out" />}
        <ProtectionQuestion environment={environment} gate={gate} consequence="nothing can be redriven there" />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={closeDialog}>
            Cancel
          </Button>
          <Button type="submit" disabled={!gate.isOpen || !preview} data-autofocus>
            Redrive
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function explain(where: Where): string {
  switch (where) {
    case 'queue':
      return 'Only that queue gets it: others that are bound to the exchange have had their copy already.';
    case 'exchange':
      return 'Through the exchange by which it came: every queue bound to it gets a copy again.';
    case 'other':
      return 'All of them to one exchange.';
  }
}
