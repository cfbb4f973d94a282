import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';

const provided = inject('rabbitmq');

/**
 * False where a sandbox takes the place of RabbitMQ: `describe.skipIf(!hasRabbit)` around what is about RabbitMQ's own behaviour.
 * The run says why.
 */
export const hasRabbit = provided.missing === undefined;

/** A vhost of a test's own on the run's broker. */
export interface TestVhost {
  vhost: string;
  /** AMQP URL with credentials and this vhost. */
  url: string;
  /** Base URL of the management API, without credentials. */
  managementUrl: string;
  username: string;
  password: string;
  /** Calls the management API; throws on a status of 400 or more. `path` begins with `/api`. */
  management: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** `/api` paths want the vhost percent-encoded. */
  encoded: string;
  remove: () => Promise<void>;
}

/** Creates a fresh vhost on the shared broker, RabbitMQ or sandbox; 15 to 20 ms. Call `remove` in `afterAll`. */
export async function createVhost(label = 'test'): Promise<TestVhost> {
  const base = new URL(provided.url);
  const username = decodeURIComponent(base.username || 'guest');
  const password = decodeURIComponent(base.password || 'guest');
  const vhost = `${label}-${randomUUID().slice(0, 8)}`;
  const encoded = encodeURIComponent(vhost);
  const managementUrl = provided.managementUrl.replace(/\/$/, '');

  const management = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(managementUrl + path, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status >= 400) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };

  await management('PUT', `/api/vhosts/${encoded}`, {});
  await management('PUT', `/api/permissions/${encoded}/${encodeURIComponent(username)}`, {
    configure: '.*',
    write: '.*',
    read: '.*',
  });
  base.pathname = `/${encoded}`;
  return {
    vhost,
    url: base.href,
    managementUrl,
    username,
    password,
    management,
    encoded,
    remove: async () => {
      await management('DELETE', `/api/vhosts/${encoded}`);
    },
  };
}
