import assert from 'node:assert/strict'
import { eventually, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'
import { CONNECTION, encode, PARSER, RECORD, TOPIC } from './lib/wire.mjs'

const UNKNOWN_TOPIC = { topic: TOPIC.PARSER, action: PARSER.UNKNOWN_TOPIC }

const unusable = {
  'an empty frame': Buffer.alloc(0),
  'a length that runs past the frame': Buffer.from('ff00ff', 'hex'),
  'a length that never ends': Buffer.from('ffffffffffffffffffffffff', 'hex'),
  'a length of two billion': Buffer.from('ffffffff07', 'hex'),
  'a frame that ends inside the envelope': Buffer.from('0610021a0208', 'hex'),
  'a body longer than its envelope': Buffer.from('0610051a7f0805', 'hex'),
  'a field with wire type 7': Buffer.from('0610051a020f05', 'hex'),
  'topic 0': Buffer.from('0410001a00', 'hex'),
  'topic 50': Buffer.from('0410321a00', 'hex'),
  'topic 100': Buffer.from('0410641a00', 'hex'),
  'the topic of monitoring': Buffer.from('0410081a00', 'hex'),
  'the topics between nodes': [9, 10, 11].map(topic => Buffer.from([4, 0x10, topic, 0x1a, 0])),
  'a PARSER message': encode({ topic: TOPIC.PARSER, action: PARSER.UNKNOWN_TOPIC }),
  'a PONG': encode({ topic: TOPIC.CONNECTION, action: CONNECTION.PONG })
}

for (const [what, frames] of Object.entries(unusable)) {
  scenario(`after the login: ${what} is refused and the socket stays open`, async ({ wire: open, unique }) => {
    const wire = await open()
    for (const frame of Array.isArray(frames) ? frames : [frames]) {
      wire.sendFrame(frame)
      await wire.expect(UNKNOWN_TOPIC)
    }
    assert.equal(await wire.head(unique()), -1)
  })
}

scenario('an unknown action is named and the socket stays open', async ({ wire: open, unique }) => {
  const wire = await open()
  wire.record(90, { name: 'x' })
  await wire.expect({ topic: TOPIC.PARSER, action: PARSER.UNKNOWN_ACTION, originalTOPIC: TOPIC.RECORD, originalAction: 90 })
  assert.equal(await wire.head(unique()), -1)
})

scenario('actions that only a server says do no harm', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique()
  await wire.subscribe(name)
  const actions = [RECORD.READ_RESPONSE, RECORD.HEAD_RESPONSE, RECORD.DELETED, RECORD.DELETE_SUCCESS, RECORD.WRITE_ACKNOWLEDGEMENT,
    RECORD.VERSION_EXISTS, RECORD.RECORD_NOT_FOUND, RECORD.MESSAGE_DENIED, RECORD.HEAD_RESPONSE_BULK]
  for (const action of actions) wire.record(action, { name, version: 5, data: '{"forged":true}' })

  wire.record(RECORD.READ, { name })
  const answers = await wire.collectUntil({ topic: TOPIC.RECORD, action: RECORD.READ_RESPONSE, name })
  assert.ok(answers.slice(0, -1).every(({ topic }) => topic === TOPIC.PARSER), JSON.stringify(answers))
  assert.deepEqual([answers.at(-1).version, answers.at(-1).data], [0, {}])
})

scenario('bytes behind the message and fields that nobody knows are ignored', async ({ wire: open, unique }) => {
  const wire = await open()
  wire.sendFrame(Buffer.from('0610021a020802ffff', 'hex'))
  await wire.expectExactly({ topic: TOPIC.CONNECTION, action: CONNECTION.PONG })

  // PING with field 15 = 1 in the body and field 7 = 1 in the envelope.
  wire.sendFrame(Buffer.from('0a10021a04080278013801', 'hex'))
  await wire.expectExactly({ topic: TOPIC.CONNECTION, action: CONNECTION.PONG })
  assert.equal(await wire.head(unique()), -1)
})

scenario('of two messages in one frame the first counts', async ({ wire: open, unique }) => {
  const wire = await open()
  const [first, second] = [unique(), unique()]
  const head = name => encode({ topic: TOPIC.RECORD, action: RECORD.HEAD, name })
  wire.sendFrame(Buffer.concat([head(first), head(second)]))
  await wire.expectRecord(RECORD.HEAD_RESPONSE, { name: first })
  await wire.ping()
})

scenario('a message without the name that it needs does no harm', async ({ wire: open, unique }) => {
  const wire = await open()
  for (const action of [RECORD.READ, RECORD.HEAD, RECORD.UPDATE, RECORD.PATCH, RECORD.ERASE, RECORD.DELETE, RECORD.CREATEANDUPDATE]) {
    wire.record(action, { version: 1, data: '{}' })
    wire.record(action, { name: '', version: 1, data: '{}' })
  }
  for (const action of [RECORD.SUBSCRIBECREATEANDREAD, RECORD.SUBSCRIBEANDHEAD, RECORD.UNSUBSCRIBE]) {
    wire.record(action)
    wire.record(action, { names: [''] })
  }
  const name = unique()
  wire.record(RECORD.HEAD, { name })
  await wire.collectUntil({ topic: TOPIC.RECORD, action: RECORD.HEAD_RESPONSE, name })
})

scenario('data nested a hundred thousand times does no harm', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique()
  wire.record(RECORD.CREATEANDUPDATE, { name, version: -1, data: '['.repeat(100_000) + ']'.repeat(100_000) })
  await wire.expectRecord(RECORD.INVALID_MESSAGE_DATA, { name, data: undefined })
  assert.equal(await wire.head(name), -1)
})

scenario('garbage of one socket does not disturb the others', async ({ connectAll, wire: open, socket, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique()
  const [mine, theirs] = await Promise.all([writer, reader].map(client => client.record.getRecord(name).whenReady()))
  const random = generator(20260)
  let noisy = await open()

  for (let n = 1; n <= 200; n++) {
    if (!noisy.isOpen) noisy = await open()
    const frame = Buffer.from(Array.from({ length: random(60) }, () => random(256)))
    // Half of the frames get past the first check: a right length in front, a right topic.
    if (n % 2 === 0 && frame.length > 4) frame.set([frame.length - 1, 0x10, 2 + random(6), 0x1a, frame.length - 5])
    noisy.sendFrame(frame)
    if (n % 20 === 0) {
      const early = await socket()
      early.sendFrame(frame)
    }
    mine.set('n', n)
  }
  await eventually(() => theirs.get('n'), 200)
  await within(mine.setWithAck('done', true), 'a write')
  await eventually(() => [theirs.get(), theirs.version], [{ n: 200, done: true }, 201])
})

/** The same numbers in every run. */
function generator (seed) {
  return limit => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor(seed / 2_147_483_648 * limit)
  }
}
