// The server stops and starts again under its clients. One file, so that one test at a time does it. Run by NpmClientRestartIT.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isAcknowledged, isInStep } from './lib/clients.mjs'
import { answerLogin, controlled, startServer, stopServer } from './lib/control.mjs'
import { eventually, rejection, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

/** While the server is away the clients complain that they cannot connect. */
function restarting (title, body) {
  if (!controlled) return
  scenario(title, context => {
    context.mayComplain(/CONNECTION_ERROR/)
    return body(context)
  })
}

const acknowledged = client => until(() => isAcknowledged(client), 'the acknowledgement')

async function stop (...clients) {
  await stopServer()
  for (const client of clients) await until(() => client.getConnectionState() !== 'OPEN', 'the loss')
}

async function start (...clients) {
  await startServer()
  for (const client of clients) await until(() => client.getConnectionState() === 'OPEN', 'the return')
}

async function restart (...clients) {
  await stop(...clients)
  await start(...clients)
}

restarting('clients log in again by themselves', async ({ connectAll }) => {
  const clients = await connectAll(3)
  await restart(...clients)
  for (const client of clients) assert.equal(client.getConnectionState(), 'OPEN')
})

restarting('events are subscribed to again', async ({ connectAll, unique }) => {
  const [emitter, listener] = await connectAll(2)
  const name = unique('event')
  const heard = []
  listener.event.subscribe(name, data => heard.push(data))
  await acknowledged(listener)

  await restart(emitter, listener)
  await until(() => { emitter.event.emit(name, 1); return heard.length > 0 }, 'an event after the restart')
})

restarting('records are what they were, and followed again', async ({ connectAll, unique }) => {
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

restarting('what was written while the server was down is kept or overruled, never half', async ({ connectAll, unique }) => {
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

restarting('presence is watched again and users are there again', async ({ connect }) => {
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

restarting('what was provided is provided again', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  provider.rpc.provide(name, (n, response) => response.send(n + 1))
  await acknowledged(provider)
  assert.equal(await within(caller.rpc.make(name, 1), 'the answer'), 2)

  await restart(caller, provider)
  await acknowledged(provider)
  assert.equal(await within(caller.rpc.make(name, 2), 'the answer after the restart'), 3)
})

restarting('what was provided and taken back meanwhile is as it should be', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const [kept, gone, late] = [unique('rpc'), unique('rpc'), unique('rpc')]
  for (const name of [kept, gone]) provider.rpc.provide(name, (n, response) => response.send(n + 1))
  await acknowledged(provider)

  await stop(caller, provider)
  provider.rpc.unprovide(gone)
  provider.rpc.provide(late, (n, response) => response.send(n + 2))
  await start(caller, provider)
  await acknowledged(provider)
  assert.equal(await within(caller.rpc.make(kept, 1), 'the answer'), 2)
  assert.equal(await within(caller.rpc.make(late, 1), 'the answer'), 3)
  assert.equal(await rejection(caller.rpc.make(gone, 1), 'the call'), 'NO_RPC_PROVIDER')
})

restarting('presence that was asked for and given up meanwhile is as it should be', async ({ connect }) => {
  const [ada, bob, cid] = ['ada', 'bob', 'cid'].map(name => `${name}-${randomUUID()}`)
  const watcher = await connect({}, { username: ada })
  const heard = []
  const callback = (...what) => heard.push(what)
  watcher.presence.subscribe(bob, callback)
  await acknowledged(watcher)

  await stop(watcher)
  watcher.presence.unsubscribe(bob, callback)
  watcher.presence.subscribe(cid, callback)
  await start(watcher)
  await acknowledged(watcher)
  await connect({}, { username: bob })
  await connect({}, { username: cid })
  await eventually(() => heard, [[cid, true]])
})

for (const topic of ['event', 'record']) {
  restarting(`${topic}: listeners listen again and provide again`, async ({ connectAll, unique }) => {
    const [subscriber, provider] = await connectAll(2)
    const [name, later] = [unique(topic), unique(topic)]
    const told = []
    provider[topic].listen(`^(${name}|${later})$`, (found, response) => {
      told.push(['found', found])
      response.onStop(() => told.push(['stopped', found]))
      response.accept()
    })
    const subscribe = which => topic === 'event'
      ? subscriber.event.subscribe(which, () => {})
      : subscriber.record.getRecord(which)
    subscribe(name)
    await eventually(() => told, [['found', name]])

    await restart(subscriber, provider)
    await eventually(() => told, [['found', name], ['stopped', name], ['found', name]])
    if (topic === 'record') await until(() => subscriber.record.getRecord(name).hasProvider, 'the provider')
    subscribe(later)
    await eventually(() => told.slice(3), [['found', later]])
  })
}

restarting('a record that was made while the server was down is stored on its return', async ({ connectAll, unique }) => {
  const [maker, reader] = await connectAll(2)
  const name = unique()
  await stop(maker, reader)
  const record = maker.record.getRecord(name)
  record.set({ made: 'offline' })
  await start(maker, reader)

  await until(() => reader.record.has(name), 'the record')
  assert.deepEqual(await within(reader.record.snapshot(name), 'the snapshot'), { made: 'offline' })
})

restarting('what others wrote after the restart wins over what was written while away', async ({ connectAll, unique }) => {
  const [traveller, stayer] = await connectAll(2)
  const name = unique()
  const [away, home] = await within(
    Promise.all([traveller, stayer].map(client => client.record.getRecord(name).whenReady())), 'the record')
  await within(home.setWithAck({ n: 0 }), 'the write')
  await eventually(() => away.get(), { n: 0 })
  traveller.pause()
  await until(() => traveller.getConnectionState() === 'OFFLINE', 'the state offline')
  away.set('n', 7)

  await restart(stayer)
  await until(() => isInStep(stayer, name), 'the record in step')
  for (const n of [1, 2]) await within(home.setWithAck('n', n), 'a write')
  await within(traveller.resume(), 'the return')
  await eventually(() => [away.get(), away.version], [{ n: 2 }, 3])
  assert.deepEqual(home.get(), { n: 2 })
})

restarting('client data that have changed meanwhile are told once, others are not', async ({ client }) => {
  const name = `ann-${randomUUID()}`
  const answer = seat => answerLogin(name, 200, { id: name, clientData: { seat } })
  const ann = client()
  const changes = []
  ann.on('clientDataChanged', data => changes.push(data))
  await answer('A1')
  assert.deepEqual(await within(ann.login({ username: name }), 'the login'), { seat: 'A1' })

  await restart(ann)
  assert.deepEqual(changes, [{ seat: 'A1' }])
  await stop(ann)
  await answer('B2')
  await start(ann)
  assert.deepEqual(changes, [{ seat: 'A1' }, { seat: 'B2' }])
})

restarting('who may not log in again is told why, and may try again', async ({ client, unique }) => {
  const name = `ann-${randomUUID()}`
  const ann = client()
  const failures = []
  ann.on('reauthenticationFailure', failure => failures.push(failure))
  await within(ann.login({ username: name }), 'the login')

  await stop(ann)
  await answerLogin(name, 403, { error: 'banned' })
  await startServer()
  await eventually(() => failures, [{ reason: { error: 'banned' } }])
  assert.equal(ann.getConnectionState(), 'AWAITING_AUTHENTICATION')
  await answerLogin(name, 200, { id: name })
  await within(ann.login({ username: name }), 'the login')
  await within(ann.record.setDataWithAck(unique(), { back: true }), 'a write')
  assert.equal(failures.length, 1)
})
