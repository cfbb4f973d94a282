import { Modal } from '@mantine/core';
import { useState } from 'react';
import { useStore } from 'zustand';
import { EnvironmentEditor } from './EnvironmentEditor';
import { closeEnvironmentDialog, environmentDialogStore } from './environment-actions';
import { useEnvironments } from './environment-store';

/** Connections of an environment; mounted once, opened by `openEnvironmentDialog`. */
export function EnvironmentDialog() {
  const shown = useStore(environmentDialogStore, (state) => state.shown);
  const isLoaded = useEnvironments((state) => state.isLoaded);
  const [isDirty, setDirty] = useState(false);
  const isOpen = shown !== null && isLoaded;
  return (
    <Modal
      opened={isOpen}
      onClose={closeEnvironmentDialog}
      title="Environments"
      size={860}
      padding={0}
      // A slip must not lose what was typed: then only the buttons close it.
      closeOnClickOutside={!isDirty}
      closeOnEscape={!isDirty}
      styles={{ header: { padding: '14px 18px', borderBottom: '1px solid var(--tl-border)' } }}
    >
      {isOpen && <EnvironmentEditor start={shown} onDirty={setDirty} />}
    </Modal>
  );
}
