import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { TOKEN_PARAMETER } from '@shared/api/wire';

/** What a request must prove. */
export interface Gate {
  /** Random, new at every start. */
  token: string;
  port: number;
  /** As given with `--host`. */
  host: string;
}

/** Cookies are shared by all ports of a host, so the name carries the port. */
export function cookieName(port: number): string {
  return `tapline-${port}`;
}

/** Scripts cannot read it, other sites cannot make the browser send it. */
export function cookieHeader(gate: Gate): string {
  return `${cookieName(gate.port)}=${gate.token}; HttpOnly; SameSite=Strict; Path=/`;
}

function isToken(gate: Gate, candidate: string | null | undefined): boolean {
  if (!candidate) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(candidate), digest(gate.token));
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=');
    if (key === name) return value;
  }
  return undefined;
}

/** The request's URL; only path and query mean anything. */
export function urlOf(request: IncomingMessage): URL | null {
  try {
    return new URL(`http://tapline.invalid${request.url?.startsWith('/') ? request.url : '/'}`);
  } catch {
    return null;
  }
}

/** Does the request carry the token in its query? Then it may have the cookie. */
export function hasTokenInQuery(gate: Gate, request: IncomingMessage): boolean {
  return isToken(gate, urlOf(request)?.searchParams.get(TOKEN_PARAMETER));
}

/** Does the request carry the token, in its query or cookie? */
export function isAuthorised(gate: Gate, request: IncomingMessage): boolean {
  return hasTokenInQuery(gate, request) || isToken(gate, cookieOf(request, cookieName(gate.port)));
}

/**
 * Is the Host header one of ours? A page of another site whose name was pointed at this machine (DNS rebinding) sends that
 * site's name; a numeric address cannot be rebound.
 */
export function isOwnHost(gate: Gate, request: IncomingMessage): boolean {
  const match = (request.headers.host ?? '').match(/^(\[[^\]]+\]|[^:[\]]+)(?::(\d+))?$/);
  if (!match) return false;
  const name = (match[1] ?? '').replace(/^\[|\]$/g, '').toLowerCase();
  const port = Number(match[2] ?? 80);
  return port === gate.port && (name === 'localhost' || name === gate.host.toLowerCase() || isIP(name) !== 0);
}

/**
 * Does a WebSocket come from our own page? Browsers always say where a page is from; programs that are no browser may say
 * nothing, and still need the token.
 */
export function isOwnOrigin(request: IncomingMessage): boolean {
  const origin = request.headers.origin;
  return origin === undefined || origin === `http://${request.headers.host}`;
}
