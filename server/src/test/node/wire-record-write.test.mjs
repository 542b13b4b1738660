import assert from 'node:assert/strict'
import { scenario } from './lib/scenario.mjs'
import { RECORD, TOPIC } from './lib/wire.mjs'

const ACK = { isWriteAck: true, correlationId: '1' }

/** A writer and a subscriber of one record that is at version 1. */
async function pair ({ wire: open, unique }, data = { a: 1 }) {
  const [writer, subscriber] = [await open(), await open()]
  const name = unique()
  await write(writer, RECORD.CREATEANDUPDATE, { name, version: -1, parsedData: data })
  await subscriber.subscribe(name)
  return { writer, subscriber, name }
}

/** An acknowledged write. */
async function write (wire, action, fields) {
  wire.record(action, { ...fields, ...ACK })
  await wire.expectRecordExactly(RECORD.WRITE_ACKNOWLEDGEMENT, { name: fields.name, ...ACK })
}

scenario('an UPDATE is passed on with the new version and nothing else', async context => {
  const { writer, subscriber, name } = await pair(context)
  await write(writer, RECORD.UPDATE, { name, version: 2, parsedData: { b: 2 } })

  await subscriber.expectRecordExactly(RECORD.UPDATE, { name, version: 2, data: { b: 2 } })
})

scenario('a PATCH is passed on with the new version and nothing else', async context => {
  const { writer, subscriber, name } = await pair(context)
  await write(writer, RECORD.PATCH, { name, version: 2, path: 'b.c[1]', parsedData: null })

  await subscriber.expectRecordExactly(RECORD.PATCH, { name, version: 2, path: 'b.c[1]', data: null })
  assert.deepEqual(await subscriber.read(name), { version: 2, data: { a: 1, b: { c: [null, null] } } })
})

scenario('an ERASE is passed on as a PATCH without data', async context => {
  const { writer, subscriber, name } = await pair(context, { a: 1, b: 2 })
  await write(writer, RECORD.ERASE, { name, version: 2, path: 'a' })
  await subscriber.expectRecordExactly(RECORD.PATCH, { name, version: 2, path: 'a' })

  await write(writer, RECORD.PATCH, { name, version: 3, path: 'b' })
  await subscriber.expectRecordExactly(RECORD.PATCH, { name, version: 3, path: 'b' })
  assert.deepEqual(await subscriber.read(name), { version: 3, data: {} })
})

scenario('forced writes are passed on with the version that they made', async context => {
  const { writer, subscriber, name } = await pair(context)
  await write(writer, RECORD.CREATEANDUPDATE, { name, version: -1, parsedData: { b: 1 } })
  await write(writer, RECORD.CREATEANDPATCH, { name, version: -1, path: 'c', parsedData: 'x' })
  await write(writer, RECORD.ERASE, { name, version: -1, path: 'b' })
  await write(writer, RECORD.UPDATE, { name, version: -1, parsedData: [] })

  await subscriber.expectRecordExactly(RECORD.UPDATE, { name, version: 2, data: { b: 1 } })
  await subscriber.expectRecordExactly(RECORD.PATCH, { name, version: 3, path: 'c', data: 'x' })
  await subscriber.expectRecordExactly(RECORD.PATCH, { name, version: 4, path: 'b' })
  await subscriber.expectRecordExactly(RECORD.UPDATE, { name, version: 5, data: [] })
})

scenario('the writing socket gets no broadcast, another socket of the same user does', async ({ socket, unique }) => {
  const [mine, other] = [await socket(), await socket()]
  for (const wire of [mine, other]) await wire.login({ username: 'one-and-the-same' })
  const name = unique()
  for (const wire of [mine, other]) await wire.subscribe(name)
  mine.record(RECORD.UPDATE, { name, version: 1, parsedData: { a: 1 } })
  await other.expectRecord(RECORD.UPDATE, { name, version: 1 })
  other.record(RECORD.PATCH, { name, version: 2, path: 'b', parsedData: 2 })

  await mine.expectRecordExactly(RECORD.PATCH, { name, version: 2, path: 'b', data: 2 })
})

