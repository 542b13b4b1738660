import assert from 'node:assert/strict'
import { rejection } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'
import { nextUrl } from './lib/servers.mjs'
import { AUTH, CHALLENGE, CONNECTION, encode, matches, PARSER, RECORD, TOPIC, Wire } from './lib/wire.mjs'

const CONNECTION_INVALID = { topic: TOPIC.CONNECTION, action: CONNECTION.INVALID_MESSAGE }
const AUTH_INVALID = { topic: TOPIC.AUTH, action: AUTH.INVALID_MESSAGE }
const LOGIN = { topic: TOPIC.AUTH, action: AUTH.REQUEST, data: '{}' }

scenario('challenge and login are answered as the client expects', async ({ socket }) => {
  const wire = await socket()
  wire.send(CHALLENGE)
  await wire.expectExactly({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT })
  wire.send(LOGIN)
  await wire.expectExactly({ topic: TOPIC.AUTH, action: AUTH.AUTH_SUCCESSFUL })
})

scenario('a challenge needs none of its fields', async ({ socket }) => {
  const wire = await socket()
  wire.send({ topic: TOPIC.CONNECTION, action: CONNECTION.CHALLENGE })

  await wire.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT })
})

scenario('a PING is answered in every state', async ({ socket }) => {
  const wire = await socket()
  await wire.ping()
  await wire.challenge()
  await wire.ping()
  wire.send(LOGIN)
  await wire.expect({ topic: TOPIC.AUTH, action: AUTH.AUTH_SUCCESSFUL })
  await wire.ping()
})

scenario('messages sent behind the login, without waiting for it, are answered in order', async ({ socket, unique }) => {
  const wire = await socket()
  const name = unique()
  wire.send(CHALLENGE)
  wire.send(LOGIN)
  wire.record(RECORD.SUBSCRIBECREATEANDREAD, { names: [name], correlationId: '0' })
  wire.record(RECORD.UPDATE, { name, version: 1, parsedData: { a: 1 } })
  wire.record(RECORD.READ, { name })

  await wire.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT })
  await wire.expect({ topic: TOPIC.AUTH, action: AUTH.AUTH_SUCCESSFUL })
  await wire.expectRecord(RECORD.SUBSCRIBECREATEANDREAD, { isAck: true })
  // Where another node owns the record, the state may be one that has the update already.
  const first = await wire.expectRecord(RECORD.READ_RESPONSE, { name })
  assert.deepEqual(first.data, first.version === 0 ? {} : { a: 1 })
  await wire.expectRecord(RECORD.READ_RESPONSE, { name, version: 1, data: { a: 1 } })
})

const unusable = {
  'an empty frame': Buffer.alloc(0),
  'a length that runs past the frame': Buffer.from('ff00ff', 'hex'),
  'a length that never ends': Buffer.from('ffffffffffffffffffffffff', 'hex'),
  'a frame that ends inside the envelope': Buffer.from('0610021a0208', 'hex'),
  'topic 0': Buffer.from('0410001a00', 'hex'),
  'topic 50': Buffer.from('0410321a00', 'hex'),
  'a topic between nodes': Buffer.from('04100b1a00', 'hex')
}

for (const [what, frame] of Object.entries(unusable)) {
  scenario(`before the challenge: ${what} is refused and the socket stays open`, async ({ socket }) => {
    const wire = await socket()
    wire.sendFrame(frame)
    await wire.expect(CONNECTION_INVALID)
    await wire.login()
  })

  scenario(`before the login: ${what} is refused and the socket stays open`, async ({ socket }) => {
    const wire = await socket()
    await wire.challenge()
    wire.sendFrame(frame)
    await wire.expect(AUTH_INVALID)
    wire.send(LOGIN)
    await wire.expect({ topic: TOPIC.AUTH, action: AUTH.AUTH_SUCCESSFUL })
  })
}

scenario('nothing but the challenge is taken before the challenge', async ({ socket, unique, connect }) => {
  const wire = await socket()
  const name = unique()
  wire.send(LOGIN)
  await wire.expect(CONNECTION_INVALID)
  wire.record(RECORD.CREATEANDUPDATE, { name, version: -1, data: '{}' })
  await wire.expect(CONNECTION_INVALID)
  await wire.login()
  assert.equal(await (await connect()).record.has(name), false)
})

