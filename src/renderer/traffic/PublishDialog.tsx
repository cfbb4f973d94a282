import { Modal } from '@mantine/core';
import { useStore } from 'zustand';
import { PublishForm } from './PublishForm';
import { closePublishDialog, publishStore, usePublishers } from './publish-actions';

/** Publish from one publisher now; mounted once, opened by `openPublishDialog`. */
export function PublishDialog() {
  const node = useStore(publishStore, (state) => state.node);
  const publishers = usePublishers();
  const isOpen = node !== null && publishers.some(({ id }) => id === node);
  return (
    <Modal opened={isOpen} onClose={closePublishDialog} title="Publish now" size="lg">
      {isOpen && <PublishForm key={node} nodeId={node} publishers={publishers} />}
    </Modal>
  );
}
