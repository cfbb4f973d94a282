import { Text, TextInput } from '@mantine/core';
import type { Environment } from '@shared/api/environment';
import { useState } from 'react';

/** What a protected environment wants before something is done to it; nothing where it is open. */
export interface ProtectionGate {
  /** May it be done now? */
  isOpen: boolean;
  /** The name as it was typed, for the engine; undefined where none is wanted. */
  confirmation: string | undefined;
  typed: string;
  type: (text: string) => void;
}

/** Keeps what is typed to confirm; read-only environments stay shut. */
export function useProtectionGate(environment: Environment | undefined): ProtectionGate {
  const [typed, type] = useState('');
  const needsName = environment?.protection === 'confirm';
  const isNamed = !needsName || typed === environment.name;
  return {
    isOpen: environment?.protection !== 'read-only' && isNamed,
    confirmation: needsName ? typed : undefined,
    typed,
    type,
  };
}

/** Says that an environment is read-only, or asks for its name. `consequence`: `nothing can be deployed to it`. */
export function ProtectionQuestion(props: {
  environment: Environment | undefined;
  gate: ProtectionGate;
  consequence: string;
  hasFocus?: boolean;
}) {
  const { environment, gate, consequence, hasFocus } = props;
  if (environment?.protection === 'read-only') {
    return (
      <Text size="sm" c="red">
        The environment {environment.name} is read-only: {consequence}.
      </Text>
    );
  }
  if (environment?.protection !== 'confirm') return null;
  return (
    <TextInput
      size="sm"
      label={`Type ${environment.name} to confirm`}
      description="This environment is protected."
      value={gate.typed}
      onChange={(event) => gate.type(event.currentTarget.value)}
      autoComplete="off"
      data-autofocus={hasFocus || undefined}
    />
  );
}
