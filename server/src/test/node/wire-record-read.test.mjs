import assert from 'node:assert/strict'
import { scenario } from './lib/scenario.mjs'
import { NODES } from './lib/servers.mjs'
import { RECORD, TOPIC } from './lib/wire.mjs'

scenario('version 0 is on the wire', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique()
  wire.record(RECORD.SUBSCRIBECREATEANDREAD, { names: [name], correlationId: '0' })

  await wire.expectRecordExactly(RECORD.SUBSCRIBECREATEANDREAD, { names: [name], correlationId: '0', isAck: true })
  await wire.expectRecordExactly(RECORD.READ_RESPONSE, { name, version: 0, data: {} })
  wire.record(RECORD.READ, { name })
  await wire.expectRecordExactly(RECORD.READ_RESPONSE, { name, version: 0, data: {} })
  wire.record(RECORD.HEAD, { name })
  await wire.expectRecordExactly(RECORD.HEAD_RESPONSE, { name, version: 0 })
})

scenario('a bulk subscription is acknowledged once, with its names, before its records', async ({ wire: open, connect, unique }) => {
  const [wire, client] = [await open(), await connect()]
  const names = [unique(), unique(), unique()]
  await client.record.setDataWithAck(names[1], { there: true })
  wire.record(RECORD.SUBSCRIBECREATEANDREAD, { names, correlationId: '7' })

  await wire.expectRecordExactly(RECORD.SUBSCRIBECREATEANDREAD, { names, correlationId: '7', isAck: true })
  const answers = new Map()
  for (let i = 0; i < 3; i++) {
    const { name, version, data } = await wire.expectRecord(RECORD.READ_RESPONSE)
    answers.set(name, { version, data })
  }
  assert.deepEqual([...names].map(name => answers.get(name)), [
    { version: 0, data: {} }, { version: 1, data: { there: true } }, { version: 0, data: {} }
  ])
  await wire.ping()
})

scenario('READ and HEAD of a missing record', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique()
  wire.record(RECORD.READ, { name })
  await wire.expectRecordExactly(RECORD.RECORD_NOT_FOUND, { name, originalAction: RECORD.READ, isError: true })
  wire.record(RECORD.HEAD, { name })
  await wire.expectRecordExactly(RECORD.HEAD_RESPONSE, { name, version: -1 })
})

scenario('SUBSCRIBEANDREAD of a missing record answers {} at version -1 and creates nothing', async ({ wire: open, connect, unique }) => {
  const [wire, client] = [await open(), await connect()]
  const name = unique()
  wire.record(RECORD.SUBSCRIBEANDREAD, { names: [name], correlationId: '0' })

  await wire.expectRecordExactly(RECORD.SUBSCRIBEANDREAD, { names: [name], correlationId: '0', isAck: true })
  await wire.expectRecordExactly(RECORD.READ_RESPONSE, { name, version: -1, data: {} })
  assert.equal(await client.record.has(name), false)
  // From -1 to 1 is a gap: the full state bridges it, a PATCH makes the client ask for it; both converge.
  await client.record.setDataWithAck(name, 'a', 1)
  const { action, version } = await wire.next()
  assert.ok([RECORD.PATCH, RECORD.UPDATE].includes(action), RECORD[action])
  assert.equal(version, 1)
})

scenario('SUBSCRIBEANDREAD of an existing record subscribes and reads', async ({ wire: open, connect, unique }) => {
  const [wire, client] = [await open(), await connect()]
  const name = unique()
  await client.record.setDataWithAck(name, { a: 1 })
  wire.record(RECORD.SUBSCRIBEANDREAD, { names: [name], correlationId: '0' })

  await wire.expectRecord(RECORD.SUBSCRIBEANDREAD, { isAck: true })
  await wire.expectRecordExactly(RECORD.READ_RESPONSE, { name, version: 1, data: { a: 1 } })
})

