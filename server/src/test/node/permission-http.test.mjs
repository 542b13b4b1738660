// Needs what permission.test.mjs needs.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isAcknowledged } from './lib/clients.mjs'
import { eventually, until, within } from './lib/deadline.mjs'
import { emit, list, make, notify, post, presence, record, request, write } from './lib/http.mjs'
import { scenario } from './lib/scenario.mjs'

const permission = process.env.MILLRACE_PERMISSION_FILE ? scenario : () => {} // any other server allows everything

const known = name => ({ username: name, password: 'password' })
const [root, ann] = ['root', 'ann'].map(known)

/** A batch of this user. */
async function batchOf (user, ...items) {
  const response = await post('/api', { authData: user, body: items })
  assert.equal(response.status, 200)
  return response.json()
}

const denied = (topic, event, action, name) =>
  ({ success: false, error: `Message denied. Action "${name}" is not permitted.`, errorTopic: topic, errorEvent: event, action })

permission('of a batch exactly the refused items fail, each at its place', async ({ connect, unique }) => {
  const admin = await connect({}, root)
  const [secret, sealed, kept, house, plain] = ['secret', 'sealed', 'kept', 'house', 'record'].map(unique)
  for (const name of [secret, sealed, kept]) await within(admin.record.setDataWithAck(name, { by: 'root' }), 'the write')
  const uncallable = unique('uncallable')

  const { result, body } = await batchOf(ann,
    write(plain, { a: 1 }),
    record('read', secret),
    record('head', secret),
    write(sealed, { by: 'ann' }),
    record('read', plain),
    record('write', sealed, { path: 'by', data: 'ann' }),
    record('delete', kept),
    write(house, { a: 1 }),
    make(uncallable, 1),
    notify(unique('quiet')),
    record('head', kept),
    list('write', unique('sealed'), ['a'])
  )

  assert.equal(result, 'PARTIAL_SUCCESS')
  assert.deepEqual(body, [
    { success: true },
    denied('record', 115, 3, 'READ'),
    denied('record', 115, 5, 'HEAD'),
    denied('record', 115, 16, 'CREATEANDUPDATE'),
    { success: true, version: 1, data: { a: 1 } },
    denied('record', 115, 17, 'CREATEANDPATCH'),
    denied('record', 115, 9, 'DELETE'),
    denied('record', 115, 16, 'CREATEANDUPDATE'),
    denied('rpc', 107, 2, 'REQUEST'),
    denied('record', 115, 2, 'NOTIFY'),
    { success: true, version: 1 },
    denied('record', 115, 16, 'CREATEANDUPDATE')
  ])
  assert.deepEqual(await within(admin.record.snapshot(sealed), 'the snapshot'), { by: 'root' })
})

permission('the role is that of who has logged in for the batch', async ({ unique }) => {
  const name = unique('secret')
  assert.equal((await batchOf(root, write(name, { a: 1 }), record('read', name))).result, 'SUCCESS')
  assert.deepEqual((await batchOf(ann, record('read', name))).result, 'FAILURE')
  const [failed] = (await batchOf({}, record('read', name))).body
  assert.deepEqual([failed.success, failed.errorTopic, failed.errorEvent], [false, 'record', 114])
})

permission('what an event carries is looked at, and only what is allowed is delivered', async ({ connect, unique }) => {
  const listener = await connect({}, ann)
  const name = unique('over-ten')
  const heard = []
  listener.event.subscribe(name, data => heard.push(data))
  await until(() => isAcknowledged(listener), 'the acknowledgement')

  const { result, body } = await batchOf(ann, emit(name, 9), emit(name, 11), emit(name, '12'), emit(unique('mute'), 1), emit(name, 13))
  assert.equal(result, 'PARTIAL_SUCCESS')
  assert.deepEqual(body.map(({ success }) => success), [false, true, true, false, true])
  for (const { error, ...rest } of [body[0], body[3]]) {
    assert.match(error, /Message denied/)
    assert.deepEqual(rest, { success: false, errorTopic: 'event', errorEvent: 'MESSAGE_DENIED', errorAction: 'emit' })
  }
  await eventually(() => heard, [11, '12', 13])
})

permission('presence is told to those who may know', async ({ connect }) => {
  const [hidden, plain] = [`hidden-${randomUUID()}`, `plain-${randomUUID()}`]
  await connect({}, { username: hidden })
  await connect({}, { username: plain })

  const [all, named] = (await batchOf(ann, presence(), presence([plain, hidden]))).body
  assert.deepEqual([all.users.includes(plain), all.users.includes(hidden)], [true, false])
  assert.deepEqual([named.success, named.errorTopic], [false, 'presence'])
  const [everybody, both] = (await batchOf(root, presence(), presence([plain, hidden]))).body
  assert.ok(everybody.users.includes(plain) && everybody.users.includes(hidden))
  assert.deepEqual(both.users, { [plain]: true, [hidden]: true })
  assert.deepEqual((await batchOf({ username: 'blind' }, presence())).body, [denied('presence', 102, 2, 'QUERY_ALL')])
})

permission('a resource that may not be read or written is forbidden', async ({ unique }) => {
  const name = unique('secret')
  await batchOf(root, write(name, { a: 1 }))

  const read = await request(`/api/v1/records/${encodeURIComponent(name)}`)
  assert.equal(read.status, 403)
  const written = await request(`/api/v1/records/${encodeURIComponent(unique('sealed'))}`,
    { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' })
  assert.equal(written.status, 403)
})
