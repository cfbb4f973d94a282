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

const GIVE_CA = 'Give the CA file of the authority that signed it in the connection.';

/** Why a certificate is not trusted, by Node's error code: what to do about it. */
const UNTRUSTED = new Map([
  ['SELF_SIGNED_CERT_IN_CHAIN', GIVE_CA],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', GIVE_CA],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', GIVE_CA],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', GIVE_CA],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'Use a host that the certificate names, or give one as the server name.'],
  ['CERT_HAS_EXPIRED', 'The broker needs a new one.'],
]);

/** One sentence for what the network or TLS said, by Node's error code; undefined for anything else. */
export function networkFailure(
  code: string,
  error: unknown,
  { broker, where, product }: ConnectionNames,
): Failure | undefined {
  const fail = (reason: string, sentence: string, hint?: string, retryable = true) =>
    new Failure(`connect/${reason}`, sentence, { hint, object: broker, retryable, cause: error });
  const untrusted = UNTRUSTED.get(code);
  if (untrusted) {
    const message = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
    return fail('certificate', `The certificate of ${where} is not trusted: ${message}.`, untrusted, false);
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