scenario('pipelined acknowledged writes are acknowledged in order', async context => {
  const { writer, subscriber, name } = await pair(context)
  for (let n = 2; n <= 101; n++) {
    writer.record(RECORD.PATCH, { name, version: n, path: 'n', parsedData: n, isWriteAck: true, correlationId: `c${n}` })
  }

  for (let n = 2; n <= 101; n++) await writer.expectRecord(RECORD.WRITE_ACKNOWLEDGEMENT, { correlationId: `c${n}` })
  for (let n = 2; n <= 101; n++) await subscriber.expectRecord(RECORD.PATCH, { version: n, data: n })
})

const conflicts = {
  UPDATE: [RECORD.UPDATE, { parsedData: { mine: 1 } }, RECORD.UPDATE],
  PATCH: [RECORD.PATCH, { path: 'mine', parsedData: 1 }, RECORD.PATCH],
  ERASE: [RECORD.ERASE, { path: 'a' }, RECORD.PATCH],
  PATCH_MULTI: [RECORD.PATCH_MULTI, { parsedData: [{ path: 'mine', data: 1 }] }, RECORD.PATCH_MULTI],
  CREATEANDUPDATE: [RECORD.CREATEANDUPDATE, { parsedData: { mine: 1 } }, RECORD.UPDATE],
  CREATEANDPATCH: [RECORD.CREATEANDPATCH, { path: 'mine', parsedData: 1 }, RECORD.PATCH]
}
for (const [kind, [action, fields, originalAction]] of Object.entries(conflicts)) {
  for (const version of [0, 1]) {
    scenario(`${kind} with version ${version} of a record at version 1 is told the present state`, async context => {
      const { writer, subscriber, name } = await pair(context)
      writer.record(action, { name, version, ...fields })

      await writer.expectRecordExactly(RECORD.VERSION_EXISTS, { name, version: 1, data: { a: 1 }, originalAction })
      assert.deepEqual(await writer.read(name), { version: 1, data: { a: 1 } })
      assert.equal(await subscriber.head(name), 1)
    })
  }

  scenario(`${kind} that loses with acknowledgement is told the state, then that it failed`, async context => {
    const { writer, name } = await pair(context)
    writer.record(action, { name, version: 1, ...fields, ...ACK })

    await writer.expectRecordExactly(RECORD.VERSION_EXISTS, { name, version: 1, data: { a: 1 }, originalAction, ...ACK })
    await writer.expectRecord(RECORD.RECORD_UPDATE_ERROR, { name, isError: true, ...ACK })
  })

  scenario(`${kind} that skips a version is refused`, async context => {
    const { writer, name } = await pair(context)
    writer.record(action, { name, version: 3, ...fields })

    await writer.expectRecord(RECORD.INVALID_VERSION, { name, version: 1, originalAction })
    assert.deepEqual(await writer.read(name), { version: 1, data: { a: 1 } })
  })

  scenario(`${kind} that skips a version with acknowledgement is refused as an error`, async context => {
    const { writer, name } = await pair(context)
    writer.record(action, { name, version: 7, ...fields, ...ACK })

    await writer.expectRecord(RECORD.INVALID_VERSION, { name, version: 1, originalAction, isError: true, ...ACK })
    assert.equal(await writer.head(name), 1)
  })
}

scenario('a write without version is a conflict', async context => {
  const { writer, name } = await pair(context)
  writer.record(RECORD.UPDATE, { name, parsedData: { mine: 1 } })

  await writer.expectRecord(RECORD.VERSION_EXISTS, { name, version: 1, data: { a: 1 } })
})

scenario('a subscriber that skips a version gets the full state behind the refusal', async context => {
  const { subscriber, name } = await pair(context)
  subscriber.record(RECORD.PATCH, { name, version: 9, path: 'a', parsedData: 2 })

  await subscriber.expectRecord(RECORD.INVALID_VERSION, { name, version: 1, originalAction: RECORD.PATCH })
  await subscriber.expectRecordExactly(RECORD.UPDATE, { name, version: 1, data: { a: 1 } })
})

