import type { Field, KindDescriptor, LinkDescriptor, NodeDescriptor, SettingsRecord } from '@shared/kinds/descriptor';
import { isDeathField } from './death-fields';
import { docs } from './docs';

const nameField = (label: string, help: string, docsUrl?: string): Field => ({
  control: 'text',
  scope: 'entity',
  path: ['name'],
  label,
  help,
  docsUrl,
});

const ownershipField: Field = {
  control: 'select',
  scope: 'entity',
  path: ['ownership'],
  label: 'Looked after by',
  default: 'managed',
  group: 'Ownership',
  options: [
    { value: 'managed', label: 'Tapline', help: 'Deployed with the flow.' },
    { value: 'referenced', label: 'Somebody else', help: 'Must be there; never changed.' },
    { value: 'ignored', label: 'Nobody', help: 'Drawn for reading only.' },
  ],
};

const notesField: Field = { control: 'textarea', scope: 'entity', path: ['notes'], label: 'Notes', group: 'Notes' };

function trimOf(settings: SettingsRecord): SettingsRecord {
  const { trim } = settings;
  return typeof trim === 'object' && trim !== null ? (trim as SettingsRecord) : {};
}
const trimsBy =
  (by: string) =>
  ({ settings }: { settings: SettingsRecord }) =>
    trimOf(settings).by === by;

const trimFields: Field[] = [
  {
    control: 'select',
    path: ['trim', 'by'],
    label: 'Trimming',
    default: 'none',
    group: 'Trimming',
    help: 'Redis does not store this: whoever adds entries trims. Tapline’s publishers and handlers do so, approximately, with every entry.',
    docsUrl: docs.trimming,
    options: [
      { value: 'none', label: 'None', help: 'The stream grows until somebody trims it.' },
      { value: 'length', label: 'By length' },
      { value: 'age', label: 'By age' },
    ],
  },
  {
    control: 'number',
    path: ['trim', 'entries'],
    label: 'Keep about',
    unit: 'entries',
    min: 0,
    integer: true,
    group: 'Trimming',
    help: 'Entries that a group has not finished with go too: keep more than the largest backlog.',
    appliesTo: trimsBy('length'),
  },
  {
    control: 'number',
    path: ['trim', 'seconds'],
    label: 'Keep for about',
    unit: 's',
    min: 1,
    group: 'Trimming',
    help: 'Entries that a group has not finished with go too: keep them longer than all attempts take.',
    appliesTo: trimsBy('age'),
  },
];

function summariseTrim(settings: SettingsRecord): string {
  const trim = trimOf(settings);
  if (trim.by === 'length') return `keeps about ${Number(trim.entries ?? 0).toLocaleString('en')}`;
  if (trim.by === 'age') return `keeps about ${Number(trim.seconds ?? 0).toLocaleString('en')} s`;
  return 'never trimmed';
}

const channelNode: NodeDescriptor = {
  type: 'redis.channel',
  noun: 'channel',
  label: 'Channel',
  description: 'Carries messages to whoever listens at that moment; nothing is kept.',
  icon: 'broadcast',
  accent: 'pink',
  inBroker: true,
  isFleeting: true,
  takesMessages: true,
  create: () => ({ name: 'channel', settings: {} }),
  summary: () => 'at most once',
  fields: [
    nameField('Channel', 'Only the body travels: a channel has no headers and no message ids.', docs.pubSub),
    ownershipField,
    notesField,
  ],
};

const patternNode: NodeDescriptor = {
  type: 'redis.pattern',
  noun: 'pattern',
  label: 'Pattern',
  description: 'Listens to every channel whose name matches a glob.',
  icon: 'asterisk',
  accent: 'pink',
  inBroker: true,
  isFleeting: true,
  create: () => ({ name: 'user-*', settings: {} }),
  summary: () => 'at most once',
  fields: [
    nameField(
      'Glob',
      '* any text, ? one character, [ab] one of these, \\ takes the next character as it is.',
      docs.patterns,
    ),
    ownershipField,
    notesField,
  ],
};

const streamNode: NodeDescriptor = {
  type: 'redis.stream',
  noun: 'stream',
  label: 'Stream',
  description: 'Keeps entries in order; each of its groups reads all of them.',
  icon: 'list-numbers',
  accent: 'red',
  inBroker: true,
  takesMessages: true,
  create: () => ({ name: 'stream', settings: {} }),
  summary: ({ settings }) => summariseTrim(settings),
  fields: [
    nameField('Key', 'With a part in braces, as {orders}:events, keys share a slot in a cluster.', docs.streams),
    ...trimFields,
    ownershipField,
    notesField,
  ],
};

