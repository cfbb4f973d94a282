import { Button, Group, Modal, Text } from '@mantine/core';
import { useRef } from 'react';
import { type Question, useQuestion } from './ask';

/** Shows what `ask` asks; mounted once. */
export function AskDialog() {
  const { question, answer } = useQuestion();
  // Kept while the dialog fades out, so that it does not go blank first.
  const last = useRef<Question | null>(null);
  if (question !== null) last.current = question;
  const shown = question ?? last.current;
  return (
    <Modal opened={question !== null} onClose={() => answer(undefined)} title={shown?.title} size="sm">
      <Text size="sm">{shown?.message}</Text>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="subtle" color="gray" onClick={() => answer(undefined)}>
          Cancel
        </Button>
        {[...(shown?.choices ?? [])].reverse().map(({ value, label, isDanger }, index, all) => (
          <Button
            key={value}
            variant={index === all.length - 1 ? 'filled' : 'default'}
            color={isDanger ? 'red' : undefined}
            data-autofocus={index === all.length - 1 || undefined}
            onClick={() => answer(value)}
          >
            {label}
          </Button>
        ))}
      </Group>
    </Modal>
  );
}
