import assert from 'node:assert/strict'
import { eventually, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

async function opened ({ connectAll, unique }, entries) {
  const name = unique('list')
  const clients = await connectAll(2)
  const [mine, theirs] = await within(Promise.all(clients.map(client => client.record.getList(name).whenReady())), 'the list')
  if (entries) {
    await within(mine.setEntriesWithAck(entries), 'the first entries')
    await eventually(() => theirs.getEntries(), entries)
  }
  return { mine, theirs }
}

/** What a list tells its user from now on. */
function listen (list) {
  const heard = []
  for (const event of ['entry-added', 'entry-removed', 'entry-moved']) {
    list.on(event, (entry, index) => heard.push([event, entry, index]))
  }
  return heard
}

scenario('a new list is empty', async context => {
  const { mine } = await opened(context)

  assert.deepEqual(mine.getEntries(), [])
  assert.equal(mine.isEmpty(), true)
  assert.equal(mine.version, 0)
})

scenario('the entries of a list reach the others', async context => {
  const { mine, theirs } = await opened(context)
  mine.setEntries(['a', 'b', 'c'])

  await eventually(() => theirs.getEntries(), ['a', 'b', 'c'])
  assert.equal(theirs.isEmpty(), false)
  assert.deepEqual([mine.version, theirs.version], [1, 1])
  assert.deepEqual(await (await context.connect()).record.snapshot(mine.name), ['a', 'b', 'c'])
})

scenario('an entry is added at the end', async context => {
  const { mine, theirs } = await opened(context, ['a'])
  const heard = listen(theirs)
  mine.addEntry('b')

  await eventually(() => theirs.getEntries(), ['a', 'b'])
  assert.deepEqual(heard, [['entry-added', 'b', 1]])
})

scenario('an entry is added at an index', async context => {
  const { mine, theirs } = await opened(context, ['a', 'c'])
  const heard = listen(theirs)
  mine.addEntry('b', 1)

  await eventually(() => theirs.getEntries(), ['a', 'b', 'c'])
  assert.deepEqual(heard, [['entry-added', 'b', 1], ['entry-moved', 'c', 2]])
})

scenario('an entry is added to an empty list', async context => {
  const { mine, theirs } = await opened(context)
  const heard = listen(theirs)
  mine.addEntry('first')

  await eventually(() => theirs.getEntries(), ['first'])
  assert.deepEqual(heard, [['entry-added', 'first', 0]])
})

scenario('an entry is removed', async context => {
  const { mine, theirs } = await opened(context, ['a', 'b', 'c'])
  const heard = listen(theirs)
  mine.removeEntry('a')

  await eventually(() => theirs.getEntries(), ['b', 'c'])
  assert.deepEqual(heard, [['entry-removed', 'a', 0], ['entry-moved', 'b', 0], ['entry-moved', 'c', 1]])
})

scenario('one of two equal entries is removed by its index', async context => {
  const { mine, theirs } = await opened(context, ['a', 'b', 'a'])
  const heard = listen(theirs)
  mine.removeEntry('a', 2)

  await eventually(() => theirs.getEntries(), ['a', 'b'])
  assert.deepEqual(heard, [['entry-removed', 'a', 2]])
})

scenario('entries change places', async context => {
  const { mine, theirs } = await opened(context, ['a', 'b'])
  const heard = listen(theirs)
  mine.setEntries(['b', 'a'])

  await eventually(() => theirs.getEntries(), ['b', 'a'])
  assert.deepEqual(heard, [['entry-moved', 'b', 0], ['entry-moved', 'a', 1]])
})

scenario('a list becomes empty', async context => {
  const { mine, theirs } = await opened(context, ['a'])
  const heard = listen(theirs)
  mine.removeEntry('a')

  await eventually(() => theirs.getEntries(), [])
  assert.equal(theirs.isEmpty(), true)
  assert.deepEqual(heard, [['entry-removed', 'a', 0]])
  assert.deepEqual(await (await context.connect()).record.snapshot(mine.name), [])
})

scenario('subscribers of a list hear all entries', async context => {
  const { mine, theirs } = await opened(context)
  const heard = []
  theirs.subscribe(entries => heard.push(entries))
  mine.setEntries(['a'])
  mine.addEntry('b')
  mine.removeEntry('a')

  await eventually(() => heard, [['a'], ['a', 'b'], ['b']])
})

scenario('list operations call back', async context => {
  const { mine, theirs } = await opened(context)
  const call = operation => within(new Promise(resolve => operation((...told) => resolve(told))), 'the callback')

  assert.deepEqual(await call(done => mine.setEntries(['a', 'b'], done)), [null, mine.name])
  assert.deepEqual(await call(done => mine.addEntry('c', 0, done)), [null, mine.name])
  assert.deepEqual(await call(done => mine.removeEntry('a', undefined, done)), [null, mine.name])
  await eventually(() => theirs.getEntries(), ['c', 'b'])
})

scenario('both clients change a list in turns', async context => {
  const { mine, theirs } = await opened(context, [])
  const expected = []
  for (let n = 0; n < 10; n++) {
    const [writer, reader] = n % 2 === 0 ? [mine, theirs] : [theirs, mine]
    expected.push(`e${n}`)
    writer.addEntry(`e${n}`)
    await eventually(() => reader.getEntries(), expected)
  }
})

scenario('a list of 5000 entries arrives whole', async context => {
  const { mine, theirs } = await opened(context)
  const entries = Array.from({ length: 5000 }, (_, i) => `venue/section-${i % 60}/seat-${i}`)
  mine.setEntries(entries)

  await eventually(() => theirs.getEntries(), entries)
})

scenario('a deleted list tells the others', async context => {
  const { mine, theirs } = await opened(context, ['a'])
  const gone = new Promise(resolve => theirs.on('delete', resolve))
  await within(mine.delete(), 'the deletion')

  await within(gone, 'the delete event')
})

scenario('a double-ended queue works at both ends', async ({ connectAll, unique }) => {
  const [client, other] = await connectAll(2)
  const name = unique('queue')
  const [mine, theirs] = await within(
    Promise.all([client, other].map(one => one.record.getDq(name).whenReady())), 'the queue')
  await within(mine.setEntriesWithAck(['b', 'c', 'd']), 'the first entries')
  mine.push('e')
  mine.unshift('a')
  await eventually(() => [theirs.getEntries(), theirs.version], [['a', 'b', 'c', 'd', 'e'], 7])

  assert.equal(theirs.pop(), 'e')
  assert.equal(theirs.shift(), 'a')
  await eventually(() => mine.getEntries(), ['b', 'c', 'd'])
})
