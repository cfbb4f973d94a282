import { randomUUID } from 'node:crypto';
import { Failure } from '@shared/failure';
import type { FlowNode, Json } from '@shared/flow/schema';
import { type PublisherSettings, publisherSettingsSchema } from '@shared/kinds/common/schema';
import { compileTemplate, type Template, type TemplateSources } from '@shared/kinds/common/template';
import { JOURNEY_HEADERS } from '@shared/traffic/journey-headers';
import { type OutgoingMessage, type OutgoingProperties, TEXT_PROPERTIES } from '../kinds/message';

/** Templates that stand in for the publisher's own. */
export interface MessageOverrides {
  body?: string;
  /** Wins over the keys of the publish links too. */
  routingKey?: string;
  /** Added to the publisher's, replacing those of the same name. */
  headers?: Record<string, Json>;
}

/** Makes the messages of a publisher; `seq` is 1 for the first. One message goes out along every link, with that link's key. */
export type MessageMaker = (seq: number) => (link: string) => OutgoingMessage;

/** @throws Failure `publish/bad-settings` or `publish/bad-template` naming the field */
export async function createMessageMaker(
  nodeId: string,
  node: FlowNode,
  options: {
    /** Settings of the publish links, by link id. */
    links: Record<string, Record<string, Json>>;
    variables: Readonly<Record<string, string>>;
    overrides?: MessageOverrides;
  },
): Promise<MessageMaker> {
  const { links, variables, overrides = {} } = options;
  const settings = readPublisher(nodeId, node);
  const texts = JSON.stringify([node.settings, links, overrides]);
  const faker = /\{\{\s*faker\./.test(texts) ? await loadFaker() : noFaker;
  const sources: TemplateSources = { uuid: randomUUID, now: () => new Date(), variables, faker };

  const compile = (field: string, text: string): Template => {
    const { render, problems } = compileTemplate(text, {
      variables,
      hasFakerField: (name) => faker(name) !== undefined,
    });
    const [problem] = problems;
    if (!problem) return render;
    throw new Failure('publish/bad-template', `The ${field} of the publisher “${node.name}”: ${problem.message}`, {
      object: nodeId,
    });
  };

  const body = compile('body', overrides.body ?? settings.body);
  const key = compile('routing key', overrides.routingKey ?? settings.routingKey);
  const keys = new Map<string, Template>();
  for (const [link, { routingKey }] of Object.entries(links)) {
    if (overrides.routingKey === undefined && typeof routingKey === 'string')
      keys.set(link, compile('routing key', routingKey));
  }
  const headers = Object.entries({ ...settings.headers, ...overrides.headers }).map(
    ([name, value]) => [name, typeof value === 'string' ? compile(`header “${name}”`, value) : () => value] as const,
  );
  const { persistent, priority, timestamp, ...texted } = settings.properties;
  const properties = TEXT_PROPERTIES.flatMap((name) => {
    const text = texted[name];
    return text === undefined || text === '' ? [] : ([[name, compile(name, text)]] as const);
  });

  return (seq) => {
    const filled: OutgoingProperties = { persistent, ...(priority === undefined ? {} : { priority }) };
    if (timestamp) filled.timestamp = Date.now();
    for (const [name, render] of properties) filled[name] = render(sources, seq);
    const stamped: Record<string, Json> = {
      [JOURNEY_HEADERS.origin]: nodeId,
      [JOURNEY_HEADERS.journey]: filled.messageId ?? randomUUID(),
    };
    for (const [name, value] of headers) stamped[name] = value(sources, seq);
    const content = Buffer.from(body(sources, seq));
    return (link) => ({
      routingKey: (keys.get(link) ?? key)(sources, seq),
      body: content,
      headers: stamped,
      properties: filled,
    });
  };
}

/** @throws Failure `publish/bad-settings` */
export function readPublisher(nodeId: string, node: FlowNode): PublisherSettings {
  const parsed = publisherSettingsSchema.safeParse(node.settings);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Failure(
    'publish/bad-settings',
    `“${issue?.path.join('.')}” of the publisher “${node.name}” is not valid: ${issue?.message.replace(/^Invalid input: /, '')}.`,
    { object: nodeId },
  );
}

const noFaker: TemplateSources['faker'] = () => undefined;

/** faker's English data take some 100 ms to load: only flows that use it wait for it. */
async function loadFaker(): Promise<TemplateSources['faker']> {
  const { faker } = await import('@faker-js/faker');
  const modules = faker as unknown as Record<string, Record<string, unknown> | undefined>;
  const makers = new Map<string, () => unknown>();
  return (field) => {
    const known = makers.get(field);
    if (known) return String(known());
    const [group = '', name = ''] = field.split('.');
    const make = modules[group]?.[name];
    if (typeof make !== 'function') return undefined;
    makers.set(field, make as () => unknown);
    return String(make());
  };
}