scenario('of two writers of one version the loser sees the winner\'s write before it is told', async ({ wire: open, unique }) => {
  const wires = [await open(), await open()]
  const name = unique()
  for (const wire of wires) await wire.subscribe(name)
  for (let version = 1; version <= 50; version++) {
    wires.forEach((wire, who) => wire.record(RECORD.PATCH, { name, version, path: 'by', parsedData: who, isWriteAck: true, correlationId: `${version}` }))
    const first = await Promise.all(wires.map(wire => wire.next('the outcome')))
    const winner = first.findIndex(({ action }) => action === RECORD.WRITE_ACKNOWLEDGEMENT)
    assert.notEqual(winner, -1, JSON.stringify(first))
    assert.deepEqual(first[1 - winner], { topic: TOPIC.RECORD, action: RECORD.PATCH, name, version, path: 'by', data: winner })

    const loser = wires[1 - winner]
    await loser.expectRecordExactly(RECORD.VERSION_EXISTS,
      { name, version, data: { by: winner }, originalAction: RECORD.PATCH, isWriteAck: true, correlationId: `${version}` })
    await loser.expectRecord(RECORD.RECORD_UPDATE_ERROR, { name, isError: true, isWriteAck: true, correlationId: `${version}` })
  }
})

for (const [kind, [action, fields]] of Object.entries(conflicts).filter(([kind]) => !kind.startsWith('CREATE'))) {
  scenario(`${kind} of a missing record is refused without acknowledgement and creates with it`, async ({ wire: open, unique }) => {
    const wire = await open()
    const name = unique()
    wire.record(action, { name, version: 1, ...fields })
    await wire.expectRecord(RECORD.RECORD_UPDATE_ERROR, { name, isError: true })
    assert.equal(await wire.head(name), -1)

    await write(wire, action, { name, version: 1, ...fields })
    assert.equal(await wire.head(name), 1)
  })
}

scenario('an upsert of a missing record counts from version 0', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique()
  wire.record(RECORD.UPDATE, { name, version: 5, parsedData: {}, ...ACK })
  await wire.expectRecord(RECORD.INVALID_VERSION, { name, version: 0, isError: true, ...ACK })
  assert.equal(await wire.head(name), -1)

  await write(wire, RECORD.CREATEANDPATCH, { name, version: -1, path: 'a.b', parsedData: 0 })
  assert.deepEqual(await wire.read(name), { version: 1, data: { a: { b: 0 } } })
})

scenario('PATCH_MULTI applies its operations in order, as one version, and is passed on as UPDATE', async context => {
  const { writer, subscriber, name } = await pair(context, { a: { old: true }, gone: 1, list: [1, 2] })
  await write(writer, RECORD.PATCH_MULTI, {
    name,
    version: 2,
    parsedData: [
      { path: 'a', data: {} }, { path: 'a.b', data: 1 }, { path: 'gone' }, { path: 'list[0]' }, { path: 'n', data: null }, { path: 'a.b', data: 2 }
    ]
  })

  const data = { a: { b: 2 }, list: [null, 2], n: null }
  await subscriber.expectRecordExactly(RECORD.UPDATE, { name, version: 2, data })
  assert.deepEqual(await writer.read(name), { version: 2, data })
})

scenario('PATCH_MULTI may be forced', async context => {
  const { writer, subscriber, name } = await pair(context)
  await write(writer, RECORD.PATCH_MULTI, { name, version: -1, parsedData: [{ path: 'b', data: 1 }, { path: 'a' }] })

  await subscriber.expectRecordExactly(RECORD.UPDATE, { name, version: 2, data: { b: 1 } })
})

scenario('PATCH_MULTI of one operation may be passed on as that PATCH', async context => {
  const { writer, subscriber, name } = await pair(context)
  await write(writer, RECORD.PATCH_MULTI, { name, version: 2, parsedData: [{ path: 'b', data: 1 }] })

  const { action, version } = await subscriber.next()
  assert.ok([RECORD.PATCH, RECORD.UPDATE].includes(action), RECORD[action])
  assert.equal(version, 2)
  assert.deepEqual(await subscriber.read(name), { version: 2, data: { a: 1, b: 1 } })
})

