const LOOK_EVERY_MS = 500;

/**
 * Calls `stop` when this runs as a script of npm and npm has been ended. npm hands a signal on to the shell it started, and some
 * shells (Debian's among them) end without telling their child.
 */
export function whenNpmEnds(stop: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, LOOK_EVERY_MS);
  timer.unref();
}
