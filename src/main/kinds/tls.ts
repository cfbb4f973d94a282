import { readFileSync } from 'node:fs';
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

function readPem(path: string | undefined, what: string, broker: string): Buffer | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path);
  } catch {
    throw new Failure('connect/tls-file', `The ${what} file ${path} cannot be read.`, { object: broker });
  }
}

/** Reads the files of a target's TLS settings. @throws Failure `connect/tls-file` */
export function tlsOptions({ tls, broker }: ConnectionTarget): TlsOptions {
  if (!tls) return {};
  return {
    ca: readPem(tls.caFile, 'CA', broker),
    cert: readPem(tls.certFile, 'certificate', broker),
    key: readPem(tls.keyFile, 'key', broker),
    rejectUnauthorized: tls.verify,
    ...(tls.serverName ? { servername: tls.serverName } : {}),
  };
}
