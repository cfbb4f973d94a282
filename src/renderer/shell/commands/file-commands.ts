import {
  exportDocument,
  newDocument,
  openDocument,
  saveDocument,
  saveDocumentAs,
} from '@renderer/files/document-actions';
import { importFile, importLive } from '@renderer/files/import-actions';
import { flowStore } from '@renderer/flow/flow-store';
import { closeTape } from '@renderer/tape/tape-actions';
import { isTapeOpen, showTapeDialog } from '@renderer/tape/tape-store';
import { EXAMPLES } from '@shared/examples/index';
import * as icons from '@tabler/icons-react';
import type { Command } from './command';

function firstBroker(): string {
  return Object.keys(flowStore.getState().flow.brokers)[0] ?? '';
}

/** Documents, tapes, import and export. */
export const FILE_COMMANDS: readonly Command[] = [
  { id: 'new', label: 'New', group: 'File', icon: icons.IconFilePlus, run: () => newDocument() },
  ...EXAMPLES.map(
    ({ id, title }): Command => ({
      id: `example-${id}`,
      label: `New from example: ${title}`,
      group: 'File',
      icon: icons.IconSchool,
      run: () => newDocument(id),
    }),
  ),
  {
    id: 'open',
    label: 'Open…',
    group: 'File',
    icon: icons.IconFolderOpen,
    hotkey: 'mod+O',
    isGlobal: true,
    run: openDocument,
  },
  {
    id: 'open-tape',
    label: 'Open tape…',
    group: 'File',
    icon: icons.IconDeviceTvOld,
    run: () => showTapeDialog('open'),
  },
  {
    id: 'close-tape',
    label: 'Close tape',
    group: 'File',
    icon: icons.IconX,
    run: closeTape,
    isEnabled: () => isTapeOpen(),
  },
  {
    id: 'save',
    label: 'Save',
    group: 'File',
    icon: icons.IconDeviceFloppy,
    hotkey: 'mod+S',
    isGlobal: true,
    run: saveDocument,
  },
  {
    id: 'save-as',
    label: 'Save as…',
    group: 'File',
    icon: icons.IconDeviceFloppy,
    hotkey: 'mod+shift+S',
    isGlobal: true,
    run: saveDocumentAs,
  },
  { id: 'import-file', label: 'Import definitions file…', group: 'File', icon: icons.IconFileImport, run: importFile },
  {
    id: 'import-live',
    label: 'Import from live broker',
    group: 'File',
    icon: icons.IconServerBolt,
    run: () => importLive(firstBroker()),
    isEnabled: () => firstBroker() !== '',
  },
  {
    id: 'export-flow',
    label: 'Export flow',
    group: 'File',
    icon: icons.IconFileExport,
    run: () => exportDocument('flow'),
  },
  {
    id: 'export-rabbitmq',
    label: 'Export RabbitMQ definitions',
    group: 'File',
    icon: icons.IconFileExport,
    run: () => exportDocument('rabbitmq'),
  },
  {
    id: 'export-svg',
    label: 'Export picture (SVG)',
    group: 'File',
    icon: icons.IconPhotoDown,
    run: () => exportDocument('svg'),
  },
  {
    id: 'export-mermaid',
    label: 'Export Mermaid',
    group: 'File',
    icon: icons.IconSchema,
    run: () => exportDocument('mermaid'),
  },
];
