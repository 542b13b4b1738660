import assert from 'node:assert/strict'
import { eventually, rejection, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

/** One record, opened by a writer and by two others. */
async function opened ({ connectAll, unique }) {
  const name = unique()
  const clients = await connectAll(3)
  const [mine, theirs, third] = await within(
    Promise.all(clients.map(client => client.record.getRecord(name).whenReady())), 'the record')
  return { clients, mine, theirs, third }
}

/** All see this data at this version. */
async function allSee (records, data, version) {
  for (const record of records) {
    await eventually(() => record.get(), data)
    await eventually(() => record.version, version)
  }
}

scenario('a whole record that is set reaches the other subscribers', async context => {
  const { mine, theirs, third } = await opened(context)
  mine.set({ artist: 'Nina', seats: { a: 1 } })
  await allSee([mine, theirs, third], { artist: 'Nina', seats: { a: 1 } }, 1)

  mine.set({ artist: 'Miriam' })
  await allSee([mine, theirs, third], { artist: 'Miriam' }, 2)
})

scenario('a path that is set reaches the other subscribers', async context => {
  const { mine, theirs, third } = await opened(context)
  mine.set({ a: 1, b: 2 })
  mine.set('b', 3)
  await allSee([mine, theirs, third], { a: 1, b: 3 }, 2)
})

const paths = [
  ['nested objects are created on the way', {}, 'a.b.c', 1, { a: { b: { c: 1 } } }],
  ['a scalar on the way is replaced by an object', { a: 'text' }, 'a.b', 1, { a: { b: 1 } }],
  ['null on the way is replaced by an object', { a: null }, 'a.b', 1, { a: { b: 1 } }],
  ['null on the way is replaced by an array when an index follows', { a: null }, 'a[1]', 'x', { a: [null, 'x'] }],
  ['siblings on the way stay', { a: { x: 1, b: { y: 2 } } }, 'a.b.z', 3, { a: { x: 1, b: { y: 2, z: 3 } } }],
  ['an array is created, with null before the index', {}, 'a[2]', 'x', { a: [null, null, 'x'] }],
  ['objects are created inside an array', {}, 'a[1].b', 'x', { a: [null, { b: 'x' }] }],
  ['arrays are created inside an array', {}, 'a[0][1]', 'x', { a: [[null, 'x']] }],
  ['an array element is replaced', { a: [1, 2, 3] }, 'a[1]', 'two', { a: [1, 'two', 3] }],
  ['an array grows by one', { a: [1] }, 'a[1]', 2, { a: [1, 2] }],
  ['an array grows with null in the gap', { a: [1] }, 'a[3]', 4, { a: [1, null, null, 4] }],
  ['a field of an array element changes', { a: [{ s: 'free' }, { s: 'free' }] }, 'a[1].s', 'sold', { a: [{ s: 'free' }, { s: 'sold' }] }],
  ['a number after a dot is a key of an object', {}, 'a.0', 'x', { a: { 0: 'x' } }],
  ['a number after a dot addresses an existing array', { a: ['y'] }, 'a.0', 'x', { a: ['x'] }],
  ['spaces around a part do not count', {}, ' a . b ', 1, { a: { b: 1 } }],
  ['spaces inside a part count', {}, 'front row.seat 7', 'sold', { 'front row': { 'seat 7': 'sold' } }],
  ['empty parts are skipped', { a: {} }, 'a..b.', 1, { a: { b: 1 } }],
  ['null is a value like others', { a: 1 }, 'a', null, { a: null }],
  ['an object is replaced by a scalar', { a: { b: 1 } }, 'a', 'flat', { a: 'flat' }],
  ['unicode is allowed in a path', {}, 'Parkett.Reihe ü.座位', '✓', { Parkett: { 'Reihe ü': { 座位: '✓' } } }]
]
for (const [rule, before, path, value, after] of paths) {
  scenario(`set by path: ${rule}`, async context => {
    const { mine, theirs } = await opened(context)
    if (Object.keys(before).length > 0) await within(mine.setWithAck(before), 'the first state')
    await within(mine.setWithAck(path, value), 'the write')

    const version = Object.keys(before).length > 0 ? 2 : 1
    await allSee([mine, theirs], after, version)
    // Both drew their own conclusion from the path; this is the server's.
    assert.deepEqual(await stored(mine.name, context), { data: after, version })
  })
}

const erasures = [
  ['a leaf', { a: { b: 1, c: 2 } }, 'a.b', { a: { c: 2 } }],
  ['a branch', { a: { b: { c: 1 } }, d: 1 }, 'a', { d: 1 }],
  ['an array element leaves null and shifts nothing', { a: [1, 2, 3] }, 'a[1]', { a: [1, null, 3] }],
  ['the last array element leaves null, too', { a: [1, 2] }, 'a[1]', { a: [1, null] }],
  ['a field of an array element', { a: [{ b: 1, c: 2 }] }, 'a[0].b', { a: [{ c: 2 }] }],
  ['a null value', { a: null, b: 1 }, 'a', { b: 1 }],
  ['the only key', { a: 1 }, 'a', {}]
]
for (const [rule, before, path, after] of erasures) {
  scenario(`erase: ${rule}`, async context => {
    const { mine, theirs } = await opened(context)
    await within(mine.setWithAck(before), 'the first state')
    await within(mine.eraseWithAck(path), 'the erasure')

    await allSee([mine, theirs], after, 2)
    assert.deepEqual(await stored(mine.name, context), { data: after, version: 2 })
  })
}

/** What the server holds, read by a client that does not know the record yet. */
async function stored (name, { connect }) {
  const fresh = await connect()
  return { data: await fresh.record.snapshot(name), version: await fresh.record.head(name) }
}

scenario('erasing what is not there creates its parents, as the client does', async context => {
  const { mine, theirs } = await opened(context)
  mine.set({ x: 1 })
  mine.erase('no.such.path')
  await allSee([mine, theirs], { x: 1, no: { such: {} } }, 2)
})

scenario('setting undefined erases, without acknowledgement', async context => {
  const { mine, theirs } = await opened(context)
  mine.set({ a: 1, b: 2 })
  mine.set('a', undefined)
  await allSee([mine, theirs], { b: 2 }, 2)
})

scenario('the writer gets no echo of its own writes', async context => {
  const { clients, mine, theirs } = await opened(context)
  const heard = []
  mine.subscribe('n', value => heard.push(value))
  const frames = []
  clients[0].services.connection.endpoint.on('message', frame => frames.push(frame.toString('latin1')))

  for (let n = 1; n <= 5; n++) mine.set('n', n)
  await allSee([theirs], { n: 5 }, 5)
  theirs.set('done', true) // Comes to the writer after anything that its own writes may have caused.
  await allSee([mine], { n: 5, done: true }, 6)

  assert.deepEqual(heard, [1, 2, 3, 4, 5])
  assert.equal(frames.filter(frame => frame.includes(mine.name)).length, 1)
})

scenario('a subscription by path hears only of its path', async context => {
  const { mine, theirs } = await opened(context)
  const seat = []
  const row = []
  const all = []
  theirs.subscribe('row.a', value => seat.push(value))
  theirs.subscribe('row', value => row.push(value))
  theirs.subscribe(value => all.push(value))

  await mine.setWithAck('other', 1)
  await mine.setWithAck('row.b', 'free')
  await mine.setWithAck('row.a', 'held')
  await mine.setWithAck('row.a', 'sold')
  await eventually(() => theirs.version, 4)

  assert.deepEqual(seat, ['held', 'sold'])
  assert.deepEqual(row, [{ b: 'free' }, { b: 'free', a: 'held' }, { b: 'free', a: 'sold' }])
  assert.equal(all.length, 4)
})

scenario('a whole update calls the paths that changed', async context => {
  const { mine, theirs } = await opened(context)
  mine.set({ same: 1, changed: 1, removed: 1 })
  await allSee([theirs], { same: 1, changed: 1, removed: 1 }, 1)
  const heard = []
  for (const path of ['same', 'changed', 'removed', 'added']) theirs.subscribe(path, value => heard.push([path, value]))

  mine.set({ same: 1, changed: 2, added: 1 })
  await eventually(() => theirs.version, 2)
  assert.deepEqual(heard, [['changed', 2], ['removed', undefined], ['added', 1]])
})

scenario('a callback that unsubscribed hears no more', async context => {
  const { mine, theirs } = await opened(context)
  const heard = []
  const listener = value => heard.push(value)
  theirs.subscribe('n', listener)
  mine.set('n', 1)
  await eventually(() => heard, [1])

  theirs.unsubscribe('n', listener)
  mine.set('n', 2)
  await eventually(() => theirs.get('n'), 2)
  assert.deepEqual(heard, [1])
})

scenario('subscribe with triggerNow tells the present value first', async context => {
  const { mine, theirs } = await opened(context)
  await mine.setWithAck('n', 1)
  await eventually(() => theirs.get('n'), 1)
  const heard = []
  theirs.subscribe('n', value => heard.push(value), true)

  mine.set('n', 2)
  await eventually(() => heard, [1, 2])
})

scenario('a promised write of the whole record resolves', async context => {
  const { mine } = await opened(context)

  assert.equal(await within(mine.setWithAck({ a: 1 }), 'the acknowledgement'), undefined)
})

scenario('a promised write of a path resolves', async context => {
  const { mine } = await opened(context)

  assert.equal(await within(mine.setWithAck('a', 1), 'the acknowledgement'), undefined)
})

scenario('write callbacks are called without error', async context => {
  const { mine, theirs } = await opened(context)
  const call = write => within(new Promise(resolve => write((...told) => resolve(told))), 'the callback')

  assert.deepEqual(await call(done => mine.set({ a: 1 }, done)), [null, mine.name])
  assert.deepEqual(await call(done => mine.set('a', 2, done)), [null, mine.name])
  assert.deepEqual(await call(done => mine.setWithAck('b', 3, done)), [null, mine.name])
  assert.deepEqual(await call(done => mine.eraseWithAck('b', done)), [null, mine.name])
  await allSee([mine, theirs], { a: 2 }, 4)
})

scenario('an acknowledged write is what everyone reads from then on', async context => {
  const { mine } = await opened(context)
  const fresh = await context.connect()
  for (let n = 1; n <= 20; n++) {
    await within(mine.setWithAck('n', n), 'the acknowledgement')
    assert.deepEqual(await within(fresh.record.snapshot(mine.name), 'the snapshot'), { n })
  }
})

scenario('writing what is there already changes nothing', async context => {
  const { mine, theirs } = await opened(context)
  await mine.setWithAck({ a: 1 })
  await within(mine.setWithAck({ a: 1 }), 'the callback of a write that is not sent')
  mine.set('b', 2)
  await allSee([mine, theirs], { a: 1, b: 2 }, 2)
})

scenario('writes made before the record is ready are sent when it is', async ({ connectAll, unique }) => {
  const [early, other] = await connectAll(2)
  const name = unique()
  await other.record.setDataWithAck(name, { there: 'before', n: 1 })
  const record = early.record.getRecord(name)
  record.set('early.bird', true)
  await within(record.setWithAck('n', 2), 'the acknowledgement')

  const expected = { there: 'before', n: 2, early: { bird: true } }
  assert.deepEqual(await other.record.snapshot(name), expected)
})

scenario('versions count up by one, whoever writes', async context => {
  const { mine, theirs, third } = await opened(context)
  for (let round = 0; round < 5; round++) {
    for (const record of [mine, theirs, third]) {
      const before = record.version
      await within(record.setWithAck('turn', `${round} ${before}`), 'the write')
      assert.equal(record.version, before + 1)
      for (const other of [mine, theirs, third]) await eventually(() => other.version, before + 1)
    }
  }
  assert.equal(mine.version, 15)
})

scenario('a burst of 200 patches arrives complete and in order', async context => {
  const { mine, theirs, third } = await opened(context)
  const heard = []
  theirs.subscribe('n', value => heard.push(value))

  for (let n = 1; n <= 200; n++) mine.set('n', n)
  await allSee([mine, theirs, third], { n: 200 }, 200)
  assert.deepEqual(heard, Array.from({ length: 200 }, (_, i) => i + 1))
})

scenario('a burst of 200 whole updates arrives complete and in order', async context => {
  const { mine, theirs, third } = await opened(context)
  const heard = []
  theirs.subscribe(data => heard.push(data.n))

  for (let n = 1; n <= 200; n++) mine.set({ n, text: `state ${n}` })
  await allSee([mine, theirs, third], { n: 200, text: 'state 200' }, 200)
  assert.deepEqual(heard, Array.from({ length: 200 }, (_, i) => i + 1))
})

scenario('a burst of 200 acknowledged writes is acknowledged one by one', async context => {
  const { mine, theirs } = await opened(context)
  const acknowledged = []

  await within(Promise.all(Array.from({ length: 200 }, (_, i) => mine.setWithAck(`k${i}`, i).then(() => acknowledged.push(i)))),
    '200 acknowledgements')
  assert.deepEqual(acknowledged, Array.from({ length: 200 }, (_, i) => i))
  await eventually(() => theirs.version, 200)
  assert.equal(Object.keys(theirs.get()).length, 200)
})

scenario('bursts on many records keep the order of each', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const prefix = unique()
  const open = client => Promise.all(Array.from({ length: 20 }, (_, r) => client.record.getRecord(`${prefix}/${r}`).whenReady()))
  const [mine, theirs] = await Promise.all([open(writer), open(reader)])
  const heard = theirs.map(() => [])
  theirs.forEach((record, r) => record.subscribe('n', value => heard[r].push(value)))

  for (let n = 1; n <= 50; n++) mine.forEach(record => record.set('n', n))
  const expected = Array.from({ length: 50 }, (_, i) => i + 1)
  for (const values of heard) await eventually(() => values, expected)
})

scenario('a write to a deleted record fails locally and not silently', async context => {
  const { mine, clients, theirs } = await opened(context)
  context.mayComplain(/RECORD_ALREADY_DESTROYED/)
  await within(mine.delete(), 'the deletion')
  // Who holds the record answers a snapshot from it.
  for (const other of [clients[1], clients[2]]) await eventually(() => other.record.names().includes(theirs.name), false)

  mine.set('a', 1)
  assert.equal(await rejection(clients[2].record.snapshot(mine.name), 'the snapshot'), 'RECORD_NOT_FOUND')
})
