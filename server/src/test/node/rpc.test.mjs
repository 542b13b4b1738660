import assert from 'node:assert/strict'
import { cut, isAcknowledged } from './lib/clients.mjs'
import { eventually, rejection, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'
import { NODES } from './lib/servers.mjs'

const acknowledged = client => until(() => isAcknowledged(client), 'the acknowledgement')

/** Provides and waits until the server has said that it knows; answers the arguments of the calls. */
async function provide (client, name, answer) {
  const asked = []
  client.rpc.provide(name, (data, response, requestor) => {
    asked.push(data)
    answer?.(response, data, requestor)
  })
  await acknowledged(client)
  return asked
}

const echo = (response, data) => response.send(data)
const reject = response => response.reject()
const silent = response => { response.autoAccept = false }
const acceptOnly = () => {}

const call = (client, name, data) => within(client.rpc.make(name, data), `the answer of ${name}`)
const failure = (client, name, data) => rejection(client.rpc.make(name, data), `the failure of ${name}`)

scenario('a client calls what another provides, and what it provides itself', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const [own, other] = [unique('rpc'), unique('rpc')]
  await provide(caller, own, (response, n) => response.send(n * 2))
  await provide(provider, other, (response, n) => response.send(n * 3))

  assert.equal(await call(caller, own, 7), 14)
  assert.equal(await call(caller, other, 7), 21)
  assert.equal(await call(provider, own, 7), 14)
})

scenario('arguments and results are any JSON value, or none', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  const asked = await provide(provider, name, echo)
  const values = ['text', '', 0, 12, -1.5, 9007199254740991, true, false, null, [], [1, [2]], {}, { a: { b: null } }, 'ü€😀', undefined]

  for (const value of values) assert.deepEqual(await call(caller, name, value), value)
  assert.deepEqual(asked, values)
})

scenario('a callback is told the result or the error', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  await provide(provider, name, (response, fails) => fails ? response.error('sold out') : response.send('done'))
  const made = data => within(new Promise(resolve => caller.rpc.make(name, data, (...told) => resolve(told))), 'the callback')

  assert.deepEqual(await made(false), [null, 'done'])
  assert.deepEqual((await made(true))[0], 'sold out')
})

scenario('an error of the provider, of any JSON type, reaches the caller', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  await provide(provider, name, (response, error) => response.error(error))

  for (const error of ['text', 12, true, [1], { code: 'SOLD_OUT' }]) assert.deepEqual(await failure(caller, name, error), error)
})

scenario('a late answer of an asynchronous provider arrives', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  const open = []
  await provide(provider, name, response => open.push(response))
  const answer = call(caller, name, 1)
  await until(() => open.length === 1 && open[0].isAccepted, 'the automatic accept')

  open[0].send('late')
  assert.equal(await answer, 'late')
})

scenario('a thousand calls at once each get their own answer', async ({ connectAll, unique }) => {
  const [caller, ...providers] = await connectAll(4)
  const name = unique('rpc')
  const asked = await Promise.all(providers.map(provider => provide(provider, name, echo)))
  const numbers = Array.from({ length: 1_000 }, (_, i) => i)

  assert.deepEqual(await Promise.all(numbers.map(n => call(caller, name, n))), numbers)
  // On several nodes they stay on the caller's, as long as somebody provides there.
  if (NODES === 1) for (const list of asked) assert.ok(list.length > 0, 'calls are spread')
})

scenario('calls of calls do not lock each other up', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  provider.rpc.provide(name, (depth, response) => {
    if (depth === 0) return response.send(0)
    provider.rpc.make(name, depth - 1, (error, result) => error ? response.error(error) : response.send(result + 1))
  })
  await acknowledged(provider)

  assert.deepEqual(await Promise.all(Array.from({ length: 200 }, () => call(caller, name, 5))), Array(200).fill(5))
})

scenario('what nobody provides fails', async ({ connect, unique }) => {
  assert.equal(await failure(await connect(), unique('rpc'), 1), 'NO_RPC_PROVIDER')
})

scenario('a rejected call goes to another provider', async ({ connectAll, unique }) => {
  const [caller, ...providers] = await connectAll(4)
  const name = unique('rpc')
  const refusing = await Promise.all(providers.slice(1).map(provider => provide(provider, name, reject)))
  const [willing] = await Promise.all([provide(providers[0], name, echo)])

  for (let n = 0; n < 20; n++) assert.equal(await call(caller, name, n), n)
  assert.equal(willing.length, 20)
  for (const list of refusing) assert.equal(new Set(list).size, list.length, 'nobody is asked twice')
})

scenario('a call that was accepted and then rejected goes to another provider', async ({ connectAll, unique }) => {
  const [caller, hesitant, willing] = await connectAll(3)
  const name = unique('rpc')
  const asked = await provide(hesitant, name, response => { response.accept(); response.reject() })
  const first = failure(caller, name, 'first')
  await eventually(() => asked, ['first'])
  assert.equal(await first, 'NO_RPC_PROVIDER')

  await provide(willing, name, echo)
  for (let n = 0; n < 6; n++) assert.equal(await call(caller, name, n), n)
})

