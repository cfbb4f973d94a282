import { Alert, Button, Group, List, Modal, NumberInput, Stack } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { formatNoun } from '@renderer/live/format';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { closeDialog, dialogStore, readQueues } from './dead-letters-actions';
import { queueKey, useDeadLetters } from './dead-letters-store';

const USUAL_READ = 100;
const MOST_READ = 1000;

/** Says what reading costs, and reads only then. */
export function ReadDialog() {
  const dialog = useStore(dialogStore, (state) => state.dialog);
  const isOpen = dialog?.about === 'read';
  return (
    <Modal opened={isOpen} onClose={closeDialog} title="Read dead letters" size="lg">
      {isOpen && <Terms keys={dialog.queues} />}
    </Modal>
  );
}

function Terms({ keys }: { keys: string[] }) {
  const queues = useDeadLetters(({ overview }) => overview)?.queues.filter((queue) => keys.includes(queueKey(queue)));
  const [limit, setLimit] = useState(USUAL_READ);
  const [isReading, setIsReading] = useState(false);
  const read = async () => {
    setIsReading(true);
    if (await attempt('Read dead letters', () => readQueues(keys, limit))) closeDialog();
    else setIsReading(false);
  };
  return (
    <Stack gap="md">
      {queues?.map((queue) => (
        <Alert
          key={queueKey(queue)}
          color={queue.terms.isHarmless ? 'blue' : 'yellow'}
          icon={queue.terms.isHarmless ? <IconInfoCircle size={16} /> : <IconAlertTriangle size={16} />}
          title={`${queue.name} holds ${formatNoun(queue.depth ?? 0, 'message')}`}
        >
          <List size="sm" spacing={2}>
            {queue.terms.costs.map((cost) => (
              <List.Item key={cost}>{cost}</List.Item>
            ))}
          </List>
        </Alert>
      ))}
      <NumberInput
        label="Messages to read, from the front of each queue"
        size="sm"
        min={1}
        max={MOST_READ}
        allowDecimal={false}
        value={limit}
        onChange={(value) => setLimit(Math.min(MOST_READ, Math.max(1, Number(value) || USUAL_READ)))}
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={closeDialog}>
          Cancel
        </Button>
        <Button loading={isReading} onClick={() => void read()} data-autofocus>
          Read {limit}
        </Button>
      </Group>
    </Stack>
  );
}
