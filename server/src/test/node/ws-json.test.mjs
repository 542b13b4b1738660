import assert from 'node:assert/strict'
import { deafen, hear, isReading, REMOTE_WINS } from './lib/clients.mjs'
import { eventually, rejection, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'
import { AUTH, CHALLENGE, CONNECTION, encode, encodeJson, PARSER, RECORD, TOPIC } from './lib/wire.mjs'

const JSON_CLIENT = { format: 'json' }
const BINARY_CLIENT = { format: 'binary' }

/** A JSON client and a binary client. */
const pair = ({ connect }) => Promise.all([connect(JSON_CLIENT), connect(BINARY_CLIENT)])

scenario('a client logs in, writes, follows, reads and erases', async ({ connect, unique }) => {
  const [writer, follower] = [await connect(JSON_CLIENT, { username: 'Ada' }), await connect(JSON_CLIENT)]
  const name = unique()
  const [mine, theirs] = await Promise.all([writer, follower].map(client => client.record.getRecord(name).whenReady()))
  const heard = []
  theirs.subscribe('seats.A1', seat => heard.push(seat))

  await within(mine.setWithAck({ seats: { A1: 'free' } }), 'the write of the whole')
  await within(mine.setWithAck('seats.A1', 'sold'), 'the write of a path')
  mine.erase('seats.A1')
  await eventually(() => heard, ['free', 'sold', undefined])
  await eventually(() => theirs.get(), { seats: {} })
  assert.deepEqual(await follower.record.snapshot(name), { seats: {} })
  assert.equal(await follower.record.head(name), 3)
  assert.equal(await follower.record.has(name), true)
})

const falsy = { null: null, zero: 0, false: false, 'an empty string': '' }
for (const [what, value] of Object.entries(falsy)) {
  scenario(`${what}, which comes as a value only, is written and read`, async context => {
    const [json, binary] = await pair(context)
    const name = context.unique()
    const [mine, theirs] = await Promise.all([json, binary].map(client => client.record.getRecord(name).whenReady()))

    await within(mine.setWithAck('a', value), 'the write')
    await eventually(() => theirs.get(), { a: value })
    assert.deepEqual(await json.record.snapshot(name), { a: value })
  })
}

scenario('both formats write to one record and follow each other', async context => {
  const [json, binary] = await pair(context)
  const name = context.unique()
  const [a, b] = await Promise.all([json, binary].map(client => client.record.getRecord(name).whenReady()))

  for (let n = 0; n < 20; n++) {
    await within((n % 2 ? a : b).setWithAck(`n${n}`, { n, text: 'é座😀"\\\u0000' }), 'a write')
    await eventually(() => (n % 2 ? b : a).get(`n${n}`)?.n, n)
  }
  assert.deepEqual(a.get(), b.get())
  assert.equal(a.version, 20)
})

for (const [winning, losing] of [[BINARY_CLIENT, JSON_CLIENT], [JSON_CLIENT, BINARY_CLIENT]]) {
  scenario(`a loser that speaks ${losing.format} is told the state of the other`, async ({ connect, unique }) => {
    const [winner, loser] = [await connect(winning), await connect({ ...losing, mergeStrategy: REMOTE_WINS })]
    const name = unique()
    const [won, lost] = await Promise.all([winner, loser].map(client => client.record.getRecord(name).whenReady()))

    // The loser does not hear of the winner's write before it sends its own.
    deafen(loser)
    await within(won.setWithAck({ by: 'winner' }), 'the winning write')
    const outcome = lost.setWithAck({ by: 'loser' })
    hear(loser)

    assert.equal(await rejection(outcome, 'the losing write'), 'RECORD_UPDATE_ERROR')
    await eventually(() => lost.get(), { by: 'winner' })
    await until(() => !isReading(loser, name), 'the end of the merge')
    await within(lost.setWithAck('next', 1), 'the next write of the loser')
    await eventually(() => won.get(), { by: 'winner', next: 1 })
  })
}

scenario('a list is followed', async context => {
  const [json, binary] = await pair(context)
  const name = context.unique('list')
  const [mine, theirs] = await Promise.all([json, binary].map(client => client.record.getList(name).whenReady()))

  mine.setEntries(['a', 'b'])
  await eventually(() => theirs.getEntries(), ['a', 'b'])
  theirs.addEntry('c')
  await eventually(() => mine.getEntries(), ['a', 'b', 'c'])
  mine.removeEntry('a')
  await eventually(() => theirs.getEntries(), ['b', 'c'])
})

scenario('a record that is deleted is deleted for both formats', async context => {
  const [json, binary] = await pair(context)
  const name = context.unique()
  const [mine, theirs] = await Promise.all([json, binary].map(client => client.record.getRecord(name).whenReady()))
  await within(theirs.setWithAck({ a: 1 }), 'a write')
  const deleted = new Promise(resolve => mine.on('delete', resolve))

  await within(theirs.delete(), 'the delete')
  await within(deleted, 'the news of it')
})

// --- the texts themselves

scenario('acknowledgements say that they are', async ({ wire: open, unique }) => {
  const wire = await open('json')
  wire.record(RECORD.SUBSCRIBE, { names: [unique()], correlationId: '0' })

  await wire.expectRecord(RECORD.SUBSCRIBE)
  assert.deepEqual(JSON.parse(wire.lastFrame), { topic: TOPIC.RECORD, action: RECORD.SUBSCRIBE, isAck: true, correlationId: '0' })
})

scenario('versions are there when there are none', async ({ wire: open }) => {
  const wire = await open('json')
  wire.record(RECORD.SUBSCRIBEANDHEAD, { names: [], correlationId: '0' })

  await wire.expectRecord(RECORD.HEAD_RESPONSE_BULK)
  assert.deepEqual(JSON.parse(wire.lastFrame).versions, {})
})

scenario('a broadcast carries its data as text and its version', async ({ wire: open, unique }) => {
  const [writer, subscriber] = [await open('binary'), await open('json')]
  const name = unique()
  await subscriber.subscribe(name)
  writer.record(RECORD.CREATEANDPATCH, { name, version: -1, path: 'a', data: '12345678901234567890.10' })

  await subscriber.expectRecord(RECORD.PATCH, { name, version: 1 })
  assert.equal(JSON.parse(subscriber.lastFrame).data, '12345678901234567890.10')
})

scenario('numbers keep their digits on the way from JSON to binary', async ({ wire: open, unique }) => {
  const [writer, subscriber] = [await open('json'), await open('binary')]
  const name = unique()
  await subscriber.subscribe(name)
  writer.sendFrame(`{"parsedData": {"n":[12345678901234567890.10, 1e300]} ,"topic":5,"action":16,"name":"${name}","version":-1}`)

  await subscriber.expectRecord(RECORD.UPDATE, { name, version: 1 })
  assert.match(subscriber.lastFrame.toString('utf8'), /12345678901234567890\.10/)
})

scenario('an unknown action is named, with the topic as the client spells it', async ({ wire: open }) => {
  const wire = await open('json')
  wire.record(90, { name: 'x' })

  await wire.expect({ topic: TOPIC.PARSER, action: PARSER.UNKNOWN_ACTION })
  assert.deepEqual(JSON.parse(wire.lastFrame),
    { topic: TOPIC.PARSER, action: PARSER.UNKNOWN_ACTION, originalTopic: TOPIC.RECORD, originalAction: 90 })
})

const answered = {
  'an empty object': '{}',
  'no topic': '{"action":3}',
  'a topic that is a text': '{"topic":"5","action":3}',
  'topic 50': '{"topic":50,"action":3}',
  'a topic between nodes': '{"topic":11,"action":3}',
  'a PARSER message': '{"topic":1,"action":1}'
}
for (const [what, frame] of Object.entries(answered)) {
  scenario(`${what} is refused and the socket stays open`, async ({ wire: open, unique }) => {
    const wire = await open('json')
    wire.sendFrame(frame)

    await wire.expect({ topic: TOPIC.PARSER, action: PARSER.UNKNOWN_TOPIC })
    assert.equal(await wire.head(unique()), -1)
  })
}

scenario('a write with a field of the wrong kind is refused by its name', async ({ wire: open, unique }) => {
  const wire = await open('json')
  const name = unique()
  for (const version of ['1', 1.5, 2 ** 31, [1]]) {
    wire.record(RECORD.CREATEANDUPDATE, { name, version, parsedData: {}, isWriteAck: true, correlationId: '7' })
    await wire.expectRecord(RECORD.INVALID_MESSAGE_DATA, { name, isError: true, isWriteAck: true, correlationId: '7' })
  }
  assert.equal(await wire.head(name), -1)
})

scenario('data that is nested too deeply is refused by the name of the record', async ({ wire: open, unique }) => {
  const wire = await open('json')
  const name = unique()
  wire.sendFrame(`{"topic":5,"action":16,"version":-1,"parsedData":${'['.repeat(600)}${']'.repeat(600)},"name":"${name}"}`)

  await wire.expectRecord(RECORD.INVALID_MESSAGE_DATA, { name })
  assert.equal(await wire.head(name), -1)
})

scenario('data as text that is no JSON is refused', async ({ wire: open, unique }) => {
  const wire = await open('json')
  const name = unique()
  wire.record(RECORD.CREATEANDUPDATE, { name, version: -1, data: '{bad' })

  await wire.expectRecord(RECORD.INVALID_MESSAGE_DATA, { name, data: undefined })
  assert.equal(await wire.head(name), -1)
})

scenario('a message in pieces is one message, wherever it was cut', async ({ wire: open, unique }) => {
  const wire = await open('json')
  const name = unique('座')
  const bytes = Buffer.from(encodeJson({ topic: TOPIC.RECORD, action: RECORD.HEAD, name }))
  for (let cut = 1; cut < bytes.length; cut++) {
    wire.sendPieces([bytes.subarray(0, cut), bytes.subarray(cut)])
    await wire.expectRecord(RECORD.HEAD_RESPONSE, { name, version: -1 })
  }
})

// --- what is no JSON

const ping = { topic: TOPIC.CONNECTION, action: CONNECTION.PING }
const garbage = {
  'an empty text': '',
  'a word': 'hello',
  'half an object': '{"topic":2,',
  'two objects': '{"topic":2,"action":2}{"topic":2,"action":2}',
  'an array': `[${encodeJson(ping)}]`,
  'a number': '7',
  null: 'null',
  'an object that is nested beyond all bounds': `{"topic":2,"action":2,"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
  'a binary frame': encode(ping),
  'JSON in a binary frame': Buffer.from(encodeJson(ping))
}
for (const [what, frame] of Object.entries(garbage)) {
  scenario(`${what} closes the socket`, async ({ socket, wire: open, connect, unique }) => {
    const bystander = await connect(JSON_CLIENT)
    const sockets = [await socket('json'), await open('json')]
    for (const wire of sockets) {
      wire.sendFrame(frame)
      assert.equal(await wire.closeCode(), Buffer.isBuffer(frame) ? 1003 : 1007)
    }
    await within(bystander.record.setDataWithAck(unique(), { calm: true }), 'a write of somebody else')
  })
}

scenario('text on the binary endpoint closes the socket', async ({ wire: open }) => {
  const wire = await open('binary')
  wire.sendFrame(encodeJson(ping))

  assert.equal(await wire.closeCode(), 1003)
})

scenario('a message larger than allowed closes the socket with 1009', async ({ wire: open }) => {
  const wire = await open('json')
  wire.sendFrame(`{"topic":2,"action":2,"x":"${'x'.repeat(2 * 1024 * 1024)}"}`)

  assert.equal(await wire.closeCode(), 1009)
})

scenario('login data that is no object closes the socket', async ({ socket }) => {
  for (const fields of [{ parsedData: null }, { parsedData: [1] }, { parsedData: 'x' }, { data: '{' }, {}]) {
    const wire = await socket('json')
    wire.send(CHALLENGE)
    await wire.expectExactly({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT })
    wire.send({ topic: TOPIC.AUTH, action: AUTH.REQUEST, ...fields })
    await wire.expectExactly({ topic: TOPIC.AUTH, action: AUTH.INVALID_MESSAGE_DATA })
    await wire.closeCode()
  }
})