const multiRefused = {
  'an empty array': '[]',
  'an object': '{"path":"a","data":1}',
  null: 'null',
  'a number': '1',
  'no JSON': '[{',
  'an operation that is no object': '[{"path":"b","data":1},"a"]',
  'an operation that is null': '[null]',
  'an operation without path': '[{"path":"b","data":1},{"data":1}]',
  'a path that is no text': '[{"path":1,"data":1}]',
  'a bad path at the end': '[{"path":"b","data":1},{"path":"__proto__.x","data":1}]',
  'an empty path': '[{"path":"","data":1}]'
}
for (const [what, data] of Object.entries(multiRefused)) {
  scenario(`PATCH_MULTI with ${what} is refused as a whole`, async context => {
    const { writer, subscriber, name } = await pair(context)
    await refused(writer, RECORD.PATCH_MULTI, { name, version: 2, data }, RECORD.PATCH_MULTI)
    assert.deepEqual(await subscriber.read(name), { version: 1, data: { a: 1 } })
  })
}

const noJson = ['', '{', '{bad}', '{"a":1} x', '{"a":1}{', '{"a":1,}', "{'a':1}", 'NaN', '01', '{"a":NaN}', 'undefined', '"\\x"', '[1,]']
for (const [kind, action, extra, original] of [
  ['UPDATE', RECORD.UPDATE, {}, RECORD.UPDATE],
  ['PATCH', RECORD.PATCH, { path: 'p' }, RECORD.PATCH],
  ['CREATEANDUPDATE', RECORD.CREATEANDUPDATE, {}, RECORD.UPDATE],
  ['CREATEANDPATCH', RECORD.CREATEANDPATCH, { path: 'p' }, RECORD.PATCH]
]) {
  scenario(`${kind} with text that is no JSON is refused without echoing it`, async context => {
    const { writer, subscriber, name } = await pair(context)
    for (const data of noJson) await refused(writer, action, { name, version: 2, data, ...extra }, original, { data: undefined })
    assert.deepEqual(await subscriber.read(name), { version: 1, data: { a: 1 } })
  })
}

scenario('a whole record that is no object or array is refused', async context => {
  const { writer, subscriber, name } = await pair(context)
  for (const action of [RECORD.UPDATE, RECORD.CREATEANDUPDATE]) {
    for (const data of ['null', '12', '"text"', 'true', undefined]) {
      await refused(writer, action, { name, version: 2, data }, RECORD.UPDATE)
    }
  }
  assert.deepEqual(await subscriber.read(name), { version: 1, data: { a: 1 } })
})

const badPaths = ['', '.', ' ', '. .', 'a[x]', 'a[-1]', 'a[4000000000]', 'a[999999999]', '__proto__', '__proto__.x', 'a.__proto__.x',
  'a.constructor.prototype.x', 'prototype', ' __proto__ .x', 'constructor[0]']
for (const [kind, action, data] of [
  ['PATCH', RECORD.PATCH, '1'], ['ERASE', RECORD.ERASE, undefined], ['CREATEANDPATCH', RECORD.CREATEANDPATCH, '1']
]) {
  scenario(`${kind} with a path that must not be used is refused`, async context => {
    const { writer, subscriber, name } = await pair(context)
    for (const path of badPaths) await refused(writer, action, { name, version: 2, path, data }, RECORD.PATCH)
    assert.deepEqual(await subscriber.read(name), { version: 1, data: { a: 1 } })
  })
}

/** Sends a write once without and once with acknowledgement; both must be refused for their data. */
async function refused (wire, action, fields, originalAction, answer = {}) {
  wire.record(action, fields)
  await wire.expectRecord(RECORD.INVALID_MESSAGE_DATA, { name: fields.name, originalAction, ...answer })
  wire.record(action, { ...fields, ...ACK })
  await wire.expectRecord(RECORD.INVALID_MESSAGE_DATA, { name: fields.name, originalAction, isError: true, ...ACK, ...answer })
}

scenario('what is refused for its data is refused before the version is looked at', async context => {
  const { writer, name } = await pair(context)
  for (const version of [0, 1, 9, -1]) await refused(writer, RECORD.UPDATE, { name, version, data: 'null' }, RECORD.UPDATE)
})

scenario('keys that JavaScript objects are born with are plain keys of a path', async context => {
  const { writer, subscriber, name } = await pair(context, {})
  await write(writer, RECORD.PATCH, { name, version: 2, path: 'toString.length', parsedData: 1 })

  await subscriber.expectRecord(RECORD.PATCH, { version: 2, path: 'toString.length' })
  const { data } = await subscriber.read(name)
  assert.deepEqual(Object.entries(data), [['toString', { length: 1 }]])
})
