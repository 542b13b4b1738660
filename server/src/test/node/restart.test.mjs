// The server stops and starts again under its clients. One file, so that one test at a time does it.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isAcknowledged, isInStep } from './lib/clients.mjs'
import { startServer, stopServer } from './lib/control.mjs'
import { eventually, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

const REFUSED = /CONNECTION_ERROR/

const acknowledged = client => until(() => isAcknowledged(client), 'the acknowledgement')

async function restart (...clients) {
  await stopServer()
  for (const client of clients) await until(() => client.getConnectionState() !== 'OPEN', 'the loss')
  await startServer()
  for (const client of clients) await until(() => client.getConnectionState() === 'OPEN', 'the return')
}

scenario('clients log in again by themselves', async ({ connectAll, mayComplain }) => {
  mayComplain(REFUSED)
  const clients = await connectAll(3)
  await restart(...clients)
  for (const client of clients) assert.equal(client.getConnectionState(), 'OPEN')
})

scenario('events are subscribed to again', async ({ connectAll, unique, mayComplain }) => {
  mayComplain(REFUSED)
  const [emitter, listener] = await connectAll(2)
  const name = unique('event')
  const heard = []
  listener.event.subscribe(name, data => heard.push(data))
  await acknowledged(listener)

  await restart(emitter, listener)
  await until(() => { emitter.event.emit(name, 1); return heard.length > 0 }, 'an event after the restart')
})

scenario('records are what they were, and followed again', async ({ connectAll, unique, mayComplain }) => {
  mayComplain(REFUSED)
  const [writer, reader] = await connectAll(2)
  const name = unique()
  const [mine, theirs] = await within(
    Promise.all([writer, reader].map(client => client.record.getRecord(name).whenReady())), 'the record')
  await within(mine.setWithAck({ seat: 'free', row: [1, 2] }), 'the write')

  await restart(writer, reader)
  assert.deepEqual(await within(writer.record.snapshot(name), 'the snapshot'), { seat: 'free', row: [1, 2] })
  for (const client of [writer, reader]) await until(() => isInStep(client, name), 'the record in step')
  mine.set('seat', 'sold')
  await eventually(() => theirs.get('seat'), 'sold')
})

scenario('what was written while the server was down is kept or overruled, never half', async ({ connectAll, unique, mayComplain }) => {
  mayComplain(REFUSED)
  const [writer, reader] = await connectAll(2)
  const name = unique()
  const [mine, theirs] = await within(
    Promise.all([writer, reader].map(client => client.record.getRecord(name).whenReady())), 'the record')
  await within(mine.setWithAck({ n: 1 }), 'the write')
  await eventually(() => theirs.get(), { n: 1 })

  await stopServer()
  await until(() => writer.getConnectionState() !== 'OPEN', 'the loss')
  mine.set('n', 2)
  await startServer()
  await until(() => writer.getConnectionState() === 'OPEN' && reader.getConnectionState() === 'OPEN', 'the return')
  await until(() => mine.version === theirs.version && mine.get('n') === theirs.get('n'), 'one state at both')
})

scenario('presence is watched again and users are there again', async ({ connect, mayComplain }) => {
  mayComplain(REFUSED)
  const [ada, bob, cid] = ['ada', 'bob', 'cid'].map(name => `${name}-${randomUUID()}`)
  const watcher = await connect({}, { username: ada })
  const visitor = await connect({}, { username: bob })
  const heard = []
  watcher.presence.subscribe((name, online) => { if (name === cid) heard.push(online) })
  await acknowledged(watcher)

  await restart(watcher, visitor)
  await acknowledged(watcher)
  assert.deepEqual(await within(watcher.presence.getAll([bob]), 'the answer'), { [bob]: true })
  const late = await connect({}, { username: cid })
  await eventually(() => heard, [true])
  late.close()
  await eventually(() => heard, [true, false])
})

scenario('what was provided is provided again', async ({ connectAll, unique, mayComplain }) => {
  mayComplain(REFUSED)
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  provider.rpc.provide(name, (n, response) => response.send(n + 1))
  await acknowledged(provider)
  assert.equal(await within(caller.rpc.make(name, 1), 'the answer'), 2)

  await restart(caller, provider)
  await acknowledged(provider)
  assert.equal(await within(caller.rpc.make(name, 2), 'the answer after the restart'), 3)
})
