import { Button, Group, Loader, Modal, NumberInput, SegmentedControl, Stack, Text } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { attempt } from '@renderer/engine/failure';
import { useDryRun } from '@renderer/engine/use-dry-run';
import { activeEnvironment, useEnvironments } from '@renderer/environments/environment-store';
import { ProtectionQuestion, useProtectionGate } from '@renderer/environments/ProtectionGate';
import { formatNoun } from '@renderer/live/format';
import type { Home } from '@shared/dead-letters/dead-letter';
import type { ListedQueue, RedriveRequestInput } from '@shared/dead-letters/redrive';
import type { RedriveDescriptor } from '@shared/kinds/descriptor';
import { useState } from 'react';
import { useStore } from 'zustand';
import { type Address, AddressFields, isComplete, useRedriveDescriptor } from './AddressFields';
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
  const redrive = useRedriveDescriptor(queue);
  return (
    <Modal
      opened={queue !== undefined}
      onClose={closeDialog}
      title={`Redrive ${ids ? formatNoun(ids.length, 'message') : 'all messages'} of ${queue?.name ?? ''}`}
      size="xl"
    >
      {queue && redrive && <Choices queue={queue} ids={ids} redrive={redrive} />}
    </Modal>
  );
}

type Where = Home['reach'] | 'other';

const askPreview = (order: RedriveRequestInput) => engine.deadLetters.preview(order);

interface ChoicesProps {
  queue: ListedQueue;
  ids: string[] | undefined;
  redrive: RedriveDescriptor;
}

function Choices({ queue, ids, redrive }: ChoicesProps) {
  const { ways } = redrive;
  const [where, setWhere] = useState<Where>(ways[0]?.reach ?? 'other');
  const [to, setTo] = useState<Address>({ exchange: '', routingKey: '' });
  const [rate, setRate] = useState<number | ''>('');
  const environment = useEnvironments(activeEnvironment);
  const { broker, vhost, name } = queue;
  const order: RedriveRequestInput = {
    queue: { broker, vhost, name },
    ...(ids ? { ids } : {}),
    ...(where === 'other' ? { to: { ...to, routingKey: to.routingKey || undefined } } : { reach: where }),
    ...(rate === '' ? {} : { ratePerSecond: rate }),
  };
  const gate = useProtectionGate(environment);
  const isAddressed = where !== 'other' || isComplete(redrive, to);
  const { preview, problem } = useDryRun(isAddressed ? order : undefined, askPreview);
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
          data={[...ways.map(({ reach, label }) => ({ value: reach, label })), { value: 'other', label: 'Elsewhere' }]}
          value={where}
          onChange={(value) => setWhere(value as Where)}
        />
        <Text size="sm" c="dimmed">
          {ways.find(({ reach }) => reach === where)?.help ?? 'All of them to one place.'}
        </Text>
        {where === 'other' && <AddressFields redrive={redrive} address={to} onChange={setTo} />}
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
        {preview && isAddressed ? (
          <PreviewTable preview={preview} />
        ) : (
          isAddressed && !problem && <Loader size="xs" aria-label="Working out" />
        )}
        <ProtectionQuestion environment={environment} gate={gate} consequence="nothing can be redriven there" />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={closeDialog}>
            Cancel
          </Button>
          <Button type="submit" disabled={!gate.isOpen || !preview || !isAddressed} data-autofocus>
            Redrive
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
