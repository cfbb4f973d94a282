import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, extname, join, resolve, sep } from 'node:path';

/** What the page may load and do, in the window and in the browser alike; `connect` are further places it may connect to. */
export function contentPolicy(connect: string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    // The components set their styles from script; a style cannot run code or, with the rules below, send anything out.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    ["connect-src 'self'", ...connect].join(' '),
    "worker-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** A file of the page, or why there is none. */
export type PageFile =
  | { found: true; body: Buffer; type: string; isEntry: boolean }
  | { found: false; status: 403 | 404 };

/**
 * Reads the file a URL path means inside `folder`; `/` is `index.html`. Paths that lead out of the folder, by `..`, by encoded
 * separators or by a symbolic link, are refused.
 */
export async function readPageFile(folder: string, urlPath: string): Promise<PageFile> {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return { found: false, status: 404 };
  }
  if (path.includes('\0') || path.includes('\\')) return { found: false, status: 403 };
  const wanted = resolve(folder, `.${path === '/' ? '/index.html' : path}`);
  if (!wanted.startsWith(folder + sep)) return { found: false, status: 403 };
  try {
    const [file, root] = await Promise.all([realpath(wanted), realpath(folder)]);
    if (!file.startsWith(root + sep)) return { found: false, status: 403 };
    const body = await readFile(file);
    return {
      found: true,
      body,
      type: TYPES[extname(file)] ?? 'application/octet-stream',
      isEntry: wanted === join(folder, 'index.html'),
    };
  } catch {
    return { found: false, status: 404 };
  }
}

/** The built page: `out/renderer`, seen from the built programs and from the sources. @throws when it is not built */
export function pageFolder(from: string = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const candidate of [join(folder, 'renderer'), join(folder, 'out', 'renderer')]) {
      if (existsSync(join(candidate, 'index.html')) && existsSync(join(candidate, 'assets'))) return candidate;
    }
    if (folder === dirname(folder)) throw new Error('The page is not built: run "npm run build" first.');
  }
}
