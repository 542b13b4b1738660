// The unmodified npm client. Its timers are short where it waits before it does something, and long where it gives something up:
// a machine that stands still for seconds must not look like a server that does not answer.
import { createRequire } from 'node:module'
import { PATIENCE_MS } from './deadline.mjs'
import { clientOptionsOf, FORMAT } from './formats.mjs'

// From Node 22 on the client would pick the built-in WebSocket, which cannot be cut like a broken line; keep it on `ws`.
delete globalThis.WebSocket
const require = createRequire(import.meta.url)
const { DeepstreamClient, C } = require('@deepstream/client')
const { REMOTE_WINS, LOCAL_WINS } = require('@deepstream/client/dist/src/record/merge-strategy')

export { C, LOCAL_WINS, REMOTE_WINS }

const OPTIONS = {
  nativeTimerRegistry: true,
  subscriptionInterval: 5,
  recordDiscardTimeout: 20,
  reconnectIntervalIncrement: 20,
  maxReconnectInterval: 200,
  maxReconnectAttempts: 1_000,
  subscriptionTimeout: 2 * PATIENCE_MS,
  offlineBufferTimeout: 2 * PATIENCE_MS
}

/** A client that is not logged in, and everything it complained about. Takes the client's options and a `format`. */
export function newClient (url, { format = FORMAT, ...options } = {}) {
  const client = new DeepstreamClient(url, { ...OPTIONS, ...clientOptionsOf(format), ...options })
  const complaints = []
  client.on('error', (detail, event, topic) => {
    complaints.push(`${topic} ${event} ${detail?.message ?? JSON.stringify(detail)}`.slice(0, 300))
  })
  return { client, complaints }
}

/** Cuts the line under a client, as a broken network does. */
export function cut (client) {
  client.services.connection.endpoint.terminate()
}

/** Requests of this client that still wait for their answer or acknowledgement. */
export function unanswered (client) {
  return [...client.services.timeoutRegistry.register.keys()]
}

/** Stops reading from a client's socket: what the server sends waits in the kernel, what the client sends still goes out. */
export function deafen (client) {
  client.services.connection.endpoint._socket.pause()
}

/** Undoes deafen. */
export function hear (client) {
  client.services.connection.endpoint._socket.resume()
}

/** Does the client still wait for the state of a record that it asked for to merge? The answer replaces what it has meanwhile. */
export function isReading (client, name) {
  return client.record.recordServices.readRegistry.internalRequests.has(name)
}

/** Has the server acknowledged all that was subscribed to and provided, also what is still being collected? */
export function isAcknowledged (client) {
  const collected = [client.event, client.presence, client.rpc].map(handler => handler.bulkSubscription)
  return collected.every(bulk => bulk.subscribeNames.size + bulk.unsubscribeNames.size === 0) && unanswered(client).length === 0
}

/**
 * Does the client know again what the server has of a record? Until then, after a reconnect, its writes carry versions of before,
 * and it takes a record for deleted that it has written several times meanwhile.
 */
export function isInStep (client, name) {
  return coreOf(client, name).recordState === 'READY'
}

/** Where the client says what happens to an open record besides its changes: `error`, `hasProviderChanged`. Its Record does not pass them on. */
export function coreOf (client, name) {
  return client.record.recordCores.get(name)
}
