import { Button, Group, Loader, Modal, Stack, Text, UnstyledButton } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { attempt, readFailure } from '@renderer/engine/failure';
import type { TapeFile } from '@shared/api/tapes';
import { describeBytes } from '@shared/tape/recording';
import { useEffect, useState } from 'react';
import classes from './Tape.module.css';
import { chooseTape, openTapePath } from './tape-actions';
import { showTapeDialog, useTape } from './tape-store';

/** Tapes that were recorded here, and the way to any other. */
export function OpenTapeDialog() {
  const isOpen = useTape(({ dialog }) => dialog === 'open');
  return (
    <Modal opened={isOpen} onClose={() => showTapeDialog(null)} title="Open tape" size="md">
      <Stack gap="md">
        <Recorded />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => showTapeDialog(null)}>
            Cancel
          </Button>
          <Button variant="light" onClick={() => attempt('Open tape', chooseTape)}>
            Choose a file…
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Recorded() {
  const [tapes, setTapes] = useState<TapeFile[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    engine.tapes.list().then(setTapes, (error: unknown) => setProblem(readFailure(error).message));
  }, []);
  if (problem !== null)
    return (
      <Text size="sm" c="red" role="alert">
        {problem}
      </Text>
    );
  if (!tapes) return <Loader size="xs" aria-label="Looking for tapes" />;
  if (tapes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing was recorded yet. Run the flow or watch, then press Record in the top bar.
      </Text>
    );
  return (
    <ul className={classes.files} aria-label="Recorded tapes">
      {tapes.map(({ path, name, bytes, writtenAt }) => (
        <li key={path}>
          <UnstyledButton className={classes.file} onClick={() => attempt('Open tape', () => openTapePath(path))}>
            <span className={classes.fileName}>{name}</span>
            <span className={classes.fileFacts}>
              {new Date(writtenAt).toLocaleString()} · {describeBytes(bytes)}
            </span>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}
