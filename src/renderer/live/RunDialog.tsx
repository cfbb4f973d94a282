import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { openEnvironmentDialog } from '@renderer/environments/environment-actions';
import { useStore } from 'zustand';
import { cancelRun, type RunQuestion, runAnyway, runQuestionStore } from './live-actions';

const WORDS: Record<RunQuestion['about'], { title: string; consequence: string; yes: string }> = {
  competing: {
    title: 'Others consume from these queues',
    consequence: 'While the flow runs, each message goes to only one consumer: some will not reach the others.',
    yes: 'Run anyway',
  },
  permission: {
    title: 'May Tapline’s handlers consume here?',
    consequence: 'You can take it back at any time in the connection dialog.',
    yes: 'Allow and run',
  },
};

/** Asked before Tapline's handlers take messages that other consumers would have got. */
export function RunDialog() {
  const question = useStore(runQuestionStore, (state) => state.question);
  const words = question && WORDS[question.about];
  return (
    <Modal opened={question !== null} onClose={cancelRun} title={words?.title} size="md">
      {question && words && (
        <Stack gap="md">
          <Text size="sm" className="selectable">
            {question.message}
          </Text>
          <Text size="sm" c="dimmed">
            {('hint' in question && question.hint) || words.consequence}
          </Text>
          <Group justify="flex-end" gap="xs">
            {question.about === 'permission' && (
              <Button
                variant="subtle"
                mr="auto"
                onClick={() => {
                  cancelRun();
                  openEnvironmentDialog();
                }}
              >
                Connections…
              </Button>
            )}
            <Button variant="default" onClick={cancelRun} data-autofocus>
              Cancel
            </Button>
            <Button
              color={question.about === 'competing' ? 'red' : undefined}
              onClick={() => attempt('Run', () => runAnyway(question))}
            >
              {words.yes}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
