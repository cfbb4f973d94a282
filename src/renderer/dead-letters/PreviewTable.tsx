import { Alert, List, Stack, Table, Text } from '@mantine/core';
import { formatNoun } from '@renderer/live/format';
import type { RedrivePreview } from '@shared/dead-letters/redrive';
import { IconAlertTriangle } from '@tabler/icons-react';

/** A dry run: how many, to where, and what may go wrong. */
export function PreviewTable({ preview }: { preview: RedrivePreview }) {
  const { depth, known, matching, targets, warnings, unfinished } = preview;
  const holds = depth === null ? 'It is not known how many messages there are' : `${formatNoun(depth, 'message')} now`;
  return (
    <Stack gap="xs">
      <Text size="sm">
        {holds}; {known === 0 ? 'none was read yet' : `of ${known} that were read, ${matching} are meant`}.
      </Text>
      {targets.length > 0 && (
        <Table aria-label="Where they go" fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Messages</Table.Th>
              <Table.Th>To</Table.Th>
              <Table.Th>Reaches</Table.Th>
              <Table.Th>Why</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {targets.map(({ home, count, reaches, problem }) => (
              <Table.Tr key={JSON.stringify([home.exchange, home.routingKey])}>
                <Table.Td>{count === 0 ? 'not known' : count}</Table.Td>
                <Table.Td>
                  {home.exchange === '' ? home.routingKey : `${home.exchange}, key “${home.routingKey}”`}
                </Table.Td>
                <Table.Td c={problem ? 'red' : undefined}>
                  {problem ?? (reaches === null ? 'not known' : reaches.join(', '))}
                </Table.Td>
                <Table.Td c="dimmed">
                  {home.why}
                  {home.inferred && ' (a guess)'}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {unfinished && (
        <Alert
          color="yellow"
          icon={<IconAlertTriangle size={16} />}
          title="A redrive of this queue ended in the middle"
        >
          {formatNoun(unfinished.confirmed, 'message')} had been confirmed by then: those with a message id are
          recognised and not sent again. {unfinished.uncertain} had been sent without an answer; they may arrive twice.
        </Alert>
      )}
      {warnings.length > 0 && (
        <List size="sm" spacing={2} c="yellow" aria-label="What may go wrong">
          {warnings.map((warning) => (
            <List.Item key={warning}>{warning}</List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}
