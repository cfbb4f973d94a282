import { ActionIcon, Switch, TextInput, Tooltip } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { attempt } from '@renderer/engine/failure';
import type { Connection } from '@shared/api/environment';
import { IconAlertTriangle, IconFolderOpen } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import classes from './EnvironmentEditor.module.css';

type Tls = NonNullable<Connection['tls']>;

interface TlsFormProps {
  tls: Connection['tls'];
  url: string;
  /** Of the kind: plain, then with TLS. */
  schemes: readonly string[];
  onChange: (tls: Connection['tls']) => void;
}

const FILES: readonly { key: 'caFile' | 'certFile' | 'keyFile'; label: string; description: string }[] = [
  { key: 'caFile', label: 'CA file', description: 'PEM; of an authority that is not public.' },
  { key: 'certFile', label: 'Client certificate', description: 'PEM; for brokers that ask for one (EXTERNAL).' },
  { key: 'keyFile', label: 'Client key', description: 'PEM; belongs to the client certificate.' },
];

/** Certificates of a connection. Files are on the machine where Tapline’s engine runs. */
export function TlsForm({ tls, url, schemes: [plain, secure], onChange }: TlsFormProps) {
  const change = (part: Partial<Tls>) => {
    const next = { verify: true, ...tls, ...part };
    const isDefault = next.verify && !next.caFile && !next.certFile && !next.keyFile && !next.serverName;
    onChange(isDefault ? undefined : next);
  };
  const isPlain = plain !== undefined && url.trim().toLowerCase().startsWith(`${plain}:`);
  return (
    <div className={classes.tls}>
      {isPlain && (
        <p className={classes.help}>
          The URL begins with {plain}://, which is not encrypted: use {secure}:// for TLS.
        </p>
      )}
      <div className={classes.grid}>
        {FILES.map(({ key, label, description }) => (
          <FileInput
            key={key}
            label={label}
            description={description}
            value={tls?.[key] ?? ''}
            onChange={(path) => change({ [key]: path || undefined })}
          />
        ))}
        <TextInput
          label="Server name"
          description="If the certificate names another host than the URL."
          value={tls?.serverName ?? ''}
          onChange={(event) => change({ serverName: event.currentTarget.value || undefined })}
        />
      </div>
      <Switch
        mt="sm"
        label="Check the broker’s certificate"
        checked={tls?.verify ?? true}
        onChange={(event) => change({ verify: event.currentTarget.checked })}
      />
      {tls?.verify === false && (
        <p className={classes.warning}>
          <IconAlertTriangle size={14} aria-hidden /> Unchecked, anybody between you and the broker can read and change
          everything, password included.
        </p>
      )}
    </div>
  );
}

interface FileInputProps {
  label: string;
  description: string;
  value: string;
  onChange: (path: string) => void;
}

function FileInput({ label, description, value, onChange }: FileInputProps) {
  const [hasDialogs, setHasDialogs] = useState(false);
  useEffect(() => {
    engine.host.info().then(
      ({ fileDialogs }) => setHasDialogs(fileDialogs),
      () => setHasDialogs(false),
    );
  }, []);
  const choose = async () => {
    const path = await engine.host.chooseFileToOpen({ purpose: 'ca' });
    if (path !== null) onChange(path);
  };
  return (
    <TextInput
      label={label}
      description={description}
      placeholder="path on the machine of the engine"
      value={value}
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
      rightSection={
        hasDialogs && (
          <Tooltip label="Choose a file">
            <ActionIcon aria-label={`Choose ${label}`} size={20} onClick={() => attempt('Open', choose)}>
              <IconFolderOpen size={14} />
            </ActionIcon>
          </Tooltip>
        )
      }
    />
  );
}
