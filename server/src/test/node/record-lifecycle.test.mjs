import assert from 'node:assert/strict'
import { eventually, rejection, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'
import { NODES } from './lib/servers.mjs'

const openAll = (clients, name) => within(Promise.all(clients.map(client => client.record.getRecord(name).whenReady())), 'the record')

scenario('a deletion reaches all subscribers and resolves for who asked', async ({ connectAll, unique }) => {
  const clients = await connectAll(4)
  const name = unique()
  const records = await openAll(clients, name)
  const deleted = records.map((record, i) => new Promise(resolve => record.on('delete', () => resolve(i))))
  await records[0].setWithAck({ a: 1 })

  await within(records[1].delete(), 'the deletion')
  assert.deepEqual(await within(Promise.all(deleted), 'all delete events'), [0, 1, 2, 3])
  for (const client of clients) await eventually(() => client.record.names(), [])
})

scenario('a deletion calls back', async ({ connect, unique }) => {
  const client = await connect()
  const [record] = await openAll([client], unique())

  assert.deepEqual(await within(new Promise(resolve => record.delete((...told) => resolve(told))), 'the callback'), [null])
})

scenario('a deleted record is missing for everyone', async ({ connectAll, unique }) => {
  const [owner, other] = await connectAll(2)
  const [record] = await openAll([owner], unique())
  await record.setWithAck({ a: 1 })
  await within(record.delete(), 'the deletion')

  assert.equal(await within(other.record.has(record.name), 'has'), false)
  assert.equal(await within(other.record.head(record.name), 'head'), -1)
  assert.equal(await rejection(other.record.snapshot(record.name), 'the snapshot'), 'RECORD_NOT_FOUND')
})

scenario('a record that is opened after its deletion is {} at version 0', async ({ connectAll, unique }) => {
  const [owner, other] = await connectAll(2)
  const [record, theirs] = await openAll([owner, other], unique())
  await record.setWithAck({ a: 1 })
  const gone = new Promise(resolve => theirs.on('delete', resolve))
  await within(record.delete(), 'the deletion')
  await within(gone, 'the delete event')

  for (const again of await openAll([owner, other], record.name)) {
    assert.deepEqual(again.get(), {})
    assert.equal(again.version, 0)
  }
})

scenario('a record that was created again is followed again', async ({ connectAll, unique }) => {
  const [owner, other] = await connectAll(2)
  const [record] = await openAll([owner], unique())
  await record.setWithAck({ life: 1 })
  await within(record.delete(), 'the deletion')

  const [mine, theirs] = await openAll([owner, other], record.name)
  mine.set({ life: 2 })
  await eventually(() => theirs.get(), { life: 2 })
  assert.equal(theirs.version, 1)
})

scenario('after a deletion nobody hears of the name until they open it again', async ({ connectAll, unique }) => {
  const [owner, other, writer] = await connectAll(3)
  const [record, theirs] = await openAll([owner, other], unique())
  const gone = new Promise(resolve => theirs.on('delete', resolve))
  await within(record.delete(), 'the deletion')
  await within(gone, 'the delete event')

  // A broadcast to a client that does not know the record would make it complain.
  await within(writer.record.setDataWithAck(record.name, { reborn: true }), 'the write')
  assert.equal(await within(owner.record.head(record.name), 'head'), 1)
  assert.equal(await within(other.record.head(record.name), 'head'), 1)
})

scenario('a fresh record is deleted before anything was written', async ({ connectAll, unique }) => {
  const [owner, other] = await connectAll(2)
  const [record] = await openAll([owner], unique())
  await within(record.delete(), 'the deletion')

  assert.equal(await within(other.record.has(record.name), 'has'), false)
})

scenario('two clients delete one record at once', async ({ connectAll, unique, mayComplain }) => {
  // The second request meets a record that its own client was just told is gone.
  mayComplain(/Invalid state transition/)
  const clients = await connectAll(2)
  const records = await openAll(clients, unique())

  const outcomes = records.map(record => new Promise(resolve => {
    record.on('delete', resolve)
    record.delete().then(resolve)
  }))
  await within(Promise.all(outcomes), 'both to know')
  assert.equal(await within(clients[0].record.has(records[0].name), 'has'), false)
})

scenario('a write and the deletion behind it are done in this order', async ({ connectAll, unique }) => {
  const [owner, other] = await connectAll(2)
  const [record, theirs] = await openAll([owner, other], unique())
  const seen = []
  theirs.subscribe('a', value => seen.push(value))
  const gone = new Promise(resolve => theirs.on('delete', resolve))
  record.set('a', 1)
  record.set('a', 2)
  await within(record.delete(), 'the deletion')

  await within(gone, 'the delete event')
  assert.deepEqual(seen, [1, 2])
})

scenario('a discarded record is unsubscribed after the discard timeout', async ({ connectAll, unique }) => {
  const [reader, writer] = await connectAll(2)
  const [record] = await openAll([reader], unique())
  const seen = []
  record.subscribe('n', value => seen.push(value))
  const discarded = new Promise(resolve => record.on('discard', resolve))
  record.discard()
  await within(discarded, 'the discard event')
  await eventually(() => reader.record.names(), [])
  assert.equal(await within(reader.record.head(record.name), 'an answer behind the unsubscription'), 0)

  // A broadcast to a client that does not know the record would make it complain; the answer to head comes behind it.
  for (let n = 1; n <= 5; n++) await within(writer.record.setDataWithAck(record.name, 'n', n), 'the write')
  assert.equal(await within(reader.record.head(record.name), 'head'), 5)
  assert.deepEqual(seen, [])
})

scenario('updates arrive until the discard timeout is over, and not after', async ({ connect, unique }) => {
  const reader = await connect({ recordDiscardTimeout: 2500 })
  const writer = await connect()
  const [record] = await openAll([reader], unique())
  const { name } = record
  record.discard()
  await within(writer.record.setDataWithAck(name, 'n', 1), 'the write')
  await eventually(() => record.get('n'), 1)

  await eventually(() => reader.record.names(), [])
  await within(reader.record.head(name), 'an answer behind the unsubscription')
  await within(writer.record.setDataWithAck(name, 'n', 2), 'the write')
  assert.equal(await within(reader.record.head(name), 'an answer behind any broadcast'), 2)
  assert.equal(record.get('n'), 1)
})

scenario('a discarded record that is opened again has the present state and is followed', async ({ connectAll, unique }) => {
  const [reader, writer] = await connectAll(2)
  const [record] = await openAll([reader], unique())
  record.discard()
  await eventually(() => reader.record.names(), [])
  await within(writer.record.setDataWithAck(record.name, 'n', 1), 'a write while nobody looks')

  const [again] = await openAll([reader], record.name)
  // Where the writer is on another node, this one may follow the record still, and answers with what it has heard so far.
  if (NODES > 1) await eventually(() => again.version, 1)
  assert.deepEqual(again.get(), { n: 1 })
  await within(writer.record.setDataWithAck(record.name, 'n', 2), 'a write')
  await eventually(() => again.get('n'), 2)
})

scenario('a record that is discarded and opened again in time has missed nothing', async ({ connect, unique }) => {
  const reader = await connect({ recordDiscardTimeout: 60_000 })
  const writer = await connect()
  const [record] = await openAll([reader], unique())
  record.discard()
  for (let n = 1; n <= 3; n++) await within(writer.record.setDataWithAck(record.name, 'n', n), 'the write')

  const again = reader.record.getRecord(record.name)
  await eventually(() => [again.get('n'), again.version], [3, 3])
  await within(writer.record.setDataWithAck(record.name, 'n', 4), 'the write')
  await eventually(() => again.get('n'), 4)
})

scenario('one of two references is discarded and the other goes on', async ({ connectAll, unique }) => {
  const [reader, writer] = await connectAll(2)
  const [first] = await openAll([reader], unique())
  const [second] = await openAll([reader], first.name)
  first.discard()
  await within(writer.record.setDataWithAck(first.name, 'n', 1), 'the write')

  await eventually(() => second.get('n'), 1)
})

scenario('one client discards and the others still hear', async ({ connectAll, unique }) => {
  const [leaving, staying, writer] = await connectAll(3)
  const [record, theirs] = await openAll([leaving, staying], unique())
  record.discard()
  await eventually(() => leaving.record.names(), [])
  await within(leaving.record.head(record.name), 'an answer behind the unsubscription')
  await within(writer.record.setDataWithAck(record.name, 'n', 1), 'the write')

  await eventually(() => theirs.get('n'), 1)
})

scenario('records are opened and discarded over and over', async ({ connectAll, unique }) => {
  const [client, writer] = await connectAll(2)
  const name = unique()
  for (let round = 1; round <= 10; round++) {
    const record = await within(client.record.getRecord(name).whenReady(), 'the record')
    await until(() => record.version === round - 1, 'the present version')
    await within(writer.record.setDataWithAck(name, 'round', round), 'the write')
    await eventually(() => record.get('round'), round)
    record.discard()
    await eventually(() => client.record.names(), [])
  }
})

scenario('a whole venue is discarded at once', async ({ connectAll, unique }) => {
  const [client, writer] = await connectAll(2)
  const prefix = unique()
  const records = Array.from({ length: 200 }, (_, i) => client.record.getRecord(`${prefix}/${i}`))
  await within(Promise.all(records.map(record => record.whenReady())), 'the records')
  records.forEach(record => record.discard())
  await eventually(() => client.record.names(), [])

  await within(client.record.head(records[199].name), 'an answer behind the unsubscriptions')
  await within(Promise.all(records.map(record => writer.record.setDataWithAck(record.name, 'n', 1))), 'the writes')
  await within(Promise.all(records.map(record => client.record.head(record.name))), 'answers behind any broadcast')
})

scenario('notify is answered and leaves an unchanged record as it is', async ({ connectAll, unique }) => {
  const [client, other] = await connectAll(2)
  const name = unique()
  await within(client.record.setDataWithAck(name, { a: 1 }), 'the write')

  await within(client.record.notify([name, unique('missing')]), 'the answer')
  assert.deepEqual(await within(other.record.snapshot(name), 'the snapshot'), { a: 1 })
  assert.equal(await within(other.record.head(name), 'head'), 1)
})

scenario('notify calls back', async ({ connect, unique }) => {
  const client = await connect()

  assert.deepEqual(await within(new Promise(resolve => client.record.notify([unique()], (...told) => resolve(told))), 'the callback'), [null])
})