scenario('SUBSCRIBEANDHEAD answers all versions in one message, -1 for what is missing, and then the acknowledgement',
  async ({ wire: open, connect, unique }) => {
    const [wire, client] = [await open(), await connect()]
    const [written, created, missing] = [unique('written'), unique('created'), unique('missing')]
    await client.record.setDataWithAck(written, {})
    await client.record.setDataWithAck(written, { a: 1 })
    await client.record.getRecord(created).whenReady()
    wire.record(RECORD.SUBSCRIBEANDHEAD, { names: [written, created, missing], correlationId: '3' })

    await wire.expectRecordExactly(RECORD.HEAD_RESPONSE_BULK, { versions: { [written]: 2, [created]: 0, [missing]: -1 } })
    await wire.expectRecordExactly(RECORD.SUBSCRIBEANDHEAD, { correlationId: '3', isAck: true })
    await client.record.setDataWithAck(missing, { now: 'here' })
    await wire.expectRecordExactly(RECORD.UPDATE, { name: missing, version: 1, data: { now: 'here' } })
  })

scenario('SUBSCRIBE only subscribes', async ({ wire: open, connect, unique }) => {
  const [wire, client] = [await open(), await connect()]
  const name = unique()
  wire.record(RECORD.SUBSCRIBE, { names: [name], correlationId: '5' })

  await wire.expectRecordExactly(RECORD.SUBSCRIBE, { correlationId: '5', isAck: true })
  assert.equal(await wire.head(name), -1)
  await client.record.setDataWithAck(name, { a: 1 })
  await wire.expectRecordExactly(RECORD.UPDATE, { name, version: 1, data: { a: 1 } })
})

for (const action of [RECORD.SUBSCRIBECREATEANDREAD, RECORD.SUBSCRIBEANDREAD]) {
  scenario(`a repeated ${RECORD[action]} is told so and answered all the same`, async ({ wire: open, unique }) => {
    const wire = await open()
    const name = unique()
    await wire.subscribe(name)
    wire.record(action, { names: [name], correlationId: '1' })

    await wire.expectRecordExactly(action, { names: [name], correlationId: '1', isAck: true })
    await wire.expectRecordExactly(RECORD.MULTIPLE_SUBSCRIPTIONS, { name, originalAction: RECORD.SUBSCRIBE })
    await wire.expectRecordExactly(RECORD.READ_RESPONSE, { name, version: 0, data: {} })
  })
}

scenario('a repeated SUBSCRIBEANDHEAD is told so and answered all the same', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique()
  await wire.subscribe(name)
  wire.record(RECORD.SUBSCRIBEANDHEAD, { names: [name], correlationId: '1' })

  const answers = await wire.collectUntil({ topic: TOPIC.RECORD, action: RECORD.SUBSCRIBEANDHEAD, correlationId: '1', isAck: true })
  assert.deepEqual(answers.slice(0, -1).sort((a, b) => a.action - b.action), [
    { topic: TOPIC.RECORD, action: RECORD.HEAD_RESPONSE_BULK, versions: { [name]: 0 } },
    { topic: TOPIC.RECORD, action: RECORD.MULTIPLE_SUBSCRIPTIONS, name, originalAction: RECORD.SUBSCRIBEANDHEAD }
  ])
})

scenario('a repeated subscription does not double what is delivered', async ({ wire: open, connect, unique }) => {
  const [wire, client] = [await open(), await connect()]
  const name = unique()
  await wire.subscribe(name)
  wire.record(RECORD.SUBSCRIBE, { names: [name], correlationId: '1' })
  await wire.collectUntil({ topic: TOPIC.RECORD, action: RECORD.SUBSCRIBE, isAck: true })

  await client.record.setDataWithAck(name, 'n', 1)
  await client.record.setDataWithAck(name, 'n', 2)
  await wire.expectRecord(RECORD.PATCH, { name, version: 1 })
  await wire.expectRecord(RECORD.PATCH, { name, version: 2 })
  assert.equal(await wire.head(name), 2)
})

scenario('after UNSUBSCRIBE nothing is delivered', async ({ wire: open, connect, unique }) => {
  const [wire, client] = [await open(), await connect()]
  const name = unique()
  await wire.subscribe(name)
  wire.record(RECORD.UNSUBSCRIBE, { names: [name, unique('never subscribed')], correlationId: name })
  await wire.expectRecordExactly(RECORD.UNSUBSCRIBE, { correlationId: name, isAck: true })

  await client.record.setDataWithAck(name, { a: 1 })
  assert.equal(await wire.head(name), 1)
})

