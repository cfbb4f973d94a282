import { Menu, Text } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { EXAMPLES } from '@shared/examples/index';
import { newDocument } from './document-actions';

/** Menu items that begin a document with an example. */
export function ExampleItems() {
  return EXAMPLES.map(({ id, title, description }) => (
    <Menu.Item key={id} onClick={() => attempt(title, () => newDocument(id))}>
      <Text fz="sm">{title}</Text>
      <Text fz="xs" c="dimmed">
        {description}
      </Text>
    </Menu.Item>
  ));
}