scenario('another CONNECTION message before the challenge does no harm', async ({ socket }) => {
  const wire = await socket()
  wire.send({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT })
  wire.send({ topic: TOPIC.CONNECTION, action: CONNECTION.PING })
  const answers = await wire.collectUntil({ topic: TOPIC.CONNECTION, action: CONNECTION.PONG })
  assert.ok(answers.slice(0, -1).every(answer => matches(answer, CONNECTION_INVALID)))
  await wire.login()
})

scenario('nothing but the login is taken between challenge and login', async ({ socket, unique, connect }) => {
  const wire = await socket()
  const name = unique()
  await wire.challenge()
  wire.record(RECORD.CREATEANDUPDATE, { name, version: -1, data: '{}' })
  await wire.expect(AUTH_INVALID)
  wire.send(CHALLENGE)
  await wire.expect(AUTH_INVALID)
  wire.send(LOGIN)
  await wire.expect({ topic: TOPIC.AUTH, action: AUTH.AUTH_SUCCESSFUL })
  assert.equal(await (await connect()).record.has(name), false)
})

for (const [what, login] of Object.entries({
  'no data': {},
  null: { data: 'null' },
  'a number': { data: '12' },
  'a string': { data: '"user"' },
  'no JSON': { data: '{bad' },
  'empty text': { data: '' },
  'JSON with a tail': { data: '{} {}' }
})) {
  scenario(`a login with ${what} is refused and the socket closed`, async ({ socket }) => {
    const wire = await socket()
    await wire.challenge()
    wire.send({ topic: TOPIC.AUTH, action: AUTH.REQUEST, ...login })

    await wire.expect({ topic: TOPIC.AUTH, action: AUTH.INVALID_MESSAGE_DATA, data: undefined })
    await wire.closeCode()
  })
}

scenario('an AUTH message that is no login is refused and the socket closed', async ({ socket }) => {
  const wire = await socket()
  await wire.challenge()
  wire.send({ topic: TOPIC.AUTH, action: AUTH.AUTH_SUCCESSFUL, data: '{}' })

  await wire.expect({ topic: TOPIC.AUTH, action: AUTH.INVALID_MESSAGE_DATA })
  await wire.closeCode()
})

scenario('a second login and a second challenge are refused once logged in', async ({ wire: open, unique }) => {
  const wire = await open()
  for (const message of [LOGIN, CHALLENGE]) {
    wire.send(message)
    await wire.expect({ topic: TOPIC.PARSER, action: PARSER.UNKNOWN_TOPIC })
  }
  assert.equal(await wire.head(unique()), -1)
})

for (const [state, prepare] of Object.entries({
  'before the challenge': async () => {},
  'before the login': wire => wire.challenge(),
  'after the login': wire => wire.login()
})) {
  scenario(`a text frame ${state} closes the socket`, async ({ socket }) => {
    const wire = await socket()
    await prepare(wire)
    wire.sendFrame('{"topic":2,"action":2}')

    await wire.closeCode()
  })

  scenario(`a frame of 2 MiB ${state} closes the socket with code 1009`, async ({ socket }) => {
    const wire = await socket()
    await prepare(wire)
    wire.sendFrame(Buffer.alloc(2 * 1024 * 1024))

    assert.equal(await wire.closeCode(), 1009)
  })
}

scenario('a frame just below the limit is taken, and one just above is not', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique()
  const frame = text => encode({
    topic: TOPIC.RECORD, action: RECORD.CREATEANDUPDATE, name, version: -1, parsedData: { text }, isWriteAck: true, correlationId: '1'
  })
  const room = 1024 * 1024 - frame('').length
  wire.sendFrame(frame('x'.repeat(room - 100)))
  await wire.expectRecord(RECORD.WRITE_ACKNOWLEDGEMENT, { name })

  wire.sendFrame(frame('x'.repeat(room + 100)))
  assert.equal(await wire.closeCode(), 1009)
})

scenario('a query string in the url does not matter', async () => {
  const wire = await Wire.open(nextUrl(), { path: '/deepstream?token=abc&x=1' })
  await wire.login()
  await wire.terminate()
})

scenario('a path that nobody serves gets no WebSocket', async () => {
  await rejection(Wire.open(nextUrl(), { path: '/nowhere' }), 'the upgrade')
})
