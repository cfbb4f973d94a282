import { ScrollArea, Table } from '@mantine/core';
import { formatExact } from '@renderer/live/format';
import type { Step } from '@shared/deploy/plan';
import { ActionBadge } from './ActionBadge';

/** The objects that a deploy would empty or remove, with their messages and consumers when the plan was made. */
export function StakesTable({ steps }: { steps: readonly Step[] }) {
  return (
    <ScrollArea.Autosize mah={200} type="auto">
      <Table withTableBorder stickyHeader aria-label="At stake">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Object</Table.Th>
            <Table.Th />
            <Table.Th ta="right">Messages</Table.Th>
            <Table.Th ta="right">Unacked</Table.Th>
            <Table.Th ta="right">Consumers</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map(({ id, action, objectType, name, atStake }) => (
            <Table.Tr key={id}>
              <Table.Td>
                {objectType} <strong>{name}</strong>
              </Table.Td>
              <Table.Td>
                <ActionBadge action={action} />
              </Table.Td>
              <NumberCell value={atStake?.messages} />
              <NumberCell value={atStake?.unacked} />
              <NumberCell value={atStake?.consumers} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}

function NumberCell({ value }: { value: number | null | undefined }) {
  return (
    <Table.Td ta="right" title={value === null || value === undefined ? 'could not be counted' : undefined}>
      {value === null || value === undefined ? '?' : formatExact(value)}
    </Table.Td>
  );
}
