import type { Home } from '@shared/dead-letters/dead-letter';
import type { Broker, FlowNode } from '@shared/flow/schema';

/** Settings of one node or link, as a form sees them. */
export type SettingsRecord = Record<string, unknown>;

/** What decides whether a field applies: the settings being edited and what is known of the broker. */
export interface FieldContext {
  settings: SettingsRecord;
  /** `3.10.8`; undefined while no broker was asked. */
  brokerVersion?: string;
}

interface FieldBase {
  /** Path inside `settings`, e.g. `['arguments', 'x-message-ttl']`. The path `['name']` of scope `entity` is the node's own name. */
  path: string[];
  /** `entity` addresses the node itself (name, notes, ownership, broker); default `settings`. */
  scope?: 'settings' | 'entity';
  label: string;
  /** One or two sentences: what it does, its unit, its default, its cost. */
  help?: string;
  docsUrl?: string;
  /** Heading the field stands under; fields without one come first. */
  group?: string;
  placeholder?: string;
  /** False hides the field (it does not apply to what is chosen); default: always shown. */
  appliesTo?: (context: FieldContext) => boolean;
}

/** A form field. The view draws it with its own kit; adding a broker kind needs no change there. */
export type Field =
  | (FieldBase & { control: 'text' | 'textarea'; default?: string; maxBytes?: number })
  | (FieldBase & { control: 'number'; unit?: string; min?: number; max?: number; integer?: boolean; default?: number })
  | (FieldBase & { control: 'switch'; default?: boolean })
  /** List of short texts, none twice. */
  | (FieldBase & { control: 'texts' })
  /** Nothing to set: draws when the attempts of the retry policy at the path come. */
  | (FieldBase & { control: 'attempts' })
  | (FieldBase & {
      control: 'select';
      options: { value: string; label: string; help?: string }[];
      /** Lets the user type a value that is not listed (exchange types of plugins). */
      allowOther?: boolean;
      default?: string;
    })
  /** Typed AMQP table (header matches, custom arguments): rows of name, type, value. */
  | (FieldBase & { control: 'arguments'; hideKeys?: string[] })
  /**
   * List of sub-forms: binding rows, route rules. `keyed`: the value is a record by stable id (policies), not an array;
   * `mayBeEmpty`: the last row may be removed, too (of a record always).
   */
  | (FieldBase & { control: 'rows'; itemLabel: string; fields: Field[]; keyed?: boolean; mayBeEmpty?: boolean })
  | (FieldBase & { control: 'code'; language: 'json' | 'typescript' | 'text'; default?: string });

/** A thing that can be put on the canvas. */
export interface NodeDescriptor {
  type: string;
  /** What it is called on the canvas and by screen readers: `exchange`, `queue`, `handler`, `publisher`. */
  noun: string;
  label: string;
  description: string;
  /** Tabler icon name without prefix, e.g. `arrows-split`. */
  icon: string;
  /** Mantine colour name used as accent. */
  accent: string;
  /** Does it live in a broker? Then a node has `broker`. */
  inBroker: boolean;
  /** It is there only while somebody uses it: there is nothing to deploy. */
  isFleeting?: true;
  /** Publishers and handlers can send to it. */
  takesMessages?: true;
  /** Handlers can consume from it with the common consume link. */
  feedsHandlers?: true;
  fields: Field[];
  /** Settings and name of a fresh node. */
  create: () => { name: string; settings: SettingsRecord };
  /** Short facts under the title: `topic · durable`. */
  summary: (node: FlowNode) => string;
}

/** Ends of links that stand for every node type with that trait, of any kind. */
export const TAKES_MESSAGES = '*takesMessages';
export const FEEDS_HANDLERS = '*feedsHandlers';

/** A typed edge between two kinds of node. */
export interface LinkDescriptor {
  type: string;
  label: string;
  description: string;
  accent: string;
  /** Line style on the canvas. */
  stroke: 'solid' | 'dashed' | 'dotted';
  /** `consume`: handlers get messages through it, as through the common consume link. */
  role?: 'consume';
  /** Pairs of node types (or traits) it may join, in order; the first descriptor that allows a pair wins when the user connects. */
  between: { from: string; to: string }[];
  fields: Field[];
  create: () => SettingsRecord;
  /** What is written on the line: the routing keys, `dead letters`, … */
  summary: (settings: SettingsRecord) => string;
}

/** How dead letters of a kind come home, as the redrive dialogs ask for it. */
export interface RedriveDescriptor {
  /** Ways back that follow from each message, the usual one first. */
  ways: { reach: Home['reach']; noun: string; label: string; help: string }[];
  /** What an address elsewhere is made of. */
  elsewhere: { part: 'exchange' | 'routingKey'; label: string; help: string; required?: true }[];
  /** Does a header speak of deaths and retries? A redriven message begins without it. */
  isDeathHeader: (name: string) => boolean;
}

/** Everything the view needs to know of a broker technology. Plain data and pure functions. */
export interface KindDescriptor {
  kind: string;
  label: string;
  nodes: NodeDescriptor[];
  links: LinkDescriptor[];
  /** Form of the broker entry itself (policies, vhosts). */
  brokerFields: Field[];
  /** Example URL for the connection dialog, e.g. `amqp://user@host:5672/vhost`. */
  urlExample: string;
  /** Without `://`: the plain one first, then the one with TLS. */
  urlSchemes: string[];
  /** Below the URL's field: what else it may hold. */
  urlHelp: string;
  /** What follows the host in a URL. */
  urlPath?: { label: string; placeholder: string; help: string };
  /** In an empty password field. */
  passwordHint: string;
  /** What watching a real broker reads, and what it costs as measured. */
  watching?: Record<'counters' | 'tap', { what: string; cost: string }>;
  hasManagementUrl: boolean;
  /** What messages go to and come from there: `Exchange or queue`. Empty: nothing of its own. */
  placeLabel: string;
  /** Absent: it keeps no dead letters. */
  redrive?: RedriveDescriptor;
  describeBroker: (broker: Broker) => string;
}
