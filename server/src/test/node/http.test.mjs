import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isAcknowledged } from './lib/clients.mjs'
import { eventually, until, within } from './lib/deadline.mjs'
import { batch, emit, list, make, post, presence, record, request, write } from './lib/http.mjs'
import { scenario } from './lib/scenario.mjs'

const ok = { success: true }

scenario('writes over HTTP reach every subscriber', async ({ connect, unique }) => {
  const name = unique()
  const records = (await Promise.all([connect(), connect()])).map(client => client.record.getRecord(name))
  await Promise.all(records.map(each => each.whenReady()))

  assert.deepEqual(await batch(write(name, { a: 1 })), { result: 'SUCCESS', body: [ok] })
  for (const each of records) await eventually(() => each.get(), { a: 1 })
  assert.deepEqual(await batch(record('write', name, { path: 'b.c[1]', data: 'x' })), { result: 'SUCCESS', body: [ok] })
  for (const each of records) await eventually(() => each.get(), { a: 1, b: { c: [null, 'x'] } })
  await eventually(() => records.map(each => each.version), [2, 2])
})

scenario('versions 1, 2 and -1 are taken, a repeated one is not', async ({ connect, unique }) => {
  const name = unique()
  const outcome = async version => (await batch(write(name, { version }, version))).body[0]

  assert.deepEqual(await outcome(1), ok)
  assert.deepEqual(await outcome(2), ok)
  assert.deepEqual(await outcome(-1), ok)
  const repeated = await outcome(3)

  assert.equal(repeated.success, false)
  assert.match(repeated.error, /Record update failed.*Version 3 exists/)
  assert.deepEqual([repeated.errorTopic, repeated.errorEvent], ['record', 102])
  assert.deepEqual([repeated.currentVersion, repeated.currentData], [3, { version: -1 }])
  assert.deepEqual((await batch(record('head', name))).body, [{ success: true, version: 3 }])
  const reader = await connect()
  assert.deepEqual(await reader.record.snapshot(name), { version: -1 })
})

scenario('a forced first write is there when the second one conflicts', async ({ unique }) => {
  const name = unique()
  const { result, body } = await batch(write(name, { first: true }), write(name, { second: true }, 1))

  assert.equal(result, 'PARTIAL_SUCCESS')
  assert.deepEqual(body[0], ok)
  assert.match(body[1].error, /Record update failed.*Version 1 exists/)
  assert.equal(body[1].errorEvent, 102)
  assert.deepEqual([body[1].currentVersion, body[1].currentData], [1, { first: true }])
})

scenario('a forced first write is there when the second one leaves a gap', async ({ unique }) => {
  const name = unique()
  const { result, body } = await batch(write(name, { first: true }), write(name, { second: true }, 5))

  assert.equal(result, 'PARTIAL_SUCCESS')
  assert.match(body[1].error, /Record update failed.*is not valid for record/)
  assert.equal(body[1].errorEvent, 108)
  assert.deepEqual([body[1].currentVersion, body[1].currentData], [1, { first: true }])
})

scenario('results of a mixed batch come in the order of its items', async ({ connect, unique }) => {
  const [name, missing, event, procedure] = [unique(), unique(), unique(), unique()]
  const client = await connect()
  const heard = []
  client.event.subscribe(event, data => heard.push(data))
  client.rpc.provide(procedure, (data, response) => response.send(data.n + 1))
  await until(() => isAcknowledged(client), 'the acknowledgements')

  const { result, body } = await batch(
    write(name, [1, 2]),
    emit(event, { n: 7 }),
    record('read', missing),
    make(procedure, { n: 1 }),
    record('read', name),
    record('delete', name),
    record('head', name),
    list('write', name, ['a']),
    list('read', name)
  )

  assert.equal(result, 'PARTIAL_SUCCESS')
  assert.deepEqual(body.map(({ success }) => success), [true, true, false, true, true, true, true, true, true])
  assert.match(body[2].error, /could not be found/)
  assert.equal(body[2].errorEvent, 107)
  assert.equal(body[3].data, 2)
  assert.deepEqual(body[4], { success: true, version: 1, data: [1, 2] })
  assert.equal(body[6].version, -1)
  assert.deepEqual(body[8], { success: true, version: 1, data: ['a'] })
  await eventually(() => heard, [{ n: 7 }])
})

scenario('5,000 emits of one batch are all delivered, in order', async ({ connect, unique }) => {
  const event = unique()
  const client = await connect()
  const heard = []
  client.event.subscribe(event, data => heard.push(data))
  await until(() => isAcknowledged(client), 'the acknowledgement')
  const numbers = Array.from({ length: 5000 }, (_, i) => i)

  const { result, body } = await batch(...numbers.map(i => emit(event, i)))

  assert.equal(result, 'SUCCESS')
  assert.equal(body.length, 5000)
  await eventually(() => heard.length, 5000)
  assert.deepEqual(heard, numbers)
})

