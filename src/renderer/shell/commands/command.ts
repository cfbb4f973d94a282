import type { Icon } from '@tabler/icons-react';

/** Something the user can do, from menus, keys and the command palette alike. */
export interface Command {
  id: string;
  label: string;
  group: 'File' | 'Edit' | 'View' | 'Broker';
  icon: Icon;
  /** In Mantine's notation: `mod+S`. */
  hotkey?: string;
  /** Works while a text field has the focus, too. */
  isGlobal?: boolean;
  isEnabled?: () => boolean;
  run: () => unknown;
}
