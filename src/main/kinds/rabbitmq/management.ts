import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Failure } from '@shared/failure';
import type { ConnectionTarget } from '../driver';
import { tlsOptions } from '../tls';
import { parseExactJson } from './exact-json';
import { readAddress } from './target';

/** Objects a page of a list holds. */
const PAGE_SIZE = 500;
/** A list that changes while its pages are read is read again, so that nothing slips from page to page; so often at most. */
const MAX_READS = 3;
const TIMEOUT_MS = 30_000;
/** A usual port that a firewall swallows must not hold a plan up. */
const PROBE_TIMEOUT_MS = 5000;
const MAX_SOCKETS = 8;

export interface ManagementAnswer {
  status: number;
  body: unknown;
}

/** Client of RabbitMQ's management HTTP API. https://www.rabbitmq.com/docs/http-api-reference */
export class ManagementClient {
  readonly baseUrl: URL;
  private readonly agent: HttpAgent;
  private readonly authorization: string;

  /** @throws Failure `management/bad-url` */
  constructor(
    private readonly target: ConnectionTarget,
    url: string,
  ) {
    const { username, password } = readAddress(target);
    let base: URL;
    try {
      base = new URL(url);
    } catch {
      throw new Failure('management/bad-url', `The management URL of the broker “${target.broker}” cannot be read.`, {
        hint: 'Write it like http://host:15672.',
        object: target.broker,
      });
    }
    if (!/^https?:$/.test(base.protocol))
      throw new Failure(
        'management/bad-url',
        `The management URL of the broker “${target.broker}” must begin with http:// or https://.`,
        { object: target.broker },
      );
    const user = base.username ? decodeURIComponent(base.username) : username;
    const secret = base.username ? decodeURIComponent(base.password) : password;
    this.authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
    base.username = '';
    base.password = '';
    base.pathname = base.pathname.replace(/\/(api\/?)?$/, '');
    this.baseUrl = base;
    const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this.agent =
      base.protocol === 'https:' ? new HttpsAgent({ ...sockets, ...tlsOptions(target) }) : new HttpAgent(sockets);
  }

