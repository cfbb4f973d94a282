import { Button, Group, Modal, NumberInput, Stack, Switch, TagsInput, Text } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { activeEnvironment, isSandboxActive, useEnvironments } from '@renderer/environments/environment-store';
import { useLive } from '@renderer/live/live-store';
import { parseMaskRule } from '@shared/tape/mask';
import { USUAL_MAX_BYTES } from '@shared/tape/tape';
import { useState } from 'react';
import { startRecording } from './recording-actions';
import { showTapeDialog, useTape } from './tape-store';

const MIB = 1024 * 1024;

/** What goes onto the tape, before it begins. */
export function RecordDialog() {
  const isOpen = useTape(({ dialog }) => dialog === 'record');
  return (
    <Modal opened={isOpen} onClose={() => showTapeDialog(null)} title="Record traffic" size="md">
      <Choices />
    </Modal>
  );
}

function Choices() {
  const environment = useEnvironments(activeEnvironment);
  const isSandbox = useEnvironments(isSandboxActive);
  const { watch, running } = useLive((state) => state);
  const isProtected = environment !== undefined && environment.protection !== 'open';
  const [bodies, setBodies] = useState(true);
  const [mask, setMask] = useState<string[]>([]);
  const [sizeMib, setSizeMib] = useState(USUAL_MAX_BYTES / MIB);
  const wrong = mask.find((rule) => parseMaskRule(rule) === undefined);
  const start = async () => {
    const options = { bodies: bodies && !isProtected, mask, maxBytes: Math.round(sizeMib * MIB) };
    if (await attempt('Record', () => startRecording(options))) showTapeDialog(null);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong === undefined) void start();
      }}
    >
      <Stack gap="md">
        {!isSandbox && watch !== 'tap' && (
          <Text size="sm" c="dimmed">
            {running
              ? 'What others publish is not seen while only counters are watched; choose Tap for that.'
              : 'Only counters are watched, and so only counters are recorded. Choose Tap to record messages too.'}
          </Text>
        )}
        <Switch
          label="Bodies of messages"
          description={
            isProtected
              ? `${environment.name} is protected: bodies stay off the tape.`
              : 'The first 16 KiB of each. Without them a tape cannot be replayed.'
          }
          checked={bodies && !isProtected}
          disabled={isProtected}
          onChange={(event) => setBodies(event.currentTarget.checked)}
        />
        <TagsInput
          size="sm"
          label="Keep off the tape"
          description="body.card.number for a field of JSON bodies, header.authorization for a header; Enter adds one"
          placeholder={mask.length === 0 ? 'body.card.number' : undefined}
          value={mask}
          onChange={setMask}
          error={wrong === undefined ? undefined : `“${wrong}” is written body.FIELD.FIELD or header.NAME.`}
        />
        <NumberInput
          size="sm"
          label="Stop at"
          description="Recording stops by itself when the tape is so large"
          suffix=" MB"
          min={1}
          max={512}
          value={sizeMib}
          onChange={(value) => setSizeMib(Math.min(512, Math.max(1, Number(value) || 1)))}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => showTapeDialog(null)}>
            Cancel
          </Button>
          <Button type="submit" disabled={wrong !== undefined} data-autofocus>
            Start recording
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