scenario('when all reject, each was asked exactly once, the caller itself included', async ({ connectAll, unique }) => {
  const clients = await connectAll(5)
  const name = unique('rpc')
  const asked = await Promise.all(clients.map(client => provide(client, name, reject)))

  assert.equal(await failure(clients[0], name, 'x'), 'NO_RPC_PROVIDER')
  assert.deepEqual(asked, clients.map(() => ['x']))
})

scenario('a provider that accepts and never responds', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  await provide(provider, name, acceptOnly)

  assert.equal(await failure(caller, name, 1), 'RESPONSE_TIMEOUT')
})

scenario('a provider that never accepts', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  await provide(provider, name, silent)

  assert.equal(await failure(caller, name, 1), 'ACCEPT_TIMEOUT')
})

scenario('a call that is not accepted in time goes to another provider', async ({ connectAll, unique }) => {
  const [caller, quiet, willing] = await connectAll(3)
  const name = unique('rpc')
  const asked = await provide(quiet, name, silent)
  await provide(willing, name, echo)

  // The first two go to one each, whoever is first.
  assert.deepEqual(await Promise.all([call(caller, name, 1), call(caller, name, 2)]), [1, 2])
  assert.equal(asked.length, 1)
})

scenario('who unprovides is asked no more', async ({ connectAll, unique }) => {
  const [caller, leaver, stayer] = await connectAll(3)
  const name = unique('rpc')
  const left = await provide(leaver, name, echo)
  assert.equal(await call(caller, name, 1), 1)
  leaver.rpc.unprovide(name)
  await acknowledged(leaver)
  assert.equal(await failure(caller, name, 2), 'NO_RPC_PROVIDER')

  await provide(stayer, name, echo)
  assert.equal(await call(caller, name, 3), 3)
  assert.deepEqual(left, [1])
  await provide(leaver, name, (response, n) => response.send(-n))
  stayer.rpc.unprovide(name)
  await acknowledged(stayer)
  assert.equal(await call(caller, name, 4), -4)
})

scenario('what was unprovided while offline stays unprovided', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const [gone, kept] = [unique('rpc'), unique('rpc')]
  await provide(provider, gone, echo)
  await provide(provider, kept, echo)
  provider.pause()
  await until(() => provider.getConnectionState() === 'OFFLINE', 'the state offline')
  provider.rpc.unprovide(gone)
  await until(() => failure(caller, kept).then(reason => reason === 'NO_RPC_PROVIDER'), 'the end of the socket')

  await within(provider.resume(), 'the return')
  await acknowledged(provider)
  assert.equal(await call(caller, kept, 1), 1)
  assert.equal(await failure(caller, gone, 1), 'NO_RPC_PROVIDER')
})

scenario('a provider whose line was cut provides again', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  await provide(provider, name, echo)
  cut(provider)
  await until(() => provider.getConnectionState() !== 'OPEN', 'the loss')
  await until(() => provider.getConnectionState() === 'OPEN', 'the return')
  await acknowledged(provider)

  assert.equal(await call(caller, name, 1), 1)
})

scenario('the open calls of a provider whose line is cut go to another, or fail', async ({ connectAll, unique }) => {
  const [caller, dying, heir] = await connectAll(3)
  const [shared, lone] = [unique('rpc'), unique('rpc')]
  const asked = await provide(dying, shared, silent)
  const alone = await provide(dying, lone, silent)
  const rescued = Array.from({ length: 50 }, (_, n) => call(caller, shared, n))
  const lost = Array.from({ length: 50 }, (_, n) => failure(caller, lone, n))
  await until(() => asked.length + alone.length === 100, 'the calls')
  await provide(heir, shared, echo)
  dying.close()

  assert.deepEqual(await Promise.all(rescued), Array.from({ length: 50 }, (_, n) => n))
  assert.deepEqual(await Promise.all(lost), Array(50).fill('NO_RPC_PROVIDER'))
})

scenario('the answer to a caller that is gone bothers nobody', async ({ connectAll, unique }) => {
  const [caller, provider, other] = await connectAll(3)
  const name = unique('rpc')
  const open = []
  await provide(provider, name, response => open.push(response))
  const lost = rejection(caller.rpc.make(name, 1), 'the loss')
  await until(() => open.length === 1 && open[0].isAccepted, 'the call')
  cut(caller)
  assert.equal(await lost, 'client offline')
  await until(() => caller.getConnectionState() === 'OPEN', 'the return')

  open[0].send('too late')
  const answer = call(other, name, 2)
  await until(() => open.length === 2, 'the next call')
  open[1].send('in time')
  assert.equal(await answer, 'in time')
})

scenario('a call made while offline is made on return', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  await provide(provider, name, echo)
  cut(caller)
  await until(() => caller.getConnectionState() !== 'OPEN', 'the loss')

  assert.equal(await call(caller, name, 'kept'), 'kept')
})

scenario('a caller is not named unless the server is to say it', async ({ connectAll, unique }) => {
  const [caller, provider] = await connectAll(2)
  const name = unique('rpc')
  const named = []
  await provide(provider, name, (response, data, requestor) => { named.push(requestor); response.send() })

  assert.equal(await call(caller, name), undefined)
  assert.deepEqual(named, [undefined])
})