  /** One call; resolves with any status. @throws Failure `management/unreachable` */
  call(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    timeout = TIMEOUT_MS,
  ): Promise<ManagementAnswer> {
    const url = new URL(this.baseUrl.href.replace(/\/$/, '') + path);
    const data = body === undefined ? undefined : JSON.stringify(body);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: this.authorization,
        'content-type': 'application/json',
        ...(data === undefined ? {} : { 'content-length': Buffer.byteLength(data) }),
      };
      const request = send(url, { method, agent: this.agent, timeout, signal, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: parseBody(Buffer.concat(chunks).toString()) }),
        );
      });
      const fail = (error: Error) => reject(signal?.aborted ? error : this.unreachable(error));
      request.on('timeout', () => request.destroy(new Error('no answer')));
      request.on('error', fail);
      request.end(data);
    });
  }

  /** GET of something that must be there. @throws Failure */
  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const { status, body } = await this.call('GET', path, undefined, signal);
    if (status !== 200) throw this.refused('GET', path, status, body);
    return body as T;
  }

  /** Is this RabbitMQ's management API, and may we in? @throws Failure */
  async probe(signal?: AbortSignal): Promise<void> {
    const path = '/api/overview?disable_stats=true';
    const { status, body } = await this.call('GET', path, undefined, signal, PROBE_TIMEOUT_MS);
    if (status === 401 || status === 403) throw this.refused('GET', path, status, body);
    const isManagement = status === 200 && typeof body === 'object' && body !== null && 'management_version' in body;
    if (!isManagement)
      throw new Failure(
        'management/not-rabbitmq',
        `What answers at ${this.baseUrl.origin} is not RabbitMQ’s management API.`,
        { hint: 'It usually has the port 15672, with TLS 15671.', object: this.target.broker },
      );
  }

  /** Every item of a list, page by page where the endpoint has pages. @throws Failure */
  async list<T>(path: string, signal?: AbortSignal): Promise<T[]> {
    for (let read = 1; ; read++) {
      const { items, isWhole } = await this.readPages<T>(path, signal);
      if (isWhole || read === MAX_READS) return items;
    }
  }

  private async readPages<T>(path: string, signal?: AbortSignal): Promise<{ items: T[]; isWhole: boolean }> {
    const items: T[] = [];
    const totals = new Set<number>();
    const joiner = path.includes('?') ? '&' : '?';
    for (let page = 1; ; page++) {
      const { status, body: answer } = await this.call(
        'GET',
        `${path}${joiner}page=${page}&page_size=${PAGE_SIZE}`,
        undefined,
        signal,
      );
      // The list became shorter than what was read of it.
      if (status === 400 && page > 1) return { items, isWhole: false };
      if (status !== 200) throw this.refused('GET', path, status, answer);
      const body = answer as T[] | { items: T[]; page_count: number; total_count: number };
      if (Array.isArray(body)) return { items: body, isWhole: true };
      items.push(...body.items);
      totals.add(body.total_count);
      if (page >= body.page_count) return { items, isWhole: totals.size === 1 };
    }
  }

  /** A change. @throws Failure with the broker's own reason when it is refused */
  async change(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal): Promise<void> {
    const { status, body: answer } = await this.call(method, path, body, signal);
    if (status >= 300 && !(method === 'DELETE' && status === 404)) throw this.refused(method, path, status, answer);
  }

  close(): void {
    this.agent.destroy();
  }

  private unreachable(error: Error): Failure {
    return new Failure(
      'management/unreachable',
      `The management API at ${this.baseUrl.origin} does not answer: ${error.message}.`,
      {
        hint: 'Is the management plugin enabled, and is the URL right?',
        object: this.target.broker,
        retryable: true,
        cause: error,
      },
    );
  }

  private refused(method: string, path: string, status: number, body: unknown): Failure {
    const reason = typeof body === 'object' && body !== null && 'reason' in body ? String(body.reason) : '';
    const object = this.target.broker;
    if (status === 401 || status === 403) {
      const isTagMissing = /not.*(management|monitoring|administrator|policymaker)/i.test(reason);
      return new Failure(
        'management/unauthorized',
        isTagMissing
          ? `The user may not do this through the management API: ${reason}.`
          : `The management API at ${this.baseUrl.origin} refuses user or password${reason ? `: ${reason}` : ''}.`,
        {
          hint: 'The user needs the tag “management”, for policies “policymaker”.',
          object,
        },
      );
    }
    if (status === 404)
      return new Failure(
        'management/not-found',
        `The management API at ${this.baseUrl.origin} has no ${path.split('?')[0]}.`,
        { object },
      );
    return new Failure('management/refused', reason || `${method} ${path.split('?')[0]} was answered with ${status}.`, {
      object,
    });
  }
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}

/** Management API by what is known of a target: its own URL, else the usual port with the same credentials. */
export type FoundManagement = { client: ManagementClient } | { client: null; reason: string };

/** Looks for the management API: at the URL that was given, else on the usual port of each host. */
export async function findManagement(target: ConnectionTarget, signal?: AbortSignal): Promise<FoundManagement> {
  const { hosts, tls } = readAddress(target);
  const usual = hosts.map(
    ({ hostname }) =>
      `${tls ? 'https' : 'http'}://${hostname.includes(':') ? `[${hostname}]` : hostname}:${tls ? 15_671 : 15_672}`,
  );
  let reason = '';
  for (const url of target.managementUrl ? [target.managementUrl] : usual) {
    const client = new ManagementClient(target, url);
    try {
      await client.probe(signal);
      return { client };
    } catch (error) {
      client.close();
      if (!(error instanceof Failure)) throw error;
      reason ||= error.message;
    }
  }
  return {
    client: null,
    reason: target.managementUrl ? reason : `No management URL was given, and on the usual port: ${reason}`,
  };
}
