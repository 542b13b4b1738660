// The HTTP API of the servers under test.
import assert from 'node:assert/strict'
import { nextUrl } from './servers.mjs'

const json = { 'content-type': 'application/json' }

/** A request to the next node. */
export function request (path, options) {
  return fetch(nextUrl().replace(/^ws/, 'http') + path, options)
}

/** Posts a batch; answers its result and the results of its items. */
export async function batch (...items) {
  const response = await request('/api', { method: 'POST', headers: json, body: JSON.stringify({ body: items }) })
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return JSON.parse(text)
}

/** As above; answers the response itself. */
export function post (path, body) {
  return request(path, { method: 'POST', headers: json, body: JSON.stringify(body) })
}

export const emit = (eventName, data) => ({ topic: 'event', action: 'emit', eventName, data })
export const make = (rpcName, data) => ({ topic: 'rpc', action: 'make', rpcName, data })
export const record = (action, recordName, more = {}) => ({ topic: 'record', action, recordName, ...more })
export const write = (recordName, data, version) => record('write', recordName, { data, version })
export const list = (action, listName, data) => ({ topic: 'list', action, listName, data })
export const presence = names => ({ topic: 'presence', action: 'query', names })