scenario('subscriptions belong to a socket, not to a user', async ({ wire: open, connect, unique }) => {
  const [first, second, client] = [await open(), await open(), await connect()]
  const name = unique()
  await first.subscribe(name)
  await second.subscribe(name)
  first.record(RECORD.UNSUBSCRIBE, { names: [name], correlationId: '1' })
  await first.expectRecord(RECORD.UNSUBSCRIBE, { isAck: true })

  await client.record.setDataWithAck(name, { a: 1 })
  await second.expectRecord(RECORD.UPDATE, { name, version: 1 })
  assert.equal(await first.head(name), 1)
})

scenario('NOTIFY without names is acknowledged at once', async ({ wire: open }) => {
  const wire = await open()
  wire.record(RECORD.NOTIFY, { names: [], correlationId: 'n1' })

  await wire.expectRecordExactly(RECORD.NOTIFY, { correlationId: 'n1', isAck: true })
})

scenario('NOTIFY is acknowledged with its names', async ({ wire: open, unique }) => {
  const wire = await open()
  const names = [unique(), unique()]
  wire.record(RECORD.NOTIFY, { names, correlationId: 'n2' })

  await wire.expectRecordExactly(RECORD.NOTIFY, { names, correlationId: 'n2', isAck: true })
})

scenario('DELETE answers its own way to who asked and to the others', async ({ wire: open, connect, unique }) => {
  const [mine, theirs, client] = [await open(), await open(), await connect()]
  const name = unique()
  await mine.subscribe(name)
  await theirs.subscribe(name)
  mine.record(RECORD.DELETE, { name })

  await mine.expectRecordExactly(RECORD.DELETE_SUCCESS, { name })
  await theirs.expectRecordExactly(RECORD.DELETED, { name })
  // All subscriptions went with the record, that of the requester too.
  await client.record.setDataWithAck(name, { reborn: true })
  assert.equal(await mine.head(name), 1)
  assert.equal(await theirs.head(name), 1)
})

scenario('DELETE of a missing record succeeds', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique()
  wire.record(RECORD.DELETE, { name })

  await wire.expectRecordExactly(RECORD.DELETE_SUCCESS, { name })
  assert.equal(await wire.head(name), -1)
})

scenario('a subscription and the requests behind it are answered in order without waiting', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique()
  wire.record(RECORD.SUBSCRIBECREATEANDREAD, { names: [name], correlationId: '0' })
  for (let version = 1; version <= 100; version++) wire.record(RECORD.PATCH, { name, version, path: 'n', parsedData: version })
  wire.record(RECORD.READ, { name })

  await wire.expectRecord(RECORD.SUBSCRIBECREATEANDREAD, { isAck: true })
  // Where the record is on another node, the first writes may be there before the answer is here.
  await wire.expectRecord(RECORD.READ_RESPONSE, NODES === 1 ? { name, version: 0, data: {} } : { name })
  await wire.expectRecord(RECORD.READ_RESPONSE, { name, version: 100, data: { n: 100 } })
})

scenario('a bulk of 1000 names is answered in full', async ({ wire: open, unique }) => {
  const wire = await open()
  const prefix = unique()
  const names = Array.from({ length: 1000 }, (_, i) => `${prefix}/${i}`)
  wire.record(RECORD.SUBSCRIBECREATEANDREAD, { names, correlationId: '0' })
  await wire.expectRecord(RECORD.SUBSCRIBECREATEANDREAD, { names, isAck: true })
  const answered = new Set()
  for (let i = 0; i < 1000; i++) answered.add((await wire.expectRecord(RECORD.READ_RESPONSE, { version: 0 })).name)
  assert.deepEqual([...answered].sort(), [...names].sort())

  wire.record(RECORD.SUBSCRIBEANDHEAD, { names, correlationId: '0' })
  const told = await wire.collectUntil({ topic: TOPIC.RECORD, action: RECORD.SUBSCRIBEANDHEAD, isAck: true })
  const versions = told.find(({ action }) => action === RECORD.HEAD_RESPONSE_BULK).versions
  assert.equal(Object.keys(versions).length, 1000)
})
