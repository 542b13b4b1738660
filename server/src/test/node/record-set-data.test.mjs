import assert from 'node:assert/strict'
import { eventually, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

scenario('setData creates a missing record', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  writer.record.setData(name, { a: { b: 1 } })

  await eventuallyVersion(reader, name, 1)
  assert.deepEqual(await reader.record.snapshot(name), { a: { b: 1 } })
})

scenario('setData with a path creates a missing record', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  writer.record.setData(name, 'a.b[1]', 'x')

  await eventuallyVersion(reader, name, 1)
  assert.deepEqual(await reader.record.snapshot(name), { a: { b: [null, 'x'] } })
})

scenario('setData replaces the whole of an existing record', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  await within(writer.record.setDataWithAck(name, { old: true }), 'the first write')
  await within(writer.record.setDataWithAck(name, { fresh: true }), 'the second write')

  assert.deepEqual(await reader.record.snapshot(name), { fresh: true })
  assert.equal(await reader.record.head(name), 2)
})

scenario('setData with a path leaves the rest as it is', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  await within(writer.record.setDataWithAck(name, { a: 1, b: { c: 2 } }), 'the first write')
  await within(writer.record.setDataWithAck(name, 'b.d', null), 'the second write')

  assert.deepEqual(await reader.record.snapshot(name), { a: 1, b: { c: 2, d: null } })
})

scenario('setData with undefined erases the path', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  await within(writer.record.setDataWithAck(name, { a: 1, b: 2 }), 'the first write')
  writer.record.setData(name, 'a', undefined)

  await eventuallyVersion(reader, name, 2)
  assert.deepEqual(await reader.record.snapshot(name), { b: 2 })
})

scenario('an acknowledged erasure by setData tells subscribers', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  await within(writer.record.setDataWithAck(name, { a: { b: 1, c: 2 } }), 'the first write')
  const record = await reader.record.getRecord(name).whenReady()
  await within(writer.record.setDataWithAck(name, 'a.b', undefined), 'the erasure')

  await eventually(() => record.get(), { a: { c: 2 } })
  assert.equal(record.version, 2)
})

scenario('an acknowledged erasure in a missing record creates it', async ({ connect, unique }) => {
  const client = await connect()
  const name = unique()
  await within(client.record.setDataWithAck(name, 'a', undefined), 'the erasure')

  assert.deepEqual(await client.record.snapshot(name), {})
  assert.equal(await client.record.head(name), 1)
})

scenario('an erasure in a missing record without acknowledgement is refused and creates nothing', async ({ connect, unique, mayComplain }) => {
  mayComplain(/^RECORD RECORD_UPDATE_ERROR/)
  const client = await connect()
  const errors = []
  client.on('error', (message, event) => errors.push([event, message.name]))
  const name = unique()
  client.record.setData(name, 'a', undefined)

  await eventually(() => errors, [['RECORD_UPDATE_ERROR', name]])
  assert.equal(await within(client.record.has(name), 'has'), false)
})

scenario('setData calls back', async ({ connect, unique }) => {
  const client = await connect()
  const name = unique()
  const call = (...words) => within(new Promise(resolve => client.record.setData(name, ...words, (...told) => resolve(told))), 'the callback')

  assert.deepEqual(await call({ a: 1 }), [null, name])
  assert.deepEqual(await call('b', 2), [null, name])
  assert.deepEqual(await client.record.snapshot(name), { a: 1, b: 2 })
})

scenario('setData reaches subscribers with the new version', async ({ connectAll, unique }) => {
  const [writer, first, second] = await connectAll(3)
  const name = unique()
  const records = await Promise.all([first, second].map(client => client.record.getRecord(name).whenReady()))
  writer.record.setData(name, { a: 1 })
  writer.record.setData(name, 'b.c', 2)

  for (const record of records) {
    await eventually(() => record.get(), { a: 1, b: { c: 2 } })
    assert.equal(record.version, 2)
  }
})

scenario('setData on an open record goes through that record', async ({ connectAll, unique }) => {
  const [client, other] = await connectAll(2)
  const name = unique()
  const [mine, theirs] = await Promise.all([client, other].map(one => one.record.getRecord(name).whenReady()))
  await within(client.record.setDataWithAck(name, { a: 1 }), 'the write')
  assert.deepEqual(mine.get(), { a: 1 })
  assert.equal(mine.version, 1)
  client.record.setData(name, 'a', 2)

  await eventually(() => theirs.get(), { a: 2 })
  assert.equal(theirs.version, 2)
})

scenario('a hundred setData in one tick are all applied, in order', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  const record = await reader.record.getRecord(name).whenReady()
  const heard = []
  record.subscribe('n', value => heard.push(value))

  for (let n = 1; n <= 100; n++) writer.record.setData(name, n % 10 === 0 ? { n } : { n, odd: true })
  const expected = Array.from({ length: 100 }, (_, i) => i + 1)
  await eventually(() => heard, expected)
  assert.equal(record.version, 100)
  assert.deepEqual(record.get(), { n: 100 })
})

scenario('a hundred acknowledged setData of two clients are all accepted', async ({ connectAll, unique }) => {
  const clients = await connectAll(2)
  const name = unique()
  await within(Promise.all(clients.flatMap((client, c) =>
    Array.from({ length: 50 }, (_, i) => client.record.setDataWithAck(name, `c${c}.k${i}`, i)))), '100 acknowledgements')

  const data = await clients[0].record.snapshot(name)
  assert.equal(await clients[0].record.head(name), 100)
  assert.deepEqual([Object.keys(data.c0).length, Object.keys(data.c1).length], [50, 50])
})

scenario('subscribers write on after a forced write of another client', async ({ connectAll, unique }) => {
  const [subscriber, writer] = await connectAll(2)
  const record = await subscriber.record.getRecord(unique()).whenReady()
  for (let round = 1; round <= 10; round++) {
    await within(writer.record.setDataWithAck(record.name, 'theirs', round), 'the forced write')
    await eventually(() => record.get('theirs'), round)
    await within(record.setWithAck('mine', round), 'the write of the subscriber')
  }
  assert.equal(record.version, 20)
  assert.deepEqual(await writer.record.snapshot(record.name), { theirs: 10, mine: 10 })
})

async function eventuallyVersion (client, name, version) {
  for (;;) {
    const now = await within(client.record.head(name), 'head')
    if (now === version) return
    assert.ok(now < version, `version ${now} is beyond ${version}`)
  }
}
