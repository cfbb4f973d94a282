import { describeKind } from '@renderer/kinds/descriptors';
import { checkUrl, splitUrl } from '@shared/api/connection-url';
import { type Connection, type Environment, GIVEN_ENVIRONMENT, SANDBOX_ENVIRONMENT } from '@shared/api/environment';
import { slug, uniqueId } from '@shared/flow/ids';

/** An environment being edited. Passwords typed are kept apart, by broker id, until they are saved. */
export interface Draft {
  environment: Environment;
  secrets: Record<string, string>;
}

/** The sandbox and the connections given on the command line are shown, not edited. */
export function isFixed({ id }: Pick<Environment, 'id'>): boolean {
  return id === GIVEN_ENVIRONMENT || id === SANDBOX_ENVIRONMENT;
}

export const NO_CONNECTION: Connection = { url: '', hasSecret: false };

/** The connection of a broker, an empty one if there is none. */
export function connectionOf({ environment }: Draft, broker: string): Connection {
  return environment.connections[broker] ?? NO_CONNECTION;
}

/** Changes the connection of a broker; an empty one is taken out. */
export function withConnection(draft: Draft, broker: string, part: Partial<Connection>): Draft {
  const connection = { ...connectionOf(draft, broker), ...part };
  const connections = { ...draft.environment.connections, [broker]: connection };
  const isEmpty = connection.url === '' && !connection.managementUrl && !connection.hasSecret && !connection.tls;
  if (isEmpty) delete connections[broker];
  return { ...draft, environment: { ...draft.environment, connections } };
}

/** Takes a URL as typed or pasted: its password, if any, goes where passwords go. */
export function withUrl(draft: Draft, broker: string, typed: string): Draft {
  const { url, secret } = splitUrl(typed);
  // Blanks at the end are somebody still typing.
  const next = withConnection(draft, broker, { url: secret === undefined ? typed : url });
  return secret ? withSecret(next, broker, secret) : next;
}

export function withSecret(draft: Draft, broker: string, secret: string): Draft {
  const secrets = { ...draft.secrets };
  if (secret === '') delete secrets[broker];
  else secrets[broker] = secret;
  return { ...draft, secrets };
}

/** A new, empty environment whose id and name are not taken. */
export function newEnvironment(known: readonly Environment[], wantedName = 'New environment'): Environment {
  const names = new Set(known.map(({ name }) => name));
  let name = wantedName;
  for (let count = 2; names.has(name); count++) name = `${wantedName} ${count}`;
  const ids = new Set(known.map(({ id }) => id));
  const id = uniqueId(slug(name), (candidate) => ids.has(candidate) || isFixed({ id: candidate }));
  return { id, name, protection: 'open', allowRun: false, connections: {}, variables: {} };
}

/** Problems of a draft, by the field they stand under: `name`, `url:BROKER`, `management:BROKER`, `variable:NAME`. */
export type DraftProblems = Record<string, string>;

/** Every problem at once. `brokers`: the flow's, with their kind. */
export function checkDraft(
  { environment }: Draft,
  others: readonly Environment[],
  brokers: Record<string, { kind: string }>,
): DraftProblems {
  const problems: DraftProblems = {};
  const name = environment.name.trim();
  if (name === '') problems['name'] = 'Give it a name.';
  else if (others.some((other) => other.id !== environment.id && other.name === name)) {
    problems['name'] = 'Another environment has this name.';
  }
  for (const [broker, { url, managementUrl }] of Object.entries(environment.connections)) {
    const kind = describeKind(brokers[broker]?.kind ?? '');
    const urlProblem = kind && checkUrl(url, kind.urlSchemes);
    if (urlProblem) problems[`url:${broker}`] = urlProblem;
    const managementProblem = managementUrl ? checkUrl(managementUrl, ['http', 'https']) : undefined;
    if (managementProblem) problems[`management:${broker}`] = managementProblem;
  }
  for (const variable of Object.keys(environment.variables)) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(variable)) {
      problems[`variable:${variable}`] = 'Letters, digits, _ . and -, not beginning with a digit.';
    }
  }
  return problems;
}
