import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { cut, isAcknowledged } from './lib/clients.mjs'
import { eventually, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

const user = label => `${label}-${randomUUID()}`

const acknowledged = client => until(() => isAcknowledged(client), 'the acknowledgement')

/** What a client is told of some users, as one who watches everybody. Other tests have users, too. */
async function watchAll (client, ...users) {
  const heard = []
  client.presence.subscribe((name, online) => { if (users.includes(name)) heard.push([name, online]) })
  await acknowledged(client)
  return heard
}

async function watch (client, name) {
  const heard = []
  client.presence.subscribe(name, (who, online) => heard.push([who, online]))
  await acknowledged(client)
  return heard
}

scenario('watchers of everybody hear who comes and goes', async ({ connect }) => {
  const [ada, bob] = [user('ada'), user('bob')]
  const watcher = await connect({}, { username: ada })
  const heard = await watchAll(watcher, ada, bob)

  const visitor = await connect({}, { username: bob })
  await eventually(() => heard, [[bob, true]])
  visitor.close()
  await eventually(() => heard, [[bob, true], [bob, false]])
})

scenario('watchers of one user hear of that user only', async ({ connect }) => {
  const [ada, bob, cid] = [user('ada'), user('bob'), user('cid')]
  const watcher = await connect({}, { username: ada })
  const heard = await watch(watcher, bob)

  const other = await connect({}, { username: cid })
  const visitor = await connect({}, { username: bob })
  await eventually(() => heard, [[bob, true]])
  other.close()
  visitor.close()
  await eventually(() => heard, [[bob, true], [bob, false]])
})

scenario('a second socket of a user says nothing', async ({ connect }) => {
  const [ada, bob, mark] = [user('ada'), user('bob'), user('mark')]
  const watcher = await connect({}, { username: ada })
  const heard = await watchAll(watcher, bob, mark)

  const first = await connect({}, { username: bob })
  const second = await connect({}, { username: bob })
  first.close()
  await connect({}, { username: mark })
  await eventually(() => heard, [[bob, true], [mark, true]])
  second.close()
  await eventually(() => heard, [[bob, true], [mark, true], [bob, false]])
})

scenario('who asks for everybody is not in the list', async ({ connect }) => {
  const [ada, bob, cid] = [user('ada'), user('bob'), user('cid')]
  const asker = await connect({}, { username: ada })
  await connect({}, { username: bob })
  await connect({}, { username: cid })

  const all = await within(asker.presence.getAll(), 'the list')
  assert.ok(all.includes(bob) && all.includes(cid), 'others are listed')
  assert.ok(!all.includes(ada), 'the asker is not')
})

scenario('questions by name are answered by name', async ({ connect }) => {
  const [ada, bob, nobody] = [user('ada'), user('bob'), user('nobody')]
  const asker = await connect({}, { username: ada })
  await connect({}, { username: bob })

  assert.deepEqual(await within(asker.presence.getAll([ada, bob, nobody]), 'the answer'), { [ada]: true, [bob]: true, [nobody]: false })
})

scenario('anonymous users are not seen', async ({ connect }) => {
  const [ada, mark] = [user('ada'), user('mark')]
  const watcher = await connect({}, { username: ada })
  const heard = await watchAll(watcher, 'open', 'OPEN', mark)

  const anonymous = await connect()
  const shouting = await connect({}, { username: 'OPEN' })
  anonymous.close()
  shouting.close()
  await connect({}, { username: mark })
  await eventually(() => heard, [[mark, true]])
  const all = await within(watcher.presence.getAll(), 'the list')
  assert.ok(!all.includes('open') && !all.includes('OPEN'))
})

scenario('who stopped watching hears no more', async ({ connect }) => {
  const [ada, bob, mark] = [user('ada'), user('bob'), user('mark')]
  const watcher = await connect({}, { username: ada })
  const heard = []
  const callback = (name, online) => { if ([bob, mark].includes(name)) heard.push([name, online]) }
  watcher.presence.subscribe(callback)
  await acknowledged(watcher)
  watcher.presence.unsubscribe(callback)
  await acknowledged(watcher)

  await connect({}, { username: bob })
  const again = await watchAll(watcher, mark)
  await connect({}, { username: mark })
  await eventually(() => again, [[mark, true]])
  assert.deepEqual(heard, [])
})

scenario('who stopped watching one user hears of the others', async ({ connect }) => {
  const [ada, bob, cid] = [user('ada'), user('bob'), user('cid')]
  const watcher = await connect({}, { username: ada })
  const left = await watch(watcher, bob)
  const kept = await watch(watcher, cid)
  watcher.presence.unsubscribe(bob)
  await acknowledged(watcher)

  await connect({}, { username: bob })
  const visitor = await connect({}, { username: cid })
  visitor.close()
  await eventually(() => kept, [[cid, true], [cid, false]])
  assert.deepEqual(left, [])
})

scenario('a subscription that was ended while the line was down stays ended', async ({ connect }) => {
  const [ada, bob, mark] = [user('ada'), user('bob'), user('mark')]
  const watcher = await connect({}, { username: ada })
  const left = await watch(watcher, bob)
  watcher.pause()
  await until(() => watcher.getConnectionState() === 'OFFLINE', 'the state offline')
  watcher.presence.unsubscribe(bob)
  await within(watcher.resume(), 'the return')
  const marks = await watch(watcher, mark)

  await connect({}, { username: bob })
  await connect({}, { username: mark })
  await eventually(() => marks, [[mark, true]])
  assert.deepEqual(left, [])
})

scenario('a subscription is there again after the line was cut', async ({ connect }) => {
  const [ada, bob, cid] = [user('ada'), user('bob'), user('cid')]
  const watcher = await connect({}, { username: ada })
  const everybody = await watchAll(watcher, bob, cid)
  const one = await watch(watcher, bob)

  cut(watcher)
  await until(() => watcher.getConnectionState() !== 'OPEN', 'the loss')
  await until(() => watcher.getConnectionState() === 'OPEN', 'the return')
  await acknowledged(watcher)
  await connect({}, { username: cid })
  await eventually(() => everybody, [[cid, true]])
  await connect({}, { username: bob })
  await eventually(() => everybody, [[cid, true], [bob, true]])
  await eventually(() => one, [[bob, true]])
})

scenario('a subscription made while the line was down works after the return', async ({ connect }) => {
  const [ada, bob] = [user('ada'), user('bob')]
  const watcher = await connect({}, { username: ada })
  watcher.pause()
  await until(() => watcher.getConnectionState() === 'OFFLINE', 'the state offline')
  const heard = []
  watcher.presence.subscribe(bob, (who, online) => heard.push([who, online]))
  await within(watcher.resume(), 'the return')
  await acknowledged(watcher)

  await connect({}, { username: bob })
  await eventually(() => heard, [[bob, true]])
})
