import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { Failure } from '@shared/failure';
import type { ConnectionTarget } from './driver';

/** Options both `tls.connect` and `https.request` take. */
export interface TlsOptions {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  rejectUnauthorized?: boolean;
  servername?: string;
}

function readFile(path: string | undefined, what: string, refuse: (sentence: string) => Failure): Buffer | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path);
  } catch {
    throw refuse(`The ${what} file ${path} cannot be read.`);
  }
}

/** Reads and checks the files of a target's TLS settings. @throws Failure `connect/tls-file` */
export function tlsOptions({ tls, broker }: ConnectionTarget): TlsOptions {
  if (!tls) return {};
  const refuse = (sentence: string) => new Failure('connect/tls-file', sentence, { object: broker });
  const ca = readFile(tls.caFile, 'CA', refuse);
  const cert = readFile(tls.certFile, 'certificate', refuse);
  const key = readFile(tls.keyFile, 'key', refuse);
  // Node takes a CA file without a certificate, and a certificate without its key, as if nothing had been given.
  if (ca && !holdsCertificate(ca)) throw refuse(`The CA file ${tls.caFile} holds no certificate (PEM).`);
  if (cert && !holdsCertificate(cert)) throw refuse(`The certificate file ${tls.certFile} holds no certificate (PEM).`);
  if (cert && !key) throw refuse(`The client certificate ${tls.certFile} needs the file of its key.`);
  if (key && !cert) throw refuse(`The client key ${tls.keyFile} needs the file of its certificate.`);
  if (key && !isKeyOf(cert, key))
    throw refuse(
      `The client key ${tls.keyFile} does not belong to the certificate ${tls.certFile}, or is not a key (PEM, without a passphrase).`,
    );
  return {
    ca,
    cert,
    key,
    rejectUnauthorized: tls.verify,
    ...(tls.serverName ? { servername: tls.serverName } : {}),
  };
}

function holdsCertificate(pem: Buffer): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function isKeyOf(cert: Buffer | undefined, key: Buffer): boolean {
  try {
    createSecureContext({ cert, key });
    return true;
  } catch {
    return false;
  }
}
