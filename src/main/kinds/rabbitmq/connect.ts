import { randomUUID } from 'node:crypto';
import { Failure } from '@shared/failure';
import { type ChannelModel, connect, credentials } from 'amqplib';
import type { ConnectionTarget } from '../driver';
import { networkFailure } from '../network-failure';
import { tlsOptions } from '../tls';
import { batchWrites } from './batch-writes';
import { keepPropertyBytes } from './exact-copies';
import { type RabbitAddress, readAddress } from './target';

/** A port that never answers is given up after this long. */
const CONNECT_TIMEOUT_MS = 5000;

/** Tells this process's connections from those of other Taplines on the same broker. */
export const OWN_PROCESS = randomUUID();

export interface ConnectOptions {
  /** Shown by the broker as the connection's name: `Tapline deploy`. */
  purpose: string;
  /** Default: the URL's. */
  vhost?: string;
}

/** What amqplib's `connect` takes for a host of an address: URL part and socket part. Used by live connections too. */
export function connectArguments(
  target: ConnectionTarget,
  address: RabbitAddress,
  host: RabbitAddress['hosts'][number],
  options: ConnectOptions,
) {
  const { username, password, heartbeat, mechanism, tls } = address;
  const url = {
    protocol: tls ? 'amqps' : 'amqp',
    hostname: host.hostname,
    port: host.port,
    username,
    password,
    vhost: options.vhost ?? address.vhost,
    heartbeat,
  };
  const socket = {
    // Without it a body of more than one packet waits 40 ms for the other side's delayed acknowledgement.
    noDelay: true,
    timeout: CONNECT_TIMEOUT_MS,
    clientProperties: { connection_name: `Tapline ${options.purpose}`, product: 'Tapline', process: OWN_PROCESS },
    ...(mechanism === 'EXTERNAL' ? { credentials: credentials.external() } : {}),
    ...(tls ? tlsOptions(target) : {}),
  };
  return { url, socket };
}

/** Opens one connection, trying each host in turn. The caller closes it. @throws Failure `connect/…` with one sentence */
export async function openConnection(target: ConnectionTarget, options: ConnectOptions): Promise<ChannelModel> {
  const address = readAddress(target);
  let last: unknown;
  for (const host of address.hosts) {
    try {
      const { url, socket } = connectArguments(target, address, host, options);
      const connection = await connect(url, socket);
      // An 'error' nobody listens to would end the process; 'close' follows and is what users of the connection act on.
      connection.on('error', () => {});
      batchWrites(connection);
      keepPropertyBytes(connection);
      return connection;
    } catch (error) {
      if (error instanceof Failure) throw error;
      last = error;
    }
  }
  throw explainConnectError(target, last, options.vhost);
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(code ?? cause?.code ?? '');
}

/** One sentence for what went wrong while connecting. The URL's password is never part of it. */
export function explainConnectError(target: ConnectionTarget, error: unknown, vhostName?: string): Failure {
  const { broker } = target;
  const address = readAddress(target);
  const where = address.hosts.map(({ hostname, port }) => `${hostname}:${port}`).join(', ');
  const vhost = vhostName ?? address.vhost;
  const message = error instanceof Error ? error.message : String(error);
  const fail = (reason: string, sentence: string, hint?: string, retryable = true) =>
    new Failure(`connect/${reason}`, sentence, { hint, object: broker, retryable, cause: error });
  const refusedLogin = () =>
    address.mechanism === 'EXTERNAL'
      ? fail(
          'credentials',
          `The broker “${broker}” takes nobody in by the client certificate that was given, or none was given.`,
          'EXTERNAL logs in the user that the certificate names: give its certificate and key in the connection.',
          false,
        )
      : fail(
          'credentials',
          `The broker “${broker}” does not accept user “${address.username}” with this password.`,
          undefined,
          false,
        );
  const code = codeOf(error);
  const network = networkFailure(code, error, { broker, where, product: 'RabbitMQ' });
  if (network) return network;
  switch (code) {
    case '403':
      return refusedLogin();
    case '530':
      return fail(
        'vhost',
        `The broker “${broker}” has no vhost “${vhost}”, or “${address.username}” may not use it.`,
        undefined,
        false,
      );
    default:
  }
  if (/ACCESS_REFUSED|403/.test(message)) return refusedLogin();
  if (/ConnectionOpenOk/.test(message))
    return fail(
      'vhost',
      `The broker “${broker}” has no vhost “${vhost}”, or “${address.username}” may not use it.`,
      undefined,
      false,
    );
  if (/connect ETIMEDOUT|timeout/i.test(message))
    return fail('timeout', `${where} does not answer (broker “${broker}”).`);
  if (/SSL|TLS|wrong version/i.test(message))
    return fail(
      'tls',
      `${where} does not speak TLS as expected (broker “${broker}”).`,
      'amqps:// usually goes to port 5671, amqp:// to 5672.',
      false,
    );
  const hint = address.tls ? undefined : 'If TLS is spoken there, the URL has to begin with amqps://.';
  return fail('failed', `The broker “${broker}” at ${where} closed the connection: ${message}`, hint);
}
