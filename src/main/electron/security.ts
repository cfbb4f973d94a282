import { app, type Session, shell, type WebContents } from 'electron';

/** The one thing a page may ask for: putting text on the clipboard when the user copies. */
const ALLOWED_PERMISSION = 'clipboard-sanitized-write';

/** Denies pages everything that Tapline does not need: permissions, webviews, windows, navigation away. */
export function secure(session: Session, isOwnPage: (url: string) => boolean): void {
  session.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === ALLOWED_PERMISSION && contents !== null && isOwnPage(contents.getURL())),
  );
  session.setPermissionCheckHandler(
    (contents, permission) => permission === ALLOWED_PERMISSION && contents !== null && isOwnPage(contents.getURL()),
  );
  session.setDevicePermissionHandler(() => false);
  app.on('web-contents-created', (_event, contents) => secureContents(contents, isOwnPage));
}

function secureContents(contents: WebContents, isOwnPage: (url: string) => boolean): void {
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    // Links to documentation open in the user's browser; no other scheme reaches the operating system.
    if (url.startsWith('https://')) void shell.openExternal(url);
    return { action: 'deny' };
  });
}
