import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { Failure } from '@shared/failure';
import { httpSettingsSchema, readStatuses } from '@shared/kinds/common/http';
import { compileTemplate, type Template, type TemplateSources } from '@shared/kinds/common/template';
import { type CreateBehaviour, HandlingFailed } from '../behaviour';
import { linksByName, missingOutput } from '../outputs';
import { readSettings } from '../settings';
import { headersOf, isHeaderName } from './headers';
import { exchange } from './request';

/** Connections kept open to one server, at most. */
const MOST_SOCKETS = 64;

/**
 * Sends each message's body to a URL; the message has succeeded when the server answers with a success. Redirects are not
 * followed: they are statuses like others, so that nothing goes to a host the user did not name.
 */
export const createHttp: CreateBehaviour = async ({ settings, outputs, variables }) => {
  const { method, url, headers, timeoutMs, successStatuses, responseOutput } = readSettings(
    httpSettingsSchema,
    settings,
    'http',
  );
  const compile = (text: string, field: string): Template => {
    const { render, problems } = compileTemplate(text, { variables, hasFakerField: () => false });
    const [problem] = problems;
    if (problem) throw refused(field, problem.message);
    return render;
  };
  const sources: TemplateSources = { uuid: randomUUID, now: () => new Date(), variables, faker: () => undefined };
  const address = compile(url, 'url');
  // A URL that is wrong for the first message is wrong for all of them.
  readUrl(address(sources, 1));
  const own = headers.map(({ name, value }, index) => {
    if (!isHeaderName(name)) throw refused(`headers.${index}.name`, `“${name}” is no name of an HTTP header.`);
    return { name, value: compile(value, `headers.${index}.value`) };
  });
  const isSuccess = readStatuses(successStatuses);
  if (!isSuccess) throw refused('successStatuses', `“${successStatuses}” is not like 2xx, 404, 300-303.`);
  const links = linksByName(outputs);
  if (responseOutput && !links.has(responseOutput)) throw missingOutput(responseOutput, links);

  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: MOST_SOCKETS }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: MOST_SOCKETS }),
  };
  let seq = 0;
  return {
    async handle(message, signal) {
      seq++;
      const target = readUrl(address(sources, seq));
      const response = await exchange({
        url: target,
        method,
        agent: agents[target.protocol],
        headers: headersOf(
          message,
          own.map(({ name, value }) => [name, value(sources, seq)]),
        ),
        body: method === 'GET' ? undefined : message.body,
        timeoutMs,
        signal,
        readsBody: (status) => Boolean(responseOutput) && isSuccess(status),
      });
      const { status, location, contentType, body } = response;
      if (!isSuccess(status)) {
        const redirect = location === undefined ? '' : ' Redirects are not followed: give the address it names.';
        throw new HandlingFailed(`${target.host} answered ${status}.${redirect}`, `http ${status}`);
      }
      const forwards = (links.get(responseOutput ?? '') ?? []).map((link) => ({ link, body, contentType }));
      return { forwards, logs: [] };
    },
    async close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
};

type HttpUrl = URL & { protocol: 'http:' | 'https:' };

/** @throws Failure for a text that is no web address */
function readUrl(text: string): HttpUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url as HttpUrl;
  throw refused('url', text === '' ? 'it is empty.' : `“${text}” is no http or https address.`);
}

function refused(field: string, reason: string): Failure {
  const message = `The handler’s setting “http.${field}” is not valid: ${reason}`;
  return new Failure('handler/invalid-setting', message, { object: `http.${field}` });
}
