import assert from 'node:assert/strict'
import { rejection, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

scenario('a new record is {} at version 0', async ({ connect, unique }) => {
  const client = await connect()
  const record = await within(client.record.getRecord(unique()).whenReady(), 'the record')

  assert.deepEqual(record.get(), {})
  assert.equal(record.version, 0)
})

scenario('an existing record comes with its data and version', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  await writer.record.setDataWithAck(name, { artist: 'Nina', seats: [1, 2] })
  await writer.record.setDataWithAck(name, 'artist', 'Miriam')

  const record = await within(reader.record.getRecord(name).whenReady(), 'the record')
  assert.deepEqual(record.get(), { artist: 'Miriam', seats: [1, 2] })
  assert.equal(record.get('seats[1]'), 2)
  assert.equal(record.version, 2)
})

scenario('several clients that create one record at once all get it', async ({ connectAll, unique }) => {
  const clients = await connectAll(10)
  const name = unique()

  const records = await within(Promise.all(clients.map(client => client.record.getRecord(name).whenReady())), 'all records')
  for (const record of records) {
    assert.deepEqual(record.get(), {})
    assert.equal(record.version, 0)
  }
})

scenario('one client asks for a record twice and shares one subscription', async ({ connectAll, unique }) => {
  const [reader, writer] = await connectAll(2)
  const name = unique()
  const first = reader.record.getRecord(name)
  const second = reader.record.getRecord(name)
  await within(Promise.all([first.whenReady(), second.whenReady()]), 'both')

  const changes = []
  const heard = new Promise(resolve => second.subscribe('n', value => { changes.push(value); resolve() }))
  await writer.record.setDataWithAck(name, 'n', 1)
  await within(heard, 'the change')
  assert.deepEqual(changes, [1])
  assert.equal(first.get('n'), 1)
})

scenario('a snapshot shows a record without subscribing', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  await writer.record.setDataWithAck(name, { open: true })

  assert.deepEqual(await within(reader.record.snapshot(name), 'the snapshot'), { open: true })
  await writer.record.setDataWithAck(name, { open: false })
  assert.deepEqual(await within(reader.record.snapshot(name), 'the second snapshot'), { open: false })
})

scenario('a snapshot calls back', async ({ connect, unique }) => {
  const client = await connect()
  const name = unique()
  await client.record.setDataWithAck(name, { a: 1 })

  const told = await within(new Promise(resolve => client.record.snapshot(name, (...words) => resolve(words))), 'the snapshot')
  assert.deepEqual(told, [null, { a: 1 }])
})

scenario('a snapshot of an open record is answered locally', async ({ connect, unique }) => {
  const client = await connect()
  const record = await client.record.getRecord(unique()).whenReady()
  record.set({ local: 'yes' })

  assert.deepEqual(await within(client.record.snapshot(record.name), 'the snapshot'), { local: 'yes' })
})

scenario('a snapshot of a missing record fails with RECORD_NOT_FOUND and creates nothing', async ({ connect, unique }) => {
  const client = await connect()
  const name = unique()

  assert.equal(await rejection(client.record.snapshot(name), 'the snapshot'), 'RECORD_NOT_FOUND')
  assert.equal(await within(client.record.has(name), 'has'), false)
})

scenario('has tells whether a record exists', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()

  assert.equal(await within(reader.record.has(name), 'has'), false)
  await writer.record.setDataWithAck(name, {})
  assert.equal(await within(reader.record.has(name), 'has'), true)
})

scenario('has is true for a record that was only created', async ({ connectAll, unique }) => {
  const [creator, reader] = await connectAll(2)
  const name = unique()
  await creator.record.getRecord(name).whenReady()

  assert.equal(await within(reader.record.has(name), 'has'), true)
  assert.equal(await within(reader.record.head(name), 'head'), 0)
})

scenario('head answers the version, and -1 for a missing record', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()

  assert.equal(await within(reader.record.head(name), 'head'), -1)
  await writer.record.setDataWithAck(name, { a: 1 })
  await writer.record.setDataWithAck(name, { a: 2 })
  assert.equal(await within(reader.record.head(name), 'head'), 2)
})

scenario('has and head call back', async ({ connect, unique }) => {
  const client = await connect()
  const name = unique()
  const ask = method => within(new Promise(resolve => client.record[method](name, (...told) => resolve(told))), method)

  assert.deepEqual(await ask('has'), [null, false])
  assert.deepEqual(await ask('head'), [null, -1])
})

scenario('a read-only client reads a record and follows it', async ({ connect, unique }) => {
  const reader = await connect({ recordReadOnlyMode: true })
  const writer = await connect()
  const name = unique()
  await writer.record.setDataWithAck(name, { state: 'on sale' })

  const record = await within(reader.record.getRecord(name).whenReady(), 'the record')
  assert.deepEqual(record.get(), { state: 'on sale' })
  const heard = new Promise(resolve => record.subscribe('state', resolve))
  await writer.record.setDataWithAck(name, 'state', 'sold out')
  assert.equal(await within(heard, 'the change'), 'sold out')
})

scenario('a read-only client does not create the record it looks at', async ({ connect, unique }) => {
  const reader = await connect({ recordReadOnlyMode: true })
  const other = await connect()
  const name = unique()

  const record = await within(reader.record.getRecord(name).whenReady(), 'the record')
  assert.deepEqual(record.get(), {})
  assert.equal(record.version, -1)
  assert.equal(await within(other.record.has(name), 'has'), false)
})

scenario('a read-only client sees a record that is created after it looked', async ({ connect, unique }) => {
  const reader = await connect({ recordReadOnlyMode: true })
  const writer = await connect()
  const record = await within(reader.record.getRecord(unique()).whenReady(), 'the record')
  const heard = new Promise(resolve => record.subscribe('a', resolve))

  // From version -1 to version 1: the full state of an UPDATE bridges the gap, a PATCH makes the client read.
  await writer.record.setDataWithAck(record.name, 'a', 5)
  assert.equal(await within(heard, 'the first value'), 5)
  assert.equal(record.version, 1)
})

scenario('500 records are opened in one tick', async ({ connectAll, unique }) => {
  const [reader, writer] = await connectAll(2)
  const prefix = unique()
  const records = Array.from({ length: 500 }, (_, i) => reader.record.getRecord(`${prefix}/${i}`))

  await within(Promise.all(records.map(record => record.whenReady())), '500 records')
  assert.ok(records.every(record => record.version === 0))

  const heard = records.map((record, i) => new Promise(resolve => record.subscribe('i', resolve)))
  records.forEach((record, i) => writer.record.setData(record.name, 'i', i))
  assert.deepEqual(await within(Promise.all(heard), '500 changes'), records.map((_, i) => i))
})

scenario('500 snapshots, heads and records that are missing are answered each by name', async ({ connect, unique }) => {
  const client = await connect()
  const prefix = unique()
  const names = Array.from({ length: 500 }, (_, i) => `${prefix}/${i}`)
  await within(Promise.all(names.map((name, i) => i % 2 === 0 ? client.record.setDataWithAck(name, { i }) : null)), 'writes')

  const heads = await within(Promise.all(names.map(name => client.record.head(name))), 'heads')
  assert.deepEqual(heads, names.map((_, i) => i % 2 === 0 ? 1 : -1))
  const snapshots = await within(Promise.all(names.map(name => client.record.snapshot(name).catch(error => error))), 'snapshots')
  assert.deepEqual(snapshots, names.map((_, i) => i % 2 === 0 ? { i } : 'RECORD_NOT_FOUND'))
})
