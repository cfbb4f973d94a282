import { Button, Menu, Text } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { attempt } from '@renderer/engine/failure';
import { openPath } from '@renderer/files/document-actions';
import { ExampleItems } from '@renderer/files/ExampleItems';
import { importLive } from '@renderer/files/import-actions';
import { useFlow } from '@renderer/flow/use-flow';
import type { RecentFile } from '@shared/api/contract';
import { IconChevronDown, IconFile, IconSchool, IconServerBolt } from '@tabler/icons-react';
import { useState } from 'react';
import { findCommand } from './commands/commands';
import { hotkeyLabel } from './hotkey-label';
import { runCommand } from './run-command';

const MAX_RECENT = 8;

/** New, open, save, import, export and recent files. */
export function FileMenu() {
  const [recent, setRecent] = useState<RecentFile[]>([]);
  const brokers = useFlow(({ flow }) => flow.brokers);
  const onOpen = () => attempt('Recent files', async () => setRecent(await engine.document.recent()));
  return (
    <Menu onOpen={onOpen} width={272}>
      <Menu.Target>
        <Button variant="subtle" color="gray" rightSection={<IconChevronDown size={13} />} px={8}>
          File
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Item id="new" />
        <Menu.Sub>
          <Menu.Sub.Target>
            <Menu.Sub.Item leftSection={<IconSchool size={15} stroke={1.6} />}>New from example</Menu.Sub.Item>
          </Menu.Sub.Target>
          <Menu.Sub.Dropdown maw={360}>
            <ExampleItems />
          </Menu.Sub.Dropdown>
        </Menu.Sub>
        <Item id="open" />
        {recent.length > 0 && (
          <Menu.Sub>
            <Menu.Sub.Target>
              <Menu.Sub.Item leftSection={<IconFile size={15} stroke={1.6} />}>Open recent</Menu.Sub.Item>
            </Menu.Sub.Target>
            <Menu.Sub.Dropdown maw={420}>
              {recent.slice(0, MAX_RECENT).map(({ path, name }) => (
                <Menu.Item key={path} onClick={() => attempt('Open', () => openPath(path))}>
                  <Text fz="sm">{name}</Text>
                  <Text fz="xs" c="dimmed" truncate="start">
                    <bdi>{path}</bdi>
                  </Text>
                </Menu.Item>
              ))}
            </Menu.Sub.Dropdown>
          </Menu.Sub>
        )}
        <Item id="open-tape" />
        <Menu.Divider />
        <Item id="save" />
        <Item id="save-as" />
        <Menu.Divider />
        <Item id="import-file" />
        {Object.entries(brokers).map(([id, { name }]) => (
          <Menu.Item
            key={id}
            leftSection={<IconServerBolt size={15} stroke={1.6} />}
            onClick={() => attempt('Import', () => importLive(id))}
          >
            Import from live {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Item id="export-flow" />
        <Item id="export-rabbitmq" />
        <Item id="export-svg" />
        <Item id="export-mermaid" />
      </Menu.Dropdown>
    </Menu>
  );
}

function Item({ id }: { id: string }) {
  const command = findCommand(id);
  const { icon: Drawn, label, hotkey } = command;
  return (
    <Menu.Item
      leftSection={<Drawn size={15} stroke={1.6} />}
      rightSection={
        hotkey && (
          <Text fz="xs" c="dimmed">
            {hotkeyLabel(hotkey)}
          </Text>
        )
      }
      onClick={() => runCommand(command)}
    >
      {label}
    </Menu.Item>
  );
}
