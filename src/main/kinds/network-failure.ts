import { Failure } from '@shared/failure';

/** What a sentence on a connection names. */
export interface ConnectionNames {
  /** Broker id in the flow. */
  broker: string;
  /** Hosts and ports, as people read them. */
  where: string;
  /** What ought to run there: `RabbitMQ`. */
  product: string;
}

const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
]);

/** One sentence for what the network or TLS said, by Node's error code; undefined for anything else. */
export function networkFailure(
  code: string,
  error: unknown,
  { broker, where, product }: ConnectionNames,
): Failure | undefined {
  const fail = (reason: string, sentence: string, hint?: string, retryable = true) =>
    new Failure(`connect/${reason}`, sentence, { hint, object: broker, retryable, cause: error });
  if (UNTRUSTED.has(code)) {
    const message = error instanceof Error ? error.message : String(error);
    return fail(
      'certificate',
      `The certificate of ${where} is not trusted: ${message}.`,
      'Give the CA file of the broker in the connection.',
      false,
    );
  }
  switch (code) {
    case 'ECONNREFUSED':
      return fail(
        'refused',
        `Nothing answers at ${where} (broker “${broker}”).`,
        `Is ${product} running there, and is the port right?`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail('unknown-host', `There is no host of that name: ${where} (broker “${broker}”).`);
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
      return fail('timeout', `${where} does not answer (broker “${broker}”).`);
    default:
      return undefined;
  }
}
