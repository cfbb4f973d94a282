/** Path of the WebSocket that carries the contract to a browser (`@orpc/server/ws`). */
export const RPC_PATH = '/rpc';

/** Query parameter that carries the host's token: on the page's URL, and on the WebSocket's. */
export const TOKEN_PARAMETER = 'token';

/**
 * Electron: the page posts `{ type: PORT_REQUEST }` to its own window whenever it needs a (new) port, and the preload answers
 * with `{ type: PORT_MESSAGE }` and one MessagePort transferred (`@orpc/server/message-port` on the other end).
 */
export const PORT_REQUEST = 'tapline:port-request';
export const PORT_MESSAGE = 'tapline:port';

/** Global (`contextBridge.exposeInMainWorld(PORT_GLOBAL, true)`) by which the page knows that a port will come and no WebSocket is needed. */
export const PORT_GLOBAL = 'taplineUsesPort';
