import type { Field, SettingsRecord } from '@shared/kinds/descriptor';

/** Text of a setting, empty when it is none. */
export const text = (value: unknown) => (typeof value === 'string' ? value : '');

export const nameField: Field = { control: 'text', scope: 'entity', path: ['name'], label: 'Name' };
export const notesField: Field = {
  control: 'textarea',
  scope: 'entity',
  path: ['notes'],
  label: 'Notes',
  group: 'Notes',
};

/** Where a publisher or handler runs. */
export const runsInField: Field = {
  control: 'select',
  path: ['runsIn'],
  label: 'Runs in',
  default: 'tapline',
  help: 'Tapline runs it when you press Run. “Elsewhere” stands for a service of yours: shown, never run.',
  options: [
    { value: 'tapline', label: 'Tapline' },
    { value: 'elsewhere', label: 'Elsewhere' },
  ],
};

export const runsHere = ({ settings }: { settings: SettingsRecord }) => settings.runsIn !== 'elsewhere';
export const runsElsewhere = ({ settings }: { settings: SettingsRecord }) => settings.runsIn === 'elsewhere';
