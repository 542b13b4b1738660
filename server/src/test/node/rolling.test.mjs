// Node after node of a cluster is restarted in good order under its clients. Run by NpmRollingRestartIT.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { isAcknowledged, isInStep } from './lib/clients.mjs'
import { controlled, restartNode } from './lib/control.mjs'
import { eventually, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

const NODES = 3
const CLIENTS = 2 * NODES

/** Counts how often a client loses its connection, or cannot have one. */
function watch (client) {
  const seen = { lost: 0 }
  client.on('connectionStateChanged', state => { seen.lost += state === 'RECONNECTING' ? 1 : 0 })
  return seen
}

for (let node = 0; controlled && node < NODES; node++) {
  scenario(`a restart of node ${node} costs no client more than one reconnect`, async ({ connectAll, mayComplain, unique }) => {
    // A client that reads what it has missed takes the next change for a wrong one, says so, and reads once more.
    mayComplain(/"INVALID_VERSION","fromState":"MERGING"/)
    const clients = await connectAll(CLIENTS)
    const [name, event, rpc] = [unique(), unique('event'), unique('rpc')]
    // One for each, because of two who write the same version one would have to give in; but all follow all of them.
    const names = clients.map((client, i) => `${name}/${i}`)
    const records = await Promise.all(clients.map(client => Promise.all(names.map(each => client.record.getRecord(each).whenReady()))))
    const heard = clients.map(() => new Set())
    clients.forEach((client, i) => client.event.subscribe(event, from => heard[i].add(from)))
    // Of two on one node and one elsewhere there is always somebody.
    for (const client of clients.slice(0, NODES + 1)) client.rpc.provide(rpc, (data, response) => response.send(data))
    await until(() => clients.every(isAcknowledged), 'the subscriptions')
    const seen = clients.map(watch)

    let done = false
    const failed = []
    const written = await Promise.all([
      ...clients.map(async (client, i) => {
        let n = 0
        while (!done) {
          await until(() => client.getConnectionState() === 'OPEN' && isInStep(client, names[i]), 'the connection')
          n++
          // What was sent while the close was on its way is not acknowledged; the client says so and writes it again.
          await records[i][i].setWithAck('n', n).catch(reason => failed.push(`write: ${reason}`))
          await client.rpc.make(rpc, n).catch(reason => failed.push(`call: ${reason}`))
          await pause(20)
        }
        return n
      }),
      within(restartNode(node), 'the restart').finally(() => { done = true })
    ])

    for (const seenHere of records) await eventually(() => seenHere.map(record => record.get('n')), written.slice(0, CLIENTS), 'what was written last')
    clients.forEach((client, i) => client.event.emit(event, i))
    for (const [i, from] of heard.entries()) await until(() => from.size === CLIENTS - 1 + from.has(i), 'the events')
    assert.ok(seen.every(each => each.lost <= 1), JSON.stringify(seen))
    // Each node has had two of them.
    assert.equal(seen.filter(each => each.lost === 1).length, CLIENTS / NODES, JSON.stringify(seen))
    assert.ok(failed.length <= CLIENTS / NODES, `one each of those who had to move: ${failed}`)
  })
}
