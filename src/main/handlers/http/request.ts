import http from 'node:http';
import https from 'node:https';
import { MOST_RESPONSE_BYTES } from '@shared/kinds/common/http';
import { HandlingFailed } from '../behaviour';

interface Request {
  url: URL;
  method: string;
  agent: http.Agent;
  headers: Record<string, string>;
  body: Buffer | undefined;
  /** From the first byte sent to the last one read. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Is the body of a response with this status wanted? */
  readsBody: (status: number) => boolean;
}

interface Response {
  status: number;
  location: string | undefined;
  contentType: string | undefined;
  /** Empty when it was not wanted. */
  body: Buffer;
}

/**
 * One request and its response. @throws HandlingFailed of type `timeout`, `network` or `response too large`; the signal's
 * reason when it was aborted
 */
export async function exchange({ url, timeoutMs, signal, body, readsBody, ...options }: Request): Promise<Response> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await send(url, { ...options, signal: AbortSignal.any([signal, timeout]) }, body, readsBody);
  } catch (error) {
    if (error instanceof HandlingFailed) throw error;
    signal.throwIfAborted();
    if (timeout.aborted) throw new HandlingFailed(`${url.host} did not answer within ${timeoutMs} ms.`, 'timeout');
    const { code } = error as NodeJS.ErrnoException;
    throw new HandlingFailed(`${url.host} was not reached: ${code ?? String(error)}.`, 'network');
  }
}

function send(
  url: URL,
  options: http.RequestOptions,
  body: Buffer | undefined,
  readsBody: Request['readsBody'],
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const length = body === undefined ? {} : { 'Content-Length': body.length };
    const sent = request(url, { ...options, headers: { ...options.headers, ...length } as http.OutgoingHttpHeaders });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const about = { status, location: headers.location, contentType: headers['content-type'] };
      const isWanted = readsBody(status);
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_RESPONSE_BYTES) {
          if (isWanted) chunks.push(chunk);
          return;
        }
        // Not wanted and endless: the status is known, only the connection is not kept.
        response.destroy();
        if (!isWanted) return resolve({ ...about, body: Buffer.alloc(0) });
        const limit = `${MOST_RESPONSE_BYTES / 1024 / 1024} MB`;
        reject(new HandlingFailed(`The response of ${url.host} is larger than ${limit}.`, 'response too large'));
      });
      response.on('end', () => resolve({ ...about, body: Buffer.concat(chunks) }));
    });
    sent.end(body);
  });
}
