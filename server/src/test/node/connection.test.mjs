import assert from 'node:assert/strict'
import { cut } from './lib/clients.mjs'
import { until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

scenario('an anonymous login succeeds and carries no client data', async ({ client }) => {
  const anonymous = client()

  assert.equal(await within(anonymous.login(), 'login'), null)
  assert.equal(anonymous.getConnectionState(), 'OPEN')
})

scenario('a login with a user name succeeds', async ({ client }) => {
  const named = client()

  assert.equal(await within(named.login({ username: 'Ada' }), 'login'), null)
  assert.equal(named.getConnectionState(), 'OPEN')
})

scenario('a login with any JSON object succeeds', async ({ client }) => {
  const detailed = client()

  await within(detailed.login({ username: 'Grace', nested: { list: [1, null, 'x'] }, 'clé': 'été' }), 'login')
  assert.equal(detailed.getConnectionState(), 'OPEN')
})

scenario('the login callback is told of success', async ({ client }) => {
  const caller = client()

  const [success, clientData] = await within(new Promise(resolve => caller.login({}, (...told) => resolve(told))), 'login')
  assert.equal(success, true)
  assert.equal(clientData, null)
})

scenario('a client walks through the states of a connection', async ({ client }) => {
  const walker = client()
  const states = []
  walker.on('connectionStateChanged', state => states.push(state))

  await within(walker.login(), 'login')
  assert.deepEqual(states.filter(state => state !== 'AWAITING_CONNECTION'),
    ['CHALLENGING', 'AWAITING_AUTHENTICATION', 'AUTHENTICATING', 'OPEN'])

  walker.close()
  await until(() => walker.getConnectionState() === 'CLOSED', 'the state closed')
})

scenario('a login that comes later than the connection succeeds', async ({ client }) => {
  const late = client()
  await until(() => late.getConnectionState() === 'AWAITING_AUTHENTICATION', 'an accepted challenge')

  await within(late.login({ username: 'late' }), 'login')
  assert.equal(late.getConnectionState(), 'OPEN')
})

scenario('two clients log in under one name', async ({ connect, unique }) => {
  const name = unique()
  const first = await connect({}, { username: 'twin' })
  const second = await connect({}, { username: 'twin' })

  await first.record.setDataWithAck(name, { from: 'first' })
  assert.deepEqual(await second.record.snapshot(name), { from: 'first' })
})

scenario('a client whose line is cut logs in again by itself', async ({ connect, unique }) => {
  const client = await connect({}, { username: 'phoenix' })
  const states = []
  client.on('connectionStateChanged', state => states.push(state))

  cut(client)
  await until(() => states.includes('RECONNECTING') && client.getConnectionState() === 'OPEN', 'the second login')
  await within(client.record.setDataWithAck(unique(), { back: true }), 'a write after the reconnect')
})

scenario('a client pauses and resumes', async ({ connect, unique }) => {
  const client = await connect()
  client.pause()
  await until(() => client.getConnectionState() === 'OFFLINE', 'the state offline')

  await within(client.resume(), 'resume')
  assert.equal(client.getConnectionState(), 'OPEN')
  await within(client.record.setDataWithAck(unique(), { back: true }), 'a write after the pause')
})

scenario('idle clients are kept by their heartbeat, logged in or not', async ({ connect, client }) => {
  const options = { heartbeatInterval: 2_000 }
  const idle = [await connect(options), client(options)]
  await until(() => idle[1].getConnectionState() === 'AWAITING_AUTHENTICATION', 'an accepted challenge')
  const pongs = [0, 0]
  const states = []
  idle.forEach((one, i) => {
    one.services.connection.endpoint.on('message', () => pongs[i]++)
    one.on('connectionStateChanged', state => states.push(state))
  })

  // The client's watchdog gives up after two silent intervals.
  await until(() => Math.min(...pongs) >= 3, 'three answers to heartbeats for each')
  assert.deepEqual(states, [])
})

scenario('a hundred clients log in at once', async ({ connectAll }) => {
  const clients = await connectAll(100)

  assert.ok(clients.every(client => client.getConnectionState() === 'OPEN'))
})

scenario('a client that closed leaves the others alone', async ({ connectAll, unique }) => {
  const [leaving, staying] = await connectAll(2)
  const name = unique()
  const record = await leaving.record.getRecord(name).whenReady()
  record.set({ last: 'words' })
  leaving.close()

  await until(async () => (await staying.record.head(name)) === 1, 'the write made before the close')
  await within(staying.record.setDataWithAck(name, { next: 'words' }), 'a write by the other client')
})
