// A web service decides who comes in. Run by NpmClientRestartIT.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isAcknowledged } from './lib/clients.mjs'
import { answerLogin, controlled } from './lib/control.mjs'
import { rejection, until, within } from './lib/deadline.mjs'
import { post, record, request, write } from './lib/http.mjs'
import { scenario } from './lib/scenario.mjs'

const asked = controlled ? scenario : () => {}

asked('a login over HTTP gives a token, and batches are made with it', async ({ unique }) => {
  const [user, token, name] = [`ann-${randomUUID()}`, `token-${randomUUID()}`, unique()]
  await answerLogin(user, 200, { id: user, token, clientData: { seat: 'A1' } })
  await answerLogin(token, 200, { id: user })

  const login = await post('/api/auth', { username: user })
  assert.equal(login.status, 200)
  assert.deepEqual(await login.json(), { token, clientData: { seat: 'A1' } })
  for (const n of [1, 2]) {
    const made = await post('/api', { token, body: [write(name, { n }), record('read', name)] })
    assert.equal(made.status, 200)
    assert.deepEqual(await made.json(), { result: 'SUCCESS', body: [{ success: true }, { success: true, version: n, data: { n } }] })
  }
  const read = await request(`/api/v1/records/${encodeURIComponent(name)}`, { headers: { authorization: `Bearer ${token}` } })
  assert.deepEqual([read.status, await read.json()], [200, { n: 2 }])
})

asked('what the service refuses is refused over HTTP', async ({ connect, unique }) => {
  const [user, token, name] = [`ann-${randomUUID()}`, `token-${randomUUID()}`, unique()]
  await answerLogin(user, 403, 'wrong password')
  await answerLogin(token, 403, '')

  assert.equal((await post('/api/auth', { username: user })).status, 401)
  assert.equal((await post('/api', { token, body: [write(name, { n: 1 })] })).status, 401)
  assert.equal((await post('/api', { authData: { username: user }, body: [write(name, { n: 1 })] })).status, 401)
  assert.equal(await within((await connect()).record.has(name), 'has'), false)
})

asked('the service names the user and says why not', async ({ client, connect }) => {
  const [user, other] = [`ann-${randomUUID()}`, `bob-${randomUUID()}`]
  await answerLogin('a secret', 200, { id: user, clientData: { seat: 'A1' } })
  await answerLogin(other, 403, 'not today')
  const ann = client()
  assert.deepEqual(await within(ann.login({ token: 'a secret' }), 'the login'), { seat: 'A1' })
  const watcher = await connect({}, { username: other + 'x' })
  assert.deepEqual(await within(watcher.presence.getAll([user]), 'the query'), { [user]: true })

  assert.deepEqual(await rejection(client().login({ username: other }), 'the login'), { reason: { error: 'not today' } })
})

asked('a provider is told who calls, as the service has said', async ({ connect, unique }) => {
  const [user, name] = [`ann-${randomUUID()}`, unique('rpc')]
  await answerLogin(user, 200, { id: user, clientData: { seat: 'A1' }, serverData: { secret: 7 } })
  const [caller, provider] = [await connect({}, { username: user }), await connect()]
  const told = []
  provider.rpc.provide(name, (data, response, requestor) => { told.push(requestor); response.send() })
  await until(() => isAcknowledged(provider), 'the acknowledgement')

  await within(caller.rpc.make(name), 'the answer')
  assert.deepEqual(told, [{ requestorName: user, requestorData: { seat: 'A1' } }])
})
