import assert from 'node:assert/strict'
import { eventually, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

const deep = depth => depth === 0 ? 'bottom' : { d: deep(depth - 1) }

const values = {
  zero: 0,
  'a negative number': -17,
  'a fraction': 0.1,
  'a negative fraction': -1.5e-7,
  'a very large number': 1.7976931348623157e308,
  'a very small number': 5e-324,
  'the largest safe integer': Number.MAX_SAFE_INTEGER,
  'the smallest safe integer': Number.MIN_SAFE_INTEGER,
  'an integer beyond 32 bits': 4_294_967_296,
  'an integer beyond 64 bits': 1e21,
  true: true,
  false: false,
  null: null,
  'an empty string': '',
  'an empty object': {},
  'an empty array': [],
  'an array of everything': [0, -1, 0.5, true, false, null, '', {}, [], { a: [null] }],
  'a nested array': [[[]], [[1]]],
  'text with quotes, backslashes and control characters': '"\\/\b\f\n\r\t\u0000\u001f\u007f',
  'text that looks like JSON': '{"a":1}',
  'text from many scripts': 'Größe 座席 مقعد место \u{1F3AD}\u{1F468}\u200D\u{1F469}\u200D\u{1F467} \u2028\u2029',
  'an object with odd keys': { '': 1, ' ': 2, 'a.b': 3, 'c[0]': 4, 座: 5, '"': 6, length: 7, hasOwnProperty: 8 },
  'an object of 100 levels': deep(100)
}

for (const [what, value] of Object.entries(values)) {
  scenario(`${what}: written by path, whole and forced, and read everywhere`, async ({ connectAll, unique }) => {
    const [writer, follower, reader] = await connectAll(3)
    const name = unique()
    const [mine, theirs] = await Promise.all([writer, follower].map(client => client.record.getRecord(name).whenReady()))

    await within(mine.setWithAck('by.path', value), 'the write of a path')
    await eventually(() => theirs.get(), { by: { path: value } })
    await within(mine.setWithAck({ whole: value }), 'the write of the whole')
    await eventually(() => theirs.get(), { whole: value })
    await within(reader.record.setDataWithAck(name, 'forced', value), 'the forced write')
    const expected = { whole: value, forced: value }
    await eventually(() => theirs.get(), expected)
    await eventually(() => mine.get(), expected)
    assert.deepEqual(await reader.record.snapshot(name), expected)
    assert.equal(await reader.record.head(name), 3)
  })
}

scenario('a record may be an empty object, an empty array or an array of anything', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  for (const whole of [{}, [], [1, { a: 2 }, [3], null]]) {
    await within(writer.record.setDataWithAck(name, whole), 'the write')
    assert.deepEqual(await reader.record.snapshot(name), whole)
  }
})

scenario('the keys of an object keep their order', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  const data = { zebra: 1, apple: 2, mango: { y: 1, b: 2, x: 3 }, banana: 4 }
  await within(writer.record.setDataWithAck(name, data), 'the write')
  await within(writer.record.setDataWithAck(name, 'cherry', 5), 'the write of a path')

  assert.equal(JSON.stringify(await reader.record.snapshot(name)), JSON.stringify({ ...data, cherry: 5 }))
})

for (const [what, label] of [
  ['unicode', 'Große Halle/座席/\u{1F3AD}'],
  ['spaces', 'row 1 seat 7'],
  ['the characters of paths and patterns', 'a.b[0].*(c)+?^$|\\'],
  ['quotes and angle brackets', '"x"\'y\'<z>&amp;%20'],
  ['400 characters', 'n'.repeat(400)]
]) {
  scenario(`a record name with ${what}`, async ({ connectAll, unique }) => {
    const [writer, reader] = await connectAll(2)
    const name = unique(label)
    const [mine, theirs] = await within(
      Promise.all([writer, reader].map(client => client.record.getRecord(name).whenReady())), 'the record')
    await within(mine.setWithAck('a', 1), 'the write')

    await eventually(() => theirs.get(), { a: 1 })
    mine.discard()
    await eventually(() => writer.record.names(), [])
    assert.equal(await within(writer.record.head(name), 'head'), 1)
  })
}

scenario('names that differ only by case or spaces are different records', async ({ connect, unique }) => {
  const client = await connect()
  const name = unique('Seat')
  const names = [name, name.toLowerCase(), `${name} `, ` ${name}`]
  await within(Promise.all(names.map((one, i) => client.record.setDataWithAck(one, { i }))), 'the writes')

  const snapshots = await Promise.all(names.map(one => client.record.snapshot(one)))
  assert.deepEqual(snapshots, [{ i: 0 }, { i: 1 }, { i: 2 }, { i: 3 }])
})

scenario('a record of 700 KB goes round', async ({ connectAll, unique }) => {
  const [writer, follower] = await connectAll(2)
  const name = unique()
  const seats = Object.fromEntries(Array.from({ length: 18_000 }, (_, i) => [`seat-${i}`, { state: i % 3 ? 'free' : 'sold', p: i }]))
  assert.ok(JSON.stringify({ seats }).length > 690_000)
  const [mine, theirs] = await Promise.all([writer, follower].map(client => client.record.getRecord(name).whenReady()))

  await within(mine.setWithAck({ seats }), 'the write of the whole')
  await eventually(() => theirs.version, 1)
  assert.deepEqual(theirs.get('seats'), seats)
  await within(mine.setWithAck('seats.seat-7.state', 'held'), 'the write of one seat')
  await eventually(() => theirs.get('seats.seat-7'), { state: 'held', p: 7 })
  const fresh = await connectAll(1)
  assert.deepEqual((await fresh[0].record.snapshot(name)).seats['seat-7'], { state: 'held', p: 7 })
})

scenario('a text of 500 KB is one value', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  const text = 'ü'.repeat(250_000)
  await within(writer.record.setDataWithAck(name, 'text', text), 'the write')

  assert.equal((await reader.record.snapshot(name)).text, text)
})

scenario('a long path reaches deep', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  const keys = Array.from({ length: 100 }, (_, i) => `level-${i}`)
  await within(writer.record.setDataWithAck(name, keys.join('.'), 'deep'), 'the write')

  const found = keys.reduce((node, key) => node[key], await reader.record.snapshot(name))
  assert.equal(found, 'deep')
})

scenario('a path with keys of 10 KB is a path', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  const key = 'k'.repeat(10_000)
  await within(writer.record.setDataWithAck(name, `${key}.${key}`, 1), 'the write')

  assert.deepEqual(await reader.record.snapshot(name), { [key]: { [key]: 1 } })
})
