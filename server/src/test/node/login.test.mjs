// Needs a server with auth types jwt and file, and users ann (with client data) and bob; see NpmClientIT.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

const secret = process.env.MILLRACE_TOKEN_SECRET
const maxAttempts = Number(process.env.MILLRACE_MAX_AUTH_ATTEMPTS ?? 3)
const login = secret ? scenario : () => {} // any other server lets everybody in

const base64 = value => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token that is over after so many seconds. */
function token (seconds, claims = {}) {
  const exp = Date.now() / 1000 + seconds
  const signed = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64({ sub: 'ann', exp, ...claims })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

/** What the login callback is told. */
const attempt = (client, data) =>
  within(new Promise(resolve => client.login(data, (success, told) => resolve({ success, told }))), 'an answer to the login')

login('client data reach the callback, and clientDataChanged fires once', async ({ client }) => {
  const ann = client()
  const changes = []
  ann.on('clientDataChanged', data => changes.push(data))

  assert.deepEqual(await attempt(ann, { username: 'ann', password: 'sesame' }), { success: true, told: { colour: 'red' } })
  ann.services.connection.endpoint.terminate()
  await until(() => ann.getConnectionState() !== 'OPEN', 'a lost connection')
  await until(() => ann.getConnectionState() === 'OPEN', 'the second login')
  assert.deepEqual(changes, [{ colour: 'red' }])
})

login('a user without client data is told null and no change', async ({ client }) => {
  const bob = client()
  bob.on('clientDataChanged', () => assert.fail('nothing has changed'))

  assert.deepEqual(await attempt(bob, { username: 'bob', password: 'sesame' }), { success: true, told: null })
})

login('so many failures are so many answers, then too many', async ({ client, complains }) => {
  const guesser = client()
  const wrong = { success: false, told: { reason: 'INVALID_AUTHENTICATION_DETAILS' } }

  for (let n = 1; n <= maxAttempts; n++) {
    assert.deepEqual(await attempt(guesser, { username: 'ann', password: `guess ${n}` }), wrong)
  }
  await until(() => guesser.getConnectionState() === 'TOO_MANY_AUTH_ATTEMPTS', 'the state of too many attempts')
  await complains(guesser, /TOO_MANY_AUTH_ATTEMPTS/)
  guesser.login({ username: 'ann', password: 'sesame' }, () => assert.fail('an answer'))
  await complains(guesser, /IS_CLOSED/)
})

login('a failure names its reason, and a better login on the same socket succeeds', async ({ client }) => {
  const forgetful = client()

  assert.deepEqual(await attempt(forgetful, { username: 'ann' }),
    { success: false, told: { reason: { error: 'missing authentication parameter password' } } })
  assert.equal((await attempt(forgetful, { username: 'ann', password: 'sesame' })).success, true)
})

login('a token carries client data', async ({ client }) => {
  assert.deepEqual(await attempt(client(), { token: token(60, { clientData: { seat: 'A1' } }) }),
    { success: true, told: { seat: 'A1' } })
})

login('when its token is over the application is told why, and goes on with a new one', async ({ client, connect, unique }) => {
  const ann = client()
  const name = unique()
  const failures = []
  ann.on('reauthenticationFailure', failure => failures.push(failure))
  assert.equal((await attempt(ann, { token: token(5) })).success, true)
  const record = await within(ann.record.getRecord(name).whenReady(), 'a record')
  await within(record.setWithAck('a', 1), 'a write')

  await until(() => failures.length > 0, 'the failure to log in again')
  assert.deepEqual(failures, [{ reason: { error: 'TOKEN_EXPIRED' } }])
  assert.equal(ann.getConnectionState(), 'AWAITING_AUTHENTICATION')

  assert.equal((await attempt(ann, { token: token(60) })).success, true)
  const bob = await connect({}, { username: 'bob', password: 'sesame' })
  await within(bob.record.setDataWithAck(name, 'a', 2), 'a write by another client')
  await until(() => record.get('a') === 2, 'the subscription of before')
  assert.equal(failures.length, 1)
})
