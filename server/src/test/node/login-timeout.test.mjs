// Needs a server with a short unauthenticatedClientTimeout, and a login that can fail; see NpmClientIT.
import assert from 'node:assert/strict'
import { until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

const timed = process.env.MILLRACE_LOGIN_TIMEOUT ? scenario : () => {}

const ended = client => until(() => client.getConnectionState() === 'AUTHENTICATION_TIMEOUT', 'the state after the time out')

timed('who does not log in in time is closed for good', async ({ client, connect, complains, unique }) => {
  const [late, inTime] = [client(), await connect({}, { username: 'ann', password: 'password' })]
  await ended(late)
  await complains(late, /CONNECTION AUTHENTICATION_TIMEOUT/)

  late.login({ username: 'ann', password: 'password' }, () => assert.fail('an answer'))
  await complains(late, /IS_CLOSED/)
  assert.equal(late.getConnectionState(), 'AUTHENTICATION_TIMEOUT')
  await within(inTime.record.setDataWithAck(unique(), { a: 1 }), 'a write of one who did')
  assert.equal(inTime.getConnectionState(), 'OPEN')
})

timed('a login that has failed does not give more time', async ({ client, complains }) => {
  const wrong = client()
  const told = []
  wrong.login({ username: 'ann', password: 'wrong' }, success => told.push(success))
  await until(() => told.length > 0, 'the answer')
  assert.deepEqual(told, [false])

  await ended(wrong)
  await complains(wrong, /CONNECTION AUTHENTICATION_TIMEOUT/)
})