scenario('a deletion over HTTP ends the record of every subscriber', async ({ connect, unique }) => {
  const name = unique()
  const client = await connect()
  const followed = client.record.getRecord(name)
  let ended = false
  followed.on('delete', () => { ended = true })
  await followed.whenReady()

  assert.deepEqual((await batch(record('delete', name))).body, [ok])

  await until(() => ended, 'the end of the record')
})

scenario('lists are seen as lists', async ({ connect, unique }) => {
  const name = unique()
  const client = await connect()
  const followed = await client.record.getList(name).whenReady()

  await batch(list('write', name, ['a', 'b']))

  await eventually(() => followed.getEntries(), ['a', 'b'])
  const refused = await post('/api', { body: [list('write', name, ['a', 7])] })
  assert.equal(refused.status, 400)
  assert.match(await refused.text(), /Failed to parse JIF object at index 0/)
})

scenario('what a provider answers, refuses or cannot answer', async ({ connect, unique }) => {
  const [silent, failing] = [unique(), unique()]
  const provider = await connect()
  provider.rpc.provide(silent, (data, response) => response.send())
  provider.rpc.provide(failing, (data, response) => response.error('no seats'))
  await until(() => isAcknowledged(provider), 'the acknowledgements')

  const { body } = await batch(make(silent), make(failing), make(unique()))

  assert.equal(body[0].success, true)
  assert.equal(body[1].success, false)
  assert.equal(body[1].error, 'no seats')
  assert.deepEqual([body[1].errorTopic, 'errorEvent' in body[1]], ['rpc', false])
  assert.match(body[2].error, /No provider/)
  assert.deepEqual([body[2].errorTopic, body[2].errorEvent], ['rpc', 100])
})

scenario('presence tells of users with sockets', async ({ connect }) => {
  const [ada, bob] = [`ada-${randomUUID()}`, `bob-${randomUUID()}`]
  await connect({}, { username: ada })

  const { body } = await batch(presence(), presence([ada, bob]))

  assert.ok(body[0].users.includes(ada))
  assert.deepEqual(body[1].users, { [ada]: true, [bob]: false })
})

scenario('a resource is the record of the clients', async ({ connect, unique }) => {
  const name = unique()
  const client = await connect()
  const followed = await client.record.getRecord(name).whenReady()
  const path = `/api/v1/records/${encodeURIComponent(name)}`
  const change = (method, type, body, headers = {}) =>
    request(path, { method, headers: { 'content-type': type, ...headers }, body: JSON.stringify(body) })

  assert.equal((await change('PUT', 'application/json', { seats: { a: 'free', b: 'free' } })).headers.get('etag'), '"1"')
  await change('PATCH', 'application/merge-patch+json', { seats: { a: 'held' } })
  await change('PATCH', 'application/json-patch+json', [{ op: 'remove', path: '/seats/b' }])
  await eventually(() => followed.get(), { seats: { a: 'held' } })
  assert.equal(followed.version, 3)

  assert.equal((await change('PUT', 'application/json', {}, { 'if-match': '"2"' })).status, 412)
  await within(followed.setWithAck('seats.c', 'free'), 'the write of the client')
  const read = await request(path)
  assert.deepEqual([read.headers.get('etag'), await read.json()], ['"4"', { seats: { a: 'held', c: 'free' } }])
})

scenario('a procedure is called as a resource', async ({ connect, unique }) => {
  const [adding, failing] = [unique(), unique()]
  const provider = await connect()
  provider.rpc.provide(adding, (data, response) => response.send(data.n + 1))
  provider.rpc.provide(failing, (data, response) => response.error('sold out'))
  await until(() => isAcknowledged(provider), 'the acknowledgements')
  const call = (name, data) => post(`/api/v1/rpc/${encodeURIComponent(name)}`, data)

  assert.equal(await (await call(adding, { n: 1 })).json(), 2)
  const failed = await call(failing, {})
  assert.deepEqual([failed.status, (await failed.json()).error], [502, 'sold out'])
  assert.equal((await call(unique(), {})).status, 404)
})

scenario('a stream shows what clients write', async ({ connect, unique }) => {
  const name = unique()
  const client = await connect()
  const followed = await client.record.getRecord(name).whenReady()
  const abort = new AbortController()
  const stream = await request(`/api/v1/records/${encodeURIComponent(name)}/stream`, { signal: abort.signal })
  assert.match(stream.headers.get('content-type'), /^text\/event-stream/)
  let text = ''
  const reading = (async () => {
    for await (const chunk of stream.body) text += Buffer.from(chunk).toString()
  })().catch(() => {})

  await until(() => text.includes('event: snapshot'), 'the state in the stream')
  followed.set('a.b', 1)
  await until(() => text.includes('"path":"a.b","data":1'), 'the change in the stream')

  assert.match(text, /event: snapshot\ndata: \{"version":0,"data":\{\}\}/)
  abort.abort()
  await reading
})
