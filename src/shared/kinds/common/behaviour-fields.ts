import type { Field, FieldContext, SettingsRecord } from '@shared/kinds/descriptor';
import { COMPARISONS } from './body-test';
import { DEFAULT_HTTP_TIMEOUT_MS, HTTP_METHODS } from './http';
import { FIRST_SCRIPT, SCRIPT_LIMITS } from './script';

/** Choices of what a handler does with a message. */
export const behaviourOptions = [
  { value: 'log', label: 'Log', help: 'Acknowledges every message.' },
  { value: 'simulate', label: 'Simulate', help: 'Takes its time, and fails now and then.' },
  { value: 'route', label: 'Route', help: 'Sends each message on by rules: key, headers, type or body.' },
  { value: 'http', label: 'HTTP', help: 'Sends each message to a URL; an answer that is no success is a failure.' },
  { value: 'script', label: 'Script', help: 'Runs your TypeScript or JavaScript, isolated and limited.' },
];

/** Does Tapline run the handler, and does it behave like this? */
export const behavesAs =
  (behaviour: string) =>
  ({ settings }: { settings: SettingsRecord }): boolean =>
    settings.runsIn !== 'elsewhere' && settings.behaviour === behaviour;

const OUTPUT_HELP =
  'Name of a publish link of this handler: its own name, else its target’s. Links of one name all get the message.';

const isCompared = ({ settings }: FieldContext) => settings.is !== 'exists' && settings.is !== 'missing';

const ruleFields: Field[] = [
  {
    control: 'text',
    path: ['name'],
    label: 'Name',
    help: 'What the route is called in counters. Default: its output.',
  },
  {
    control: 'text',
    path: ['routingKey'],
    label: 'Routing key',
    placeholder: 'any',
    help: 'Equal, or a topic pattern: * is one word between dots, # any number.',
  },
  { control: 'text', path: ['type'], label: 'Message type', placeholder: 'any' },
  {
    control: 'arguments',
    path: ['headers'],
    label: 'Headers',
    help: 'All of them must match; with x-match any, one is enough. A void value asks only that the header is there.',
  },
  {
    control: 'rows',
    path: ['body'],
    label: 'Body',
    itemLabel: 'Condition',
    mayBeEmpty: true,
    help: 'All of them must hold. A body that is not JSON has no values.',
    fields: [
      { control: 'text', path: ['path'], label: 'Value', placeholder: 'order.lines[0].sku' },
      {
        control: 'select',
        path: ['is'],
        label: 'Comparison',
        default: 'equals',
        options: COMPARISONS.map(({ value, label }) => ({ value, label })),
      },
      {
        control: 'text',
        path: ['value'],
        label: 'With',
        help: 'Numbers compare as numbers, all else as text.',
        appliesTo: isCompared,
      },
    ],
  },
  { control: 'text', path: ['output'], label: 'Output', help: OUTPUT_HELP },
];

/** Fields of the behaviour `route`. */
export const routeFields: Field[] = [
  {
    control: 'rows',
    path: ['route', 'rules'],
    label: 'Rules',
    itemLabel: 'Rule',
    mayBeEmpty: true,
    help: 'The first rule whose conditions all hold decides; a rule without conditions takes what is left.',
    fields: ruleFields,
    appliesTo: behavesAs('route'),
  },
  {
    control: 'text',
    path: ['route', 'defaultOutput'],
    label: 'Default output',
    placeholder: 'none',
    help: 'For messages that no rule takes. Without one they end here, counted as unmatched.',
    appliesTo: behavesAs('route'),
  },
];

/** Fields of the behaviour `http`. */
export const httpFields: Field[] = [
  {
    control: 'text',
    path: ['http', 'url'],
    label: 'URL',
    placeholder: 'https://api.example.com/orders',
    help: 'Gets the body, and the message’s headers as its own. {{var.NAME}} is a variable of the environment. Redirects are not followed.',
    appliesTo: behavesAs('http'),
  },
  {
    control: 'select',
    path: ['http', 'method'],
    label: 'Method',
    default: 'POST',
    options: HTTP_METHODS.map((value) => ({ value, label: value })),
    appliesTo: behavesAs('http'),
  },
  {
    control: 'text',
    path: ['http', 'successStatuses'],
    label: 'Success',
    placeholder: '2xx',
    help: 'Statuses that are successes: 2xx, 404, 300-303. All others are failures.',
    appliesTo: behavesAs('http'),
  },
  {
    control: 'text',
    path: ['http', 'responseOutput'],
    label: 'Response goes to',
    placeholder: 'nowhere',
    help: `The response’s body leaves by this output, at most 1 MB. ${OUTPUT_HELP}`,
    appliesTo: behavesAs('http'),
  },
  {
    control: 'number',
    path: ['http', 'timeoutMs'],
    label: 'Time-out',
    unit: 'ms',
    integer: true,
    min: 1,
    max: 600_000,
    default: DEFAULT_HTTP_TIMEOUT_MS,
    group: 'Request',
    appliesTo: behavesAs('http'),
  },
  {
    control: 'rows',
    path: ['http', 'headers'],
    label: 'Headers',
    itemLabel: 'Header',
    mayBeEmpty: true,
    help: 'Beside those of the message. A flow is a file that others read: no passwords.',
    group: 'Request',
    fields: [
      { control: 'text', path: ['name'], label: 'Name', placeholder: 'X-Source' },
      { control: 'text', path: ['value'], label: 'Value' },
    ],
    appliesTo: behavesAs('http'),
  },
];

/** Fields of the behaviour `script`. */
export const scriptFields: Field[] = [
  {
    control: 'code',
    path: ['script', 'code'],
    label: 'Script',
    language: 'typescript',
    default: FIRST_SCRIPT,
    help: 'export default function (message, ctx) { … }, or only the body of that function. ctx.publish(output, body, options) sends when the script has succeeded; a returned value leaves by the only output; throwing is failing. No network, files, timers, imports or console: use ctx.log. Variables outside of the function last until the handler ends or a message breaks a limit.',
    appliesTo: behavesAs('script'),
  },
  {
    control: 'number',
    path: ['script', 'timeLimitMs'],
    label: 'Time limit',
    unit: 'ms',
    integer: true,
    min: SCRIPT_LIMITS.timeMs.min,
    max: SCRIPT_LIMITS.timeMs.max,
    default: SCRIPT_LIMITS.timeMs.default,
    help: 'For one message. Scripts share a thread: others wait meanwhile.',
    group: 'Limits',
    appliesTo: behavesAs('script'),
  },
  {
    control: 'number',
    path: ['script', 'memoryLimitMb'],
    label: 'Memory limit',
    unit: 'MB',
    min: SCRIPT_LIMITS.memoryMb.min,
    max: SCRIPT_LIMITS.memoryMb.max,
    default: SCRIPT_LIMITS.memoryMb.default,
    group: 'Limits',
    appliesTo: behavesAs('script'),
  },
];
