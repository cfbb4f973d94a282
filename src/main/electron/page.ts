import { protocol } from 'electron';
import { contentPolicy, readPageFile } from '../engine/page-files';

const SCHEME = 'app';
const ORIGIN = `${SCHEME}://tapline`;

/** Must run before the app is ready: makes `app://tapline` an origin like any https one. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built page under `app://tapline` with a strict content policy; nothing outside its folder can be read. */
export function servePage(folder: string): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    const headers = {
      'Content-Security-Policy': contentPolicy(),
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    };
    if (url.host !== 'tapline' || request.method !== 'GET')
      return new Response('Not allowed.', { status: 403, headers });
    const file = await readPageFile(folder, url.pathname);
    if (!file.found) return new Response('Not found.', { status: file.status, headers });
    return new Response(new Uint8Array(file.body), { headers: { ...headers, 'Content-Type': file.type } });
  });
}

/** The page's address: the built one, or the development server's when there is one. */
export function pageUrl(developmentUrl: string | undefined): string {
  return developmentUrl ?? `${ORIGIN}/index.html`;
}

/** Is this our page? Everything else may neither be navigated to nor speak to the main process. */
export function isPageUrl(url: string, developmentUrl: string | undefined): boolean {
  try {
    const { protocol: scheme, host, origin } = new URL(url);
    if (developmentUrl && origin !== 'null' && origin === new URL(developmentUrl).origin) return true;
    return scheme === `${SCHEME}:` && host === 'tapline';
  } catch {
    return false;
  }
}
