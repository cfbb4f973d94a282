import type { Problem } from '@shared/flow/problem';
import { endNode, type Flow } from '@shared/flow/schema';
import { compileTemplate } from './template';

/** Placeholders that mean nothing. Variables and faker fields are known only where the flow runs, and looked at there. */
export function checkPublishers(flow: Flow): Problem[] {
  const ofNodes = Object.entries(flow.nodes).flatMap(([id, { type, settings }]) =>
    type === 'publisher' && settings['runsIn'] !== 'elsewhere'
      ? templatesOf(settings).flatMap(([path, text]) => problemsOf({ type: 'node', id }, path, text))
      : [],
  );
  const ofLinks = Object.entries(flow.links).flatMap(([id, { type, from, settings }]) => {
    const publisher = flow.nodes[endNode(from) ?? ''];
    const { routingKey } = settings;
    return type === 'publish' && publisher?.type === 'publisher' && typeof routingKey === 'string'
      ? problemsOf({ type: 'link', id }, ['routingKey'], routingKey)
      : [];
  });
  return [...ofNodes, ...ofLinks];
}

/** Every text of a publisher that is filled in, with its path below `settings`. */
function templatesOf(settings: Readonly<Record<string, unknown>>): [path: string[], text: string][] {
  const given: [string[], unknown][] = [
    [['body'], settings['body']],
    [['routingKey'], settings['routingKey']],
    ...['headers', 'properties'].flatMap((group) =>
      Object.entries({ ...(settings[group] as object | undefined) }).map(([name, value]): [string[], unknown] => [
        [group, name],
        value,
      ]),
    ),
  ];
  return given.filter((one): one is [string[], string] => typeof one[1] === 'string');
}

function problemsOf(subject: Problem['subject'], path: readonly string[], text: string): Problem[] {
  return compileTemplate(text).problems.map(({ message }) => ({
    code: 'publish/placeholder',
    severity: 'error',
    subject,
    field: ['settings', ...path].join('.'),
    message,
  }));
}
