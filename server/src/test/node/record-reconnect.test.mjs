import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { cut, isReading, LOCAL_WINS } from './lib/clients.mjs'
import { eventually, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'
import { NODES } from './lib/servers.mjs'

/** A traveller that can be sent away and a client that stays, with one record open at both. */
async function pair ({ connect, unique }, options) {
  const [traveller, stayer] = await Promise.all([connect(options), connect()])
  const name = unique()
  const [away, home] = await within(
    Promise.all([traveller, stayer].map(client => client.record.getRecord(name).whenReady())), 'the record')
  await within(home.setWithAck({ n: 0 }), 'the common state')
  await eventually(() => away.get(), { n: 0 })
  return { traveller, stayer, away, home, name }
}

async function leave (client) {
  client.pause()
  await until(() => client.getConnectionState() === 'OFFLINE', 'the state offline')
}

scenario('changes made while a client was away arrive when it returns', async context => {
  const { traveller, away, home } = await pair(context)
  await leave(traveller)
  for (let n = 1; n <= 5; n++) await within(home.setWithAck('n', n), 'a write')

  await within(traveller.resume(), 'the return')
  await eventually(() => [away.get(), away.version], [{ n: 5 }, 6])
})

scenario('a client that returned hears every later change', async context => {
  const { traveller, away, home } = await pair(context)
  await leave(traveller)
  await within(home.setWithAck('n', 1), 'a write')
  await within(traveller.resume(), 'the return')
  await eventually(() => away.get('n'), 1)

  const heard = []
  away.subscribe('n', n => heard.push(n))
  for (let n = 2; n <= 20; n++) await within(home.setWithAck('n', n), 'a write')
  await eventually(() => heard.at(-1), 20)
  await within(away.setWithAck('back', true), 'a write of the one who returned')
  await eventually(() => home.get('back'), true)
})

scenario('a cut line is mended and nothing is missed', async context => {
  const { traveller, away, home } = await pair(context)
  cut(traveller)
  for (let n = 1; n <= 10; n++) await within(home.setWithAck('n', n), 'a write')

  await eventually(() => [away.get(), away.version], [{ n: 10 }, 11])
})

scenario('a record that was deleted meanwhile is gone when the client returns', async context => {
  // Its node may not have heard of the deletion when it returns: then the client asks for the record, and is told that it is gone
  // by a change and by the answer, of which it does not expect the second.
  if (NODES > 1) context.mayComplain(/Invalid state transition[^]*"fromState":"DELETED"/)
  const { traveller, away, home, name } = await pair(context)
  // At version 1 the client would take the record for one that it made itself while it was away.
  await within(home.setWithAck('n', 1), 'a second version')
  await eventually(() => away.version, 2)
  const gone = new Promise(resolve => away.on('delete', resolve))
  await leave(traveller)
  await within(home.delete(), 'the deletion')
  await within(traveller.resume(), 'the return')

  await within(gone, 'the delete event')
  await eventually(() => traveller.record.names(), [])
  await until(() => !isReading(traveller, name), 'the answer, if it asked')
})

scenario('a record that nobody touched is as it was', async context => {
  const { traveller, away, home } = await pair(context)
  await leave(traveller)
  await within(traveller.resume(), 'the return')
  await eventually(() => [away.get(), away.version], [{ n: 0 }, 1])

  await within(home.setWithAck('n', 1), 'a write')
  await eventually(() => away.get('n'), 1)
})

scenario('what a client wrote while it was away is sent when it returns', async context => {
  const { traveller, away, home } = await pair(context)
  await leave(traveller)
  away.set('n', 7)
  away.set('offline', true)
  await within(traveller.resume(), 'the return')

  await eventually(() => home.get(), { n: 7, offline: true })
  await eventually(() => [away.version, home.version], [2, 2])
})

scenario('remote wins over what was written while away', async context => {
  const { traveller, away, home } = await pair(context)
  await leave(traveller)
  away.set('n', 7)
  await within(home.setWithAck('n', 1), 'a write')
  await within(home.setWithAck('n', 2), 'a write')
  await within(traveller.resume(), 'the return')

  await eventually(() => [away.get(), away.version], [{ n: 2 }, 3])
  assert.deepEqual(home.get(), { n: 2 })
})

scenario('what was written while away and the changes made meanwhile end in one state for all', async context => {
  // The client writes its own state with a version that is taken, adopts that version and keeps its data: only a server that
  // sends it the full state behind VERSION_EXISTS brings it back in step.
  context.mayComplain(/VERSION_EXISTS/)
  const { traveller, away, home, name } = await pair(context, { mergeStrategy: LOCAL_WINS })
  await leave(traveller)
  away.set('n', 7)
  await within(home.setWithAck('n', 1), 'a write')
  await within(home.setWithAck('n', 2), 'a write')
  await within(traveller.resume(), 'the return')

  const fresh = await context.connect()
  await until(async () => {
    const stored = await fresh.record.snapshot(name)
    return [away, home].every(record => isDeepStrictEqual(record.get(), stored)) && away.isReady
  }, 'one state for all')
})

scenario('a record that was created while away exists when the client returns', async ({ connectAll, unique }) => {
  const [traveller, stayer] = await connectAll(2)
  const name = unique()
  await leave(traveller)
  const away = await within(traveller.record.getRecord(name).whenReady(), 'a local record')
  away.set('made', 'offline')
  await within(traveller.resume(), 'the return')

  await until(() => stayer.record.has(name), 'the record')
  assert.deepEqual(await stayer.record.snapshot(name), { made: 'offline' })
  await within(stayer.record.setDataWithAck(name, 'seen', true), 'a write')
  await eventually(() => away.get(), { made: 'offline', seen: true })
})

scenario('300 records are all caught up with after a return', async ({ connectAll, unique }) => {
  const [traveller, stayer] = await connectAll(2)
  const prefix = unique()
  const names = Array.from({ length: 300 }, (_, i) => `${prefix}/${i}`)
  const records = names.map(name => traveller.record.getRecord(name))
  await within(Promise.all(records.map(record => record.whenReady())), 'the records')
  await leave(traveller)
  await within(Promise.all(names.map((name, i) => i % 3 === 0 ? stayer.record.setDataWithAck(name, { i }) : null)), 'writes')
  await within(traveller.resume(), 'the return')

  for (const [i, record] of records.entries()) await eventually(() => record.get(), i % 3 === 0 ? { i } : {})
  await within(Promise.all(names.map(name => stayer.record.setDataWithAck(name, 'later', true))), 'later writes')
  for (const record of records) await eventually(() => record.get('later'), true)
})

scenario('a read-only client that returns follows on', async context => {
  const { traveller, away, home } = await pair(context, { recordReadOnlyMode: true })
  await leave(traveller)
  await within(home.setWithAck('n', 1), 'a write')
  await within(traveller.resume(), 'the return')
  await eventually(() => away.get('n'), 1)

  await within(home.setWithAck('n', 2), 'a write')
  await eventually(() => away.get('n'), 2)
})

scenario('an acknowledged write that loses its connection is told so', async ({ connect, unique }) => {
  const client = await connect()
  const record = await client.record.getRecord(unique()).whenReady()
  const outcome = record.setWithAck('n', 1).then(() => 'acknowledged', error => error)
  cut(client)

  assert.equal(await within(outcome, 'the outcome'), 'client offline')
})
