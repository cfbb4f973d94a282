/** What the sandbox says it is; its answers are compared with this release's. */
export const REDIS_VERSION = '7.0.15';
