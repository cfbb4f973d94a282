import { Group, TextInput } from '@mantine/core';
import { useFlow } from '@renderer/flow/use-flow';
import { describeKind } from '@renderer/kinds/descriptors';
import type { Home } from '@shared/dead-letters/dead-letter';
import type { RedriveDescriptor } from '@shared/kinds/descriptor';

/** Where messages are sent, by the parts that a kind's addresses have; the others stay empty. */
export type Address = Pick<Home, 'exchange' | 'routingKey'>;

/** How the kind of a dead-letter queue's broker sends letters home. */
export function useRedriveDescriptor(queue: { broker: string } | undefined): RedriveDescriptor | undefined {
  const kind = useFlow(({ flow }) => flow.brokers[queue?.broker ?? '']?.kind);
  return describeKind(kind ?? '')?.redrive;
}

/** Is all there that an address needs? */
export function isComplete({ elsewhere }: RedriveDescriptor, address: Address): boolean {
  return elsewhere.every(({ part, required }) => !required || address[part] !== '');
}

interface AddressFieldsProps {
  redrive: RedriveDescriptor;
  address: Address;
  onChange: (address: Address) => void;
}

/** An address as the kind writes it: exchange and key, a stream, … */
export function AddressFields({ redrive, address, onChange }: AddressFieldsProps) {
  return (
    <Group grow align="start">
      {redrive.elsewhere.map(({ part, label, help, required }) => (
        <TextInput
          key={part}
          size="sm"
          label={label}
          description={help}
          required={required}
          value={address[part]}
          onChange={(event) => onChange({ ...address, [part]: event.currentTarget.value })}
        />
      ))}
    </Group>
  );
}
