// Needs the rules of permissions.yml, users root, ann and bob with roles, and a login for everybody else; see NpmClientIT.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { coreOf, isAcknowledged } from './lib/clients.mjs'
import { eventually, rejection, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'
import { RECORD, TOPIC } from './lib/wire.mjs'

const file = process.env.MILLRACE_PERMISSION_FILE
const known = name => ({ username: name, password: 'password' })
const [root, ann, bob] = ['root', 'ann', 'bob'].map(known)

// The client waits in vain for the content of a record that it may not have: it looks for its own number in the refusal, not
// for that of the request, which the protocol puts there.
const NO_CONTENT = new RegExp(`^${TOPIC.RECORD}${RECORD.READ_RESPONSE}_`)

function permission (title, body) {
  if (!file) return // any other server allows everything
  scenario(title, context => {
    context.mayWaitInVain(NO_CONTENT)
    return body(context)
  })
}

const DENIED = 'MESSAGE_DENIED'
const FAILED = 'MESSAGE_PERMISSION_ERROR'

const acknowledged = client => until(() => isAcknowledged(client), 'the acknowledgement')

/** Clients of these users. */
const clientsOf = (connect, ...users) => Promise.all(users.map(user => connect({}, user)))

/** An answer that comes behind whatever this client was told before. */
const settled = client => within(client.presence.getAll(['nobody']), 'an answer')

const opened = (client, name) => within(client.record.getRecord(name).whenReady(), 'the record')

/** Stores a record as one who may. */
const stored = (client, name, data) => within(client.record.setDataWithAck(name, data), 'the write')

// --- records: create and read

permission('who may not create gets a record that is there, and an error for one that is not', async ({ connect, complains, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const [there, missing] = [unique('house'), unique('house')]
  await stored(admin, there, { a: 1 })

  assert.deepEqual((await opened(user, there)).get(), { a: 1 })
  user.record.getRecord(missing)
  const told = []
  coreOf(user, missing).on('error', (...what) => told.push(what))
  await complains(user, /RECORD MESSAGE_DENIED/)
  await eventually(() => told, [[DENIED, 'SUBSCRIBECREATEANDREAD']])
  assert.equal(await within(admin.record.has(missing), 'has'), false)
  assert.deepEqual((await opened(admin, missing)).get(), {})
})

permission('setData in place of a record that may not be created is refused', async ({ connect, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const name = unique('house')

  assert.equal(await rejection(user.record.setDataWithAck(name, { a: 1 }), 'the write'), DENIED)
  assert.equal(await rejection(user.record.setDataWithAck(name, 'a', 1), 'the write'), DENIED)
  assert.equal(await within(admin.record.has(name), 'has'), false)
  await stored(admin, name, { a: 1 })
})

permission('who may not read gets neither record nor snapshot, head or existence', async ({ connect, complains, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const name = unique('secret')
  const theirs = await opened(admin, name)
  await within(theirs.setWithAck({ a: 1 }), 'the write')

  assert.equal(await rejection(user.record.snapshot(name), 'the snapshot'), DENIED)
  assert.equal(await rejection(user.record.head(name), 'the head'), DENIED)
  assert.equal(await rejection(user.record.has(name), 'has'), DENIED)
  const mine = user.record.getRecord(name)
  await complains(user, /RECORD MESSAGE_DENIED/)
  await within(theirs.setWithAck('a', 2), 'a write nobody else hears of')
  await settled(user)
  assert.deepEqual([mine.isReady, mine.version], [false, null])
})

permission('a rule that fails on a user without data is an error, and denies', async ({ connect, complains, unique }) => {
  const stranger = await connect()
  const name = unique('secret')

  assert.equal(await rejection(stranger.record.snapshot(name), 'the snapshot'), FAILED)
  const record = stranger.record.getRecord(name)
  await complains(stranger, /RECORD MESSAGE_PERMISSION_ERROR/)
  assert.equal(record.isReady, false)
})

permission('who has not said who they are is not authenticated', async ({ connect, unique }) => {
  const [user, stranger] = await clientsOf(connect, ann, {})
  const name = unique('members')
  await stored(stranger, name, { a: 1 })

  assert.deepEqual(await within(user.record.snapshot(name), 'the snapshot'), { a: 1 })
  assert.equal(await rejection(stranger.record.snapshot(name), 'the snapshot'), DENIED)
})

permission('of many records that are asked for at once exactly the refused ones are missing', async ({ connect, complains, unique }) => {
  const user = await connect({}, ann)
  const kinds = ['secret', 'record', 'house', 'record', 'secret', 'record']
  const names = kinds.map(unique)
  const records = names.map(name => user.record.getRecord(name))

  for (let refused = 0; refused < 3; refused++) await complains(user, /RECORD MESSAGE_DENIED/)
  await eventually(() => records.map(({ isReady }) => isReady), kinds.map(kind => kind === 'record'))
  await settled(user)
  assert.deepEqual(records.map(({ isReady }) => isReady), kinds.map(kind => kind === 'record'))
})

// --- records: write and delete

permission('a refused write is told to its callback, and to nobody else', async ({ connect, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const name = unique('sealed')
  const [theirs, mine] = await Promise.all([admin, user].map(client => opened(client, name)))
  const errors = []
  coreOf(user, name).on('error', (...what) => errors.push(what))

  assert.equal(await rejection(mine.setWithAck({ a: 1 }), 'the write'), DENIED)
  assert.equal(await within(admin.record.head(name), 'the version'), 0)
  assert.deepEqual(theirs.get(), {})
  assert.deepEqual(errors, [])
})

permission('a refused write without callback is an error of the record', async ({ connect, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  for (const [write, action] of [[record => record.set('a', 1), 'PATCH'], [record => record.set({ a: 1 }), 'UPDATE']]) {
    const name = unique('sealed')
    const mine = await opened(user, name)
    const errors = []
    coreOf(user, name).on('error', (...what) => errors.push(what))
    write(mine)

    await eventually(() => errors, [[DENIED, action]])
    assert.deepEqual(await within(admin.record.snapshot(name), 'the snapshot'), {})
  }
})

permission('a refused setData is an error of the client', async ({ connect, complains, unique }) => {
  const user = await connect({}, ann)
  const name = unique('sealed')

  assert.equal(await rejection(user.record.setDataWithAck(name, { a: 1 }), 'the write'), DENIED)
  user.record.setData(name, { a: 1 })
  await complains(user, /RECORD MESSAGE_DENIED/)
  assert.equal(await within(user.record.has(name), 'has'), false)
})

permission('a path variable is part of the name', async ({ connect, unique }) => {
  const [one, two] = await clientsOf(connect, ann, bob)
  const name = `diary/ann/${unique()}`

  await within(one.record.setDataWithAck(name, { text: 'mine' }), 'the write')
  assert.equal(await rejection(two.record.setDataWithAck(name, 'text', 'yours'), 'the write'), DENIED)
  assert.deepEqual(await within(two.record.snapshot(name), 'the snapshot'), { text: 'mine' })
})

permission('a rule sees the record as it would be, by whatever way it is written', async ({ connect, unique }) => {
  const user = await connect({}, ann)
  const [record, forced] = [await opened(user, unique('age')), unique('age')]

  await within(record.setWithAck({ name: 'Cid', age: 18 }), 'a whole write')
  await within(record.setWithAck('name', 'Dee'), 'a write of another path')
  assert.equal(await rejection(user.record.setDataWithAck(forced, { age: 17 }), 'the write'), DENIED)
  await within(user.record.setDataWithAck(forced, { age: '18' }), 'text that is a number is compared as one')
  await within(user.record.setDataWithAck(forced, 'name', 'Eve'), 'a forced write of another path')
  assert.equal(await rejection(user.record.setDataWithAck(forced, 'age', 17), 'the write'), DENIED)
  assert.equal(await rejection(record.setWithAck('age', 17), 'the write'), DENIED)
  assert.deepEqual(await within(user.record.snapshot(forced), 'the snapshot'), { age: '18', name: 'Eve' })
})

permission('a rule sees the record as it is', async ({ connect, unique }) => {
  const user = await connect({}, ann)
  const record = await opened(user, unique('auction'))
  const bid = price => user.record.setDataWithAck(record.name, 'price', price)
  record.discard()
  await eventually(() => user.record.names(), [])

  await within(bid(10), 'the first bid')
  await within(bid(12), 'a higher bid')
  assert.equal(await rejection(bid(12), 'the same bid'), DENIED)
  assert.equal(await rejection(bid(11), 'a lower bid'), DENIED)
  await within(bid(13), 'a higher bid')
  // Each is judged with what the one before it has left.
  const bids = await Promise.allSettled([20, 15, 30, 25, 40].map(bid))
  assert.deepEqual(bids.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
})

permission('who may not delete is told, and the record stays', async ({ connect, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const name = unique('kept')
  await stored(admin, name, { a: 1 })
  const record = await opened(user, name)

  assert.equal(await rejection(record.delete(), 'the deletion'), DENIED)
  assert.deepEqual(await within(admin.record.snapshot(name), 'the snapshot'), { a: 1 })
  user.close() // it would wait for the end of the deletion
  await within((await opened(admin, name)).delete(), 'the deletion by one who may')
})

permission('erasing is deleting, for a part', async ({ connect, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const name = unique('kept')
  await stored(admin, name, { a: 1, b: 2 })
  const record = await opened(user, name)

  assert.equal(await rejection(record.eraseWithAck('a'), 'the erasure'), DENIED)
  const theirs = await opened(admin, name)
  assert.deepEqual(theirs.get(), { a: 1, b: 2 })
  await within(theirs.eraseWithAck('b'), 'the erasure by one who may')
})

permission('deleting and reading may depend on what is there', async ({ connect, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const [sold, unsold] = [unique('open'), unique('open')]
  await stored(user, sold, { sold: true })
  await stored(user, unsold, { sold: false })

  assert.equal(await rejection(user.record.snapshot(sold), 'the snapshot'), DENIED)
  assert.deepEqual(await within(admin.record.snapshot(sold), 'the snapshot'), { sold: true })
  await within((await opened(user, unsold)).delete(), 'the deletion')
  const record = await opened(admin, sold)
  assert.equal(await rejection(record.delete(), 'the deletion'), DENIED)
  admin.close()
})

// --- records: other records

permission('a rule asks other records, as they are now', async ({ connect, unique }) => {
  const [admin, one, two] = await clientsOf(connect, root, ann, bob)
  const section = randomUUID()
  const [sale, seat] = [`sale/${section}`, `seat/${section}/${unique()}`]
  const buy = (client, buyer) => client.record.setDataWithAck(seat, { buyer })

  assert.equal(await rejection(buy(one, 'ann'), 'a sale that is not there'), FAILED)
  await stored(admin, sale, { open: false })
  assert.equal(await rejection(buy(one, 'ann'), 'a closed sale'), DENIED)
  await stored(admin, sale, { open: true })
  await opened(one, seat) // now there is a record, without a buyer
  await within(buy(two, 'bob'), 'the first buyer')
  assert.equal(await rejection(buy(admin, 'root'), 'another buyer'), DENIED)
  await within(buy(two, 'bob'), 'the buyer again').catch(reason => assert.fail(reason))
  await stored(admin, sale, { open: false })
  assert.equal(await rejection(buy(two, 'bob'), 'a closed sale'), DENIED)
})

permission('a record may lead to another one, but not for ever', async ({ connect, unique }) => {
  const user = await connect({}, ann)
  const ids = Array.from({ length: 4 }, () => randomUUID())
  await stored(user, `chained/${ids[0]}`, { next: ids[1] })
  await stored(user, `chained/${ids[1]}`, { last: true })
  await stored(user, `chain/${ids[0]}`, { a: 1 })
  assert.deepEqual(await within(user.record.snapshot(`chain/${ids[0]}`), 'the snapshot'), { a: 1 })
  await stored(user, `chained/${ids[1]}`, { last: false })
  assert.equal(await rejection(user.record.snapshot(`chain/${ids[0]}`), 'the snapshot'), DENIED)

  for (const i of [0, 1, 2]) await stored(user, `c/${ids[i]}`, { n: ids[i + 1] })
  await stored(user, `c/${ids[3]}`, { n: true })
  assert.equal(await rejection(user.record.snapshot(`deep/${ids[0]}`), 'the snapshot'), FAILED)
})

// --- records: listen and notify

permission('a refused listener is not asked', async ({ connect, complains, mayComplain, unique }) => {
  mayComplain(/ACK_TIMEOUT/) // for records the client goes on waiting
  const [provider, subscriber] = await Promise.all([connect({ subscriptionTimeout: 50 }, ann), connect({}, ann)])
  provider.record.listen('quiet.*', () => assert.fail('asked'))
  provider.event.listen('quiet.*', () => assert.fail('asked'))
  await complains(provider, /RECORD MESSAGE_DENIED/)
  await complains(provider, /EVENT MESSAGE_DENIED/)

  await opened(subscriber, unique('quiet'))
  subscriber.event.subscribe(unique('quiet'), () => {})
  await acknowledged(subscriber)
  await settled(provider)
})

permission('a notification is refused name by name', async ({ connect, complains, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const [refused, allowed] = [unique('quiet'), unique()]

  await within(user.record.notify([refused, allowed]), 'the answer for the allowed one')
  await complains(user, /RECORD MESSAGE_DENIED/)
  await within(admin.record.notify([refused, allowed]), 'the answer')
})

// --- events

/** Subscribes; answers what is heard. */
async function hear (client, name) {
  const heard = []
  client.event.subscribe(name, data => heard.push(data))
  await acknowledged(client)
  return heard
}

permission('who may not subscribe is told so and hears nothing', async ({ connect, complains, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const name = unique('deaf')
  const heard = []
  user.event.subscribe(name, data => heard.push(data))
  await complains(user, /EVENT MESSAGE_DENIED/)
  const theirs = await hear(admin, name)
  const emitter = await connect()

  emitter.event.emit(name, 1)
  await eventually(() => theirs, [1])
  await settled(user)
  assert.deepEqual(heard, [])
  assert.deepEqual(user.event.eventNames(), [])
})

permission('of many events that are subscribed to at once exactly the refused ones are not heard', async ({ connect, complains, unique }) => {
  const [emitter, user] = await clientsOf(connect, root, ann)
  const kinds = ['deaf', 'event', 'event', 'deaf', 'event', 'deaf']
  const names = kinds.map(unique)
  const heard = []
  for (const name of names) user.event.subscribe(name, () => heard.push(name))
  for (let refused = 0; refused < 3; refused++) await complains(user, /EVENT MESSAGE_DENIED/)

  // The client takes the first refusal for the end of its request, so it does not know when the others are subscribed.
  await until(() => { names.forEach(name => emitter.event.emit(name)); return new Set(heard).size >= 3 }, 'the allowed ones')
  await settled(emitter)
  await settled(user)
  assert.deepEqual([...new Set(heard)].sort(), names.filter((_, i) => kinds[i] === 'event').sort())
})

permission('users subscribe to what is theirs', async ({ connect, complains, unique }) => {
  const [user, emitter] = await clientsOf(connect, ann, bob)
  const id = unique()
  const heard = await hear(user, `to/ann/${id}`)
  emitter.event.subscribe(`to/ann/${id}`, () => assert.fail('heard what is for ann'))
  await complains(emitter, /EVENT MESSAGE_DENIED/)

  user.event.subscribe(`to/annabel/${id}`, () => {})
  await complains(user, /EVENT MESSAGE_DENIED/)
  emitter.event.emit(`to/ann/${id}`, 1)
  await eventually(() => heard, [1])
})

/** Which of these may be published by a user: tries all of them, then one that may. */
async function published ({ connect, mayComplain, unique }, user, name, values, last) {
  mayComplain(/EVENT MESSAGE_DENIED/, /EVENT UNSOLICITED_MESSAGE/)
  const [emitter, listener] = await clientsOf(connect, user, root)
  const heard = await hear(listener, name)
  for (const value of [...values, last]) emitter.event.emit(name, value)
  await eventually(() => heard.at(-1), last)
  return heard.slice(0, -1)
}

permission('who may not publish is told so', async ({ connect, complains, unique }) => {
  const [emitter, listener] = await clientsOf(connect, ann, bob)
  const [muted, loud] = [unique('mute'), unique()]
  const refused = await hear(listener, muted)
  const heard = await hear(listener, loud)

  emitter.event.emit(muted, 1)
  emitter.event.emit(loud, 2)
  await eventually(() => heard, [2])
  assert.deepEqual(refused, [])
  await complains(emitter, /EVENT MESSAGE_DENIED/)
})

permission('data is compared as JavaScript does', async context => {
  const values = [9, 11, '9', '12', 'twelve', [11], [9], { n: 11 }, true, null, undefined, '']
  assert.deepEqual(await published(context, ann, context.unique('over-ten'), values, 99), [11, '12', [11]])
})

permission('path variables have the methods of text', async context => {
  const at = city => ({ address: { city } })
  const id = context.unique()
  assert.deepEqual(await published(context, ann, `lower/berlin/${id}`, [at('bonn'), at('Berlin'), {}, null], at('berlin')), [])
  const [emitter, listener] = await clientsOf(context.connect, ann, bob)
  const heard = await hear(listener, `lower/Berlin/${id}`)
  emitter.event.emit(`lower/Berlin/${id}`, at('Berlin'))
  await context.complains(emitter, /EVENT MESSAGE_DENIED/)
  await settled(listener)
  assert.deepEqual(heard, [])
})

permission('the type of a member is asked for', async context => {
  const values = [{ text: 7 }, {}, 'seat 12', { text: 'row 12' }, null]
  assert.deepEqual(await published(context, ann, context.unique('text'), values, { text: 'seat 12' }), [])
})

permission('the role is what the server knows of the user, not what the user says', async ({ connect, complains, unique }) => {
  const name = unique('staff')
  const [admin, user, liar] = await clientsOf(connect, root, ann, { ...bob, role: 'admin', serverData: { role: 'admin' } })
  const heard = await hear(user, name)

  liar.event.emit(name, 'lie')
  await complains(liar, /EVENT MESSAGE_DENIED/)
  admin.event.emit(name, 'truth')
  await eventually(() => heard, ['truth'])
})

permission('an event depends on a record', async ({ connect, complains, unique }) => {
  const [emitter, listener] = await clientsOf(connect, ann, bob)
  const section = randomUUID()
  const name = `while-open/${section}/${unique()}`
  const heard = await hear(listener, name)
  await stored(emitter, `sale/${section}`, { open: true })
  emitter.event.emit(name, 1)
  emitter.event.emit(name, 2)
  await eventually(() => heard, [1, 2])

  await stored(listener, `sale/${section}`, { open: false })
  emitter.event.emit(name, 3)
  await complains(emitter, /EVENT MESSAGE_DENIED/)
  await stored(listener, `sale/${section}`, { open: true })
  emitter.event.emit(name, 4)
  await eventually(() => heard, [1, 2, 4])
})

permission('of two paths the longer one is asked', async ({ connect, complains, unique }) => {
  const [emitter, listener] = await clientsOf(connect, ann, bob)
  const [shorter, longer] = [`overlap/${unique()}`, `overlap/open/${unique()}`]
  const heard = [await hear(listener, shorter), await hear(listener, longer)]

  emitter.event.emit(shorter, 1)
  emitter.event.emit(longer, 2)
  await eventually(() => heard, [[], [2]])
  await complains(emitter, /EVENT MESSAGE_DENIED/)
})

// --- procedures

permission('who may not provide is told so and is not asked', async ({ connect, complains, unique }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const [closed, open] = [unique('closed'), unique('rpc')]
  user.rpc.provide(closed, (data, response) => response.send('wrong'))
  user.rpc.provide(open, (data, response) => response.send('right'))
  await complains(user, /RPC MESSAGE_DENIED/)
  assert.deepEqual(user.rpc.providerNames(), [open])
  await until(() => admin.rpc.make(open).then(answer => answer === 'right', () => false), 'the answer')
  assert.equal(await rejection(admin.rpc.make(closed), 'the call'), 'NO_RPC_PROVIDER')
  admin.rpc.provide(closed, (data, response) => response.send('right'))
  await acknowledged(admin)
  assert.equal(await within(user.rpc.make(closed), 'the answer'), 'right')
})

permission('a call that is refused is not made', async ({ connect, unique }) => {
  const [provider, user, stranger] = await clientsOf(connect, root, ann, {})
  const [never, few] = [unique('uncallable'), unique('few')]
  const asked = []
  for (const name of [never, few]) {
    provider.rpc.provide(name, (data, response) => { asked.push(data); response.send('done') })
  }
  await acknowledged(provider)

  assert.equal(await rejection(user.rpc.make(never, 1), 'the call'), DENIED)
  assert.equal(await rejection(user.rpc.make(few, { seats: 5 }), 'the call'), DENIED)
  assert.equal(await rejection(user.rpc.make(few), 'the call'), FAILED)
  assert.equal(await rejection(stranger.rpc.make(few, { seats: 4 }), 'the call'), DENIED)
  assert.equal(await within(user.rpc.make(few, { seats: 4 }), 'the answer'), 'done')
  assert.deepEqual(asked, [{ seats: 4 }])
})

// --- presence

permission('who may not know who is there is not told', async ({ connect, complains }) => {
  const [blind, user] = await clientsOf(connect, { username: 'blind' }, ann)

  assert.equal(await rejection(blind.presence.getAll(), 'the query'), DENIED)
  assert.equal(await rejection(blind.presence.getAll(['ann']), 'the query'), DENIED)
  const heard = []
  blind.presence.subscribe((...what) => heard.push(what))
  await complains(blind, /PRESENCE MESSAGE_DENIED/)
  blind.presence.subscribe('ann', (...what) => heard.push(what))
  await complains(blind, /PRESENCE MESSAGE_DENIED/)

  const mark = `mark-${randomUUID()}`
  const marks = []
  user.presence.subscribe(mark, (...what) => marks.push(what))
  await acknowledged(user)
  await connect({}, { username: mark })
  await eventually(() => marks, [[mark, true]])
  assert.equal(await rejection(blind.presence.getAll(), 'the query'), DENIED)
  assert.deepEqual(heard, [])
})

permission('a hidden user is seen by those who may only', async ({ connect, complains }) => {
  const [admin, user] = await clientsOf(connect, root, ann)
  const [hidden, plain] = [`hidden-${randomUUID()}`, `plain-${randomUUID()}`]
  const told = new Map()
  for (const client of [admin, user]) {
    const heard = []
    told.set(client, heard)
    client.presence.subscribe((name, online) => { if ([hidden, plain].includes(name)) heard.push(name) })
    client.presence.subscribe(hidden, name => heard.push(`just ${name}`))
  }
  await complains(user, /PRESENCE MESSAGE_DENIED/)
  await Promise.all([admin, user].map(acknowledged))

  await connect({}, { username: hidden })
  await eventually(() => told.get(admin), [hidden, `just ${hidden}`])
  await connect({}, { username: plain })
  await eventually(() => told.get(admin), [hidden, `just ${hidden}`, plain])
  await eventually(() => told.get(user), [plain])
  const all = await Promise.all([admin, user].map(client => within(client.presence.getAll(), 'the query')))
  assert.deepEqual(all.map(names => [names.includes(hidden), names.includes(plain)]), [[true, true], [false, true]])
  assert.equal(await rejection(user.presence.getAll([plain, hidden]), 'the query'), DENIED)
  assert.deepEqual(await within(admin.presence.getAll([plain, hidden]), 'the query'), { [plain]: true, [hidden]: true })
})

// --- the file

permission('a file that has changed is in force without a restart, and one with a mistake is not', async ({ connect, mayComplain, unique }) => {
  mayComplain(/EVENT MESSAGE_DENIED/)
  const rules = await readFile(file, 'utf8')
  const [emitter, listener] = await clientsOf(connect, ann, bob)
  const [name, probe] = [unique('mute'), unique('overlap')]
  const heard = await hear(listener, name)
  const probed = await hear(listener, probe)
  const published = event => until(() => { emitter.event.emit(event, 1); return (event === name ? heard : probed).length > 0 }, 'an event')
  try {
    emitter.event.emit(name, 0)
    await settled(emitter)
    assert.deepEqual(heard, [])
    await writeFile(file, rules.replace('"mute/*": { publish: false }', '"mute/*": { publish: true }'))
    await published(name)
    // A file that is no good is passed over; the next good one is seen.
    await writeFile(file, rules.replace('"*": { publish: true', '"*": { publish: "data ===" '))
    await settled(emitter)
    heard.length = 0
    await published(name)
    await writeFile(file, rules.replace('"overlap/*": { publish: false }', '"overlap/*": { publish: true }'))
    await published(probe)
    await settled(listener)
    heard.length = 0
    emitter.event.emit(name, 2)
    await settled(emitter)
    await settled(listener)
    assert.deepEqual(heard, [])
  } finally {
    await writeFile(file, rules)
  }
})
