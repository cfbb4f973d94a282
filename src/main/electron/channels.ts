/** IPC channels between preload and main process. Free of other imports: the preload must stay tiny. */
export const CONNECT_CHANNEL = 'tapline:connect';
export const PORT_CHANNEL = 'tapline:engine-port';
