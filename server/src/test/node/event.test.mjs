import assert from 'node:assert/strict'
import { cut, isAcknowledged } from './lib/clients.mjs'
import { eventually, until } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'
import { NODES } from './lib/servers.mjs'

/** Subscribes and waits until the server has said that it knows; answers what is heard. */
async function hear (client, name) {
  const heard = []
  client.event.subscribe(name, data => heard.push(data))
  await acknowledged(client)
  return heard
}

const acknowledged = client => until(() => isAcknowledged(client), 'the acknowledgement')

scenario('an event reaches every other subscriber and comes back to its emitter once', async ({ connectAll, unique }) => {
  const clients = await connectAll(4)
  const name = unique('event')
  const heard = await Promise.all(clients.map(client => hear(client, name)))

  clients[0].event.emit(name, { seat: 'A12' })
  for (const list of heard) await eventually(() => list, [{ seat: 'A12' }])
  clients[1].event.emit(name, 'the end')
  for (const list of heard) await eventually(() => list, [{ seat: 'A12' }, 'the end'])
})

scenario('an event carries any JSON value, or none', async ({ connectAll, unique }) => {
  const [emitter, listener] = await connectAll(2)
  const name = unique('event')
  const heard = await hear(listener, name)
  const values = ['text', '', 0, 12, -1.5, 9007199254740991, true, false, null, [], [1, [2]], {}, { a: { b: null } }, 'ü€😀']

  for (const value of values) emitter.event.emit(name, value)
  emitter.event.emit(name)
  await eventually(() => heard, [...values, undefined])
})

scenario('events of one emitter keep their order', async ({ connectAll, unique }) => {
  const [emitter, listener] = await connectAll(2)
  const name = unique('event')
  const heard = await hear(listener, name)

  for (let i = 0; i < 2_000; i++) emitter.event.emit(name, i)
  await eventually(() => heard.length, 2_000)
  assert.deepEqual(heard, Array.from({ length: 2_000 }, (_, i) => i))
})

scenario('who has unsubscribed hears no more', async ({ connectAll, unique }) => {
  // The last one is on the leaver's node: what it has heard is on its way there no longer.
  const clients = await connectAll(2 + NODES)
  const [emitter, leaver, stayer] = [...clients.slice(0, 2), clients.at(-1)]
  const name = unique('event')
  const left = []
  const callback = data => left.push(data)
  leaver.event.subscribe(name, callback)
  await acknowledged(leaver)
  const stayed = await hear(stayer, name)

  emitter.event.emit(name, 1)
  await eventually(() => left, [1])
  leaver.event.unsubscribe(name, callback)
  await acknowledged(leaver)
  emitter.event.emit(name, 2)
  await eventually(() => stayed, [1, 2])
  const again = await hear(leaver, name)
  emitter.event.emit(name, 3)
  await eventually(() => again, [3])
  assert.deepEqual(left, [1])
})

scenario('a name that is only similar is another event', async ({ connectAll, unique }) => {
  const [emitter, listener] = await connectAll(2)
  const name = unique('event')
  const heard = await hear(listener, name)

  emitter.event.emit(`${name}x`, 1)
  emitter.event.emit(name.slice(0, -1), 2)
  emitter.event.emit(name.toUpperCase(), 3)
  emitter.event.emit(name, 4)
  await eventually(() => heard, [4])
})

scenario('hundreds of subscriptions in one request are acknowledged and work', async ({ connectAll, unique }) => {
  const [emitter, listener] = await connectAll(2)
  const names = Array.from({ length: 500 }, (_, i) => unique(`event/${i}`))
  const heard = new Map()
  for (const name of names) listener.event.subscribe(name, data => heard.set(name, data))
  await acknowledged(listener)

  names.forEach((name, i) => emitter.event.emit(name, i))
  await eventually(() => heard.size, 500)
  names.forEach((name, i) => assert.equal(heard.get(name), i))
})

scenario('a client that lost its line is subscribed again', async ({ connectAll, unique }) => {
  const [emitter, traveller] = await connectAll(2)
  const name = unique('event')
  const heard = await hear(traveller, name)

  cut(traveller)
  await until(() => traveller.getConnectionState() !== 'OPEN', 'the loss')
  await until(() => traveller.getConnectionState() === 'OPEN', 'the return')
  await until(() => { emitter.event.emit(name, 'hello'); return heard.length > 0 }, 'an event after the return')
})

scenario('events emitted while the line was down are delivered after the return', async ({ connectAll, unique }) => {
  const [traveller, listener] = await connectAll(2)
  const name = unique('event')
  const heard = await hear(listener, name)

  cut(traveller)
  await until(() => traveller.getConnectionState() !== 'OPEN', 'the loss')
  traveller.event.emit(name, 'from far away')
  await eventually(() => heard, ['from far away'])
})

scenario('an event is not kept for those who come later', async ({ connectAll, unique }) => {
  const [emitter, early, late] = await connectAll(3)
  const name = unique('event')
  const first = await hear(early, name)
  emitter.event.emit(name, 1)
  await eventually(() => first, [1])

  const second = await hear(late, name)
  emitter.event.emit(name, 2)
  await eventually(() => second, [2])
})