const deadStreamNode: NodeDescriptor = {
  ...streamNode,
  type: 'redis.dead-stream',
  noun: 'dead-letter stream',
  label: 'Dead-letter stream',
  description: 'Takes the entries that a group gave up, with why and how often they were tried.',
  icon: 'skull',
  accent: 'grape',
  create: () => ({ name: '{stream}:dead', settings: {} }),
};

const groupNode: NodeDescriptor = {
  type: 'redis.group',
  noun: 'group',
  label: 'Consumer group',
  description: 'Shares the entries of a stream among its consumers and remembers what each has not acknowledged.',
  icon: 'users-group',
  accent: 'orange',
  inBroker: true,
  feedsHandlers: true,
  create: () => ({ name: 'workers', settings: { start: '$' } }),
  summary: ({ settings }) =>
    settings.start === '0'
      ? 'from the beginning'
      : settings.start === '$' || settings.start === undefined
        ? 'from now on'
        : `from ${String(settings.start)}`,
  fields: [
    nameField('Group', 'Unique within its stream.', docs.groups),
    {
      control: 'select',
      path: ['start'],
      label: 'Starts',
      default: '$',
      allowOther: true,
      help: 'Counts when the group is made, and never again. May be the id of an entry.',
      docsUrl: docs.groups,
      options: [
        { value: '$', label: 'From now on' },
        { value: '0', label: 'From the beginning' },
      ],
    },
    {
      control: 'number',
      path: ['takeOverAfterMs'],
      label: 'Take over after',
      unit: 'ms',
      min: 1000,
      integer: true,
      default: 60_000,
      help: 'Entries of a consumer that was silent for so long are taken over by handlers that Tapline runs: longer than handling one ever takes.',
      docsUrl: docs.pending,
    },
    ownershipField,
    notesField,
  ],
};

const subscribeLink: LinkDescriptor = {
  type: 'redis.subscribe',
  label: 'Subscribe',
  description: 'The handler gets what is published while it listens.',
  accent: 'pink',
  stroke: 'solid',
  role: 'consume',
  between: ['redis.channel', 'redis.pattern'].map((from) => ({ from, to: 'handler' })),
  fields: [],
  create: () => ({}),
  summary: () => '',
};

const readLink: LinkDescriptor = {
  type: 'redis.read',
  label: 'Read',
  description: 'The group reads the stream.',
  accent: 'red',
  stroke: 'solid',
  between: ['redis.stream', 'redis.dead-stream'].map((from) => ({ from, to: 'redis.group' })),
  fields: [],
  create: () => ({}),
  summary: () => '',
};

const deadLetterLink: LinkDescriptor = {
  type: 'redis.dead-letter',
  label: 'Dead letters',
  description: 'Entries that the group gives up go there: added and acknowledged in one transaction.',
  accent: 'grape',
  stroke: 'dashed',
  between: ['redis.dead-stream', 'redis.stream'].map((to) => ({ from: 'redis.group', to })),
  fields: [],
  create: () => ({}),
  summary: () => 'dead letters',
};

/** What the window knows of Redis. */
export const redisDescriptor: KindDescriptor = {
  kind: 'redis',
  label: 'Redis',
  nodes: [channelNode, patternNode, streamNode, groupNode, deadStreamNode],
  links: [subscribeLink, readLink, deadLetterLink],
  brokerFields: [],
  urlExample: 'redis://user@host:6379/0',
  urlSchemes: ['redis', 'rediss'],
  urlHelp: 'Without a user it is Redis’ own, called default.',
  urlPath: { label: 'Database', placeholder: '0 (the default)', help: 'Channels are shared by all databases.' },
  passwordHint: 'none, if Redis asks for none',
  watching: {
    counters: {
      what: 'Lengths of the streams drawn, and what their groups have left and owe, asked once a second. No messages are seen.',
      cost: 'Some commands a second; nothing is added or taken.',
    },
    tap: {
      what: 'Messages too: streams are read along, and exactly the channels and patterns drawn are subscribed to. PUBLISH answers one receiver more meanwhile.',
      cost: 'Redis sends every message drawn once more, to Tapline.',
    },
  },
  hasManagementUrl: false,
  placeLabel: 'Channel or stream',
  redrive: {
    ways: [
      {
        reach: 'queue',
        noun: 'stream',
        label: 'To the stream each died in',
        help: 'Added to that stream again: every group that reads it gets it, not only the one that gave it up.',
      },
    ],
    elsewhere: [{ part: 'routingKey', label: 'Stream', help: 'Made if it is not there', required: true }],
    isDeathHeader: isDeathField,
  },
  describeBroker: ({ name }) => name,
};
