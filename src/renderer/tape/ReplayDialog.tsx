import { Button, Group, Loader, Modal, NumberInput, Select, Stack, Switch, Text } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { attempt } from '@renderer/engine/failure';
import { useDryRun } from '@renderer/engine/use-dry-run';
import { useEnvironments } from '@renderer/environments/environment-store';
import { ProtectionQuestion, useProtectionGate } from '@renderer/environments/ProtectionGate';
import { formatDuration, formatNoun } from '@renderer/live/format';
import type { OpenTape } from '@shared/api/tapes';
import { SKIP_SENTENCES, type SkipReason } from '@shared/tape/pick';
import { MAX_SPEED, type ReplayPreview } from '@shared/tape/replay';
import { useState } from 'react';
import { type ReplayChoices, startReplay } from './replay-actions';
import classes from './Tape.module.css';
import { showTapeDialog, useTape } from './tape-store';

/** Where to, how fast, and what that would do: the dry run stands in the dialog and follows every choice. */
export function ReplayDialog() {
  const tape = useTape((state) => (state.dialog === 'replay' ? state.tape : null));
  return (
    <Modal opened={tape !== null} onClose={() => showTapeDialog(null)} title="Replay the tape" size="lg">
      {tape && <Choices tape={tape} />}
    </Modal>
  );
}

const askPreview = (order: { tapeId: string } & ReplayChoices) => engine.tapes.preview(order);

function Choices({ tape }: { tape: OpenTape }) {
  const { environments, active } = useEnvironments((state) => state);
  const [chosen, setChosen] = useState(active);
  const [speed, setSpeed] = useState<number>(10);
  const [limit, setLimit] = useState<number | ''>('');
  const [maskedBodies, setMaskedBodies] = useState(false);
  const environment = environments.find(({ id }) => id === chosen);
  const choices: ReplayChoices = {
    environment: chosen,
    speed,
    maskedBodies,
    ...(limit === '' ? {} : { limit }),
  };
  const gate = useProtectionGate(environment);
  const { preview, problem } = useDryRun({ tapeId: tape.tapeId, ...choices }, askPreview);
  const mayStart = gate.isOpen && (preview?.messages ?? 0) > 0;
  const start = async () => {
    if (await attempt('Replay', () => startReplay(choices, gate.confirmation))) showTapeDialog(null);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (mayStart) void start();
      }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          Publishes again what came from outside, into the document that is open behind the tape. What handlers sent
          they send again themselves when they run.
        </Text>
        <Group grow align="start">
          <Select
            size="sm"
            label="Environment"
            data={environments.map(({ id, name }) => ({ value: id, label: name }))}
            value={chosen}
            allowDeselect={false}
            onChange={(value) => value !== null && setChosen(value)}
          />
          <NumberInput
            size="sm"
            label="Speed"
            suffix="×"
            min={0.1}
            max={MAX_SPEED}
            value={speed}
            onChange={(value) => setSpeed(Math.min(MAX_SPEED, Math.max(0.1, Number(value) || 1)))}
          />
          <NumberInput
            size="sm"
            label="At most"
            placeholder="all messages"
            min={1}
            value={limit}
            onChange={(value) => setLimit(value === '' ? '' : Math.max(1, Math.round(Number(value))))}
          />
        </Group>
        <Switch
          label="Masked and cut messages too"
          description="As far as the tape holds them. They are not what was sent."
          checked={maskedBodies}
          onChange={(event) => setMaskedBodies(event.currentTarget.checked)}
        />
        {problem && (
          <Text size="sm" c="red" role="alert">
            {problem}
          </Text>
        )}
        {preview ? (
          <Preview preview={preview} speed={speed} />
        ) : (
          !problem && <Loader size="xs" aria-label="Working out" />
        )}
        <ProtectionQuestion environment={environment} gate={gate} consequence="nothing can be replayed there" />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => showTapeDialog(null)}>
            Cancel
          </Button>
          <Button type="submit" disabled={!mayStart} data-autofocus>
            Replay
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Preview({ preview, speed }: { preview: ReplayPreview; speed: number }) {
  const { messages, spanMs, destinations, skipped, warnings } = preview;
  return (
    <div className={classes.preview} role="status" aria-label="What it would do">
      <strong>
        {messages === 0
          ? 'Nothing on the tape can be published again.'
          : `${formatNoun(messages, 'message')} in ${formatDuration(spanMs / speed)}`}
      </strong>
      <ul>
        {destinations.map(({ name, messages: count }) => (
          <li key={name}>
            {count.toLocaleString('en')} to {name}
          </li>
        ))}
        {(Object.entries(skipped) as [SkipReason, number][]).map(([reason, count]) => (
          <li key={reason}>
            {formatNoun(count, 'message')} skipped: {SKIP_SENTENCES[reason]}
          </li>
        ))}
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </div>
  );
}
