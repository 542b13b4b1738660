import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { deafen, hear, isReading, LOCAL_WINS, REMOTE_WINS } from './lib/clients.mjs'
import { eventually, rejection, until, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

/**
 * Two clients write the same version. The loser cannot see the winner's write before it sends its own, because it does not read from
 * its socket meanwhile. Answers the outcome of the loser's acknowledged write.
 */
async function conflict ({ connect, unique }, mergeStrategy, write) {
  const [winner, loser] = await Promise.all([connect(), connect({ mergeStrategy })])
  const name = unique()
  const [won, lost] = await Promise.all([winner, loser].map(client => client.record.getRecord(name).whenReady()))
  await within(won.setWithAck({ base: true }), 'the common state')
  await eventually(() => lost.version, 1)

  deafen(loser)
  await within(write(won, 'winner'), 'the acknowledgement of the winner')
  const losing = write(lost, 'loser')
  losing.catch(() => {})
  hear(loser)
  const reader = await connect()
  return { won, lost, losing, loser, stored: () => reader.record.snapshot(name) }
}

const patch = (record, who) => record.setWithAck('by', who)
const update = (record, who) => record.setWithAck({ by: who })

for (const [kind, write, expected] of [
  ['paths', patch, { base: true, by: 'winner' }],
  ['whole records', update, { by: 'winner' }]
]) {
  scenario(`remote wins: the loser takes over the winner's state, ${kind}`, async context => {
    const { won, lost, losing, stored } = await conflict(context, REMOTE_WINS, write)

    assert.equal(await rejection(losing, 'the outcome of the losing write'), 'RECORD_UPDATE_ERROR')
    await eventually(() => lost.get(), expected)
    assert.deepEqual(won.get(), expected)
    assert.deepEqual(await stored(), expected)
    await eventually(() => [won.version, lost.version], [2, 2])
  })

  scenario(`remote wins: the loser writes on without another conflict, ${kind}`, async context => {
    const { won, lost, losing, loser } = await conflict(context, REMOTE_WINS, write)
    await rejection(losing, 'the outcome of the losing write')
    await eventually(() => lost.get(), expected)
    await until(() => !isReading(loser, lost.name), 'the end of the merge')
    await within(lost.setWithAck('next', 1), 'the next write of the loser')

    await eventually(() => won.get(), { ...expected, next: 1 })
    await eventually(() => [won.version, lost.version], [3, 3])
  })
}

scenario('the write callback of the loser is called with an error', async context => {
  const told = []
  const { lost } = await conflict(context, REMOTE_WINS, (record, who) =>
    who === 'winner' ? patch(record, who) : new Promise(resolve => record.set('by', who, (...words) => { told.push(words); resolve() })))

  await eventually(() => told, [['RECORD_UPDATE_ERROR', lost.name]])
})

scenario('local wins: the state of the loser is written again and reaches everyone', async context => {
  context.mayComplain(/VERSION_EXISTS/)
  const { won, lost, losing, stored } = await conflict(context, LOCAL_WINS, update)

  await rejection(losing, 'the outcome of the first try')
  await eventually(() => won.get(), { by: 'loser' })
  assert.deepEqual(lost.get(), { by: 'loser' })
  assert.deepEqual(await stored(), { by: 'loser' })
  assert.equal(won.version, 3)
})

scenario('local wins: the state of the loser is not undone by the state that it asked for', async context => {
  const { won, lost, losing, stored } = await conflict(context, LOCAL_WINS, patch)

  await rejection(losing, 'the outcome of the first try')
  await eventually(() => won.get(), { base: true, by: 'loser' })
  await eventually(() => [lost.get(), lost.version], [{ base: true, by: 'loser' }, 3])
  assert.deepEqual(await stored(), { base: true, by: 'loser' })
})

scenario('local wins: the loser writes on, and all end in one state', async context => {
  context.mayComplain(/VERSION_EXISTS/)
  const { won, lost, losing, stored } = await conflict(context, LOCAL_WINS, update)
  await rejection(losing, 'the outcome of the first try')
  await eventually(() => won.get(), { by: 'loser' })

  for (let n = 1; n <= 3; n++) {
    await new Promise(resolve => lost.set('n', n, resolve))
    await until(async () => {
      const state = await stored()
      return isDeepStrictEqual(won.get(), state) && isDeepStrictEqual(lost.get(), state)
    }, 'one state for all')
  }
})

scenario('a merge strategy of the user sees both states, and what it makes of them reaches everyone', async context => {
  context.mayComplain(/VERSION_EXISTS/)
  const calls = []
  const both = (local, localVersion, remote, remoteVersion, callback) => {
    calls.push({ local, localVersion, remote, remoteVersion })
    callback(null, { by: [remote.by, local.by].flat() })
  }
  const { won, lost, losing, stored } = await conflict(context, both, update)

  await rejection(losing, 'the outcome of the first try')
  await eventually(() => won.get(), { by: ['winner', 'loser'] })
  assert.deepEqual(calls[0], { local: { by: 'loser' }, localVersion: 2, remote: { by: 'winner' }, remoteVersion: 2 })
  assert.deepEqual(lost.get(), { by: ['winner', 'loser'] })
  assert.deepEqual(await stored(), { by: ['winner', 'loser'] })
})

scenario('a loser without acknowledgement converges, too', async context => {
  const { won, lost, stored } = await conflict(context, REMOTE_WINS, async (record, who) => {
    if (who === 'winner') return patch(record, who)
    record.set('by', who)
  })

  await eventually(() => lost.get(), { base: true, by: 'winner' })
  assert.deepEqual(won.get(), { base: true, by: 'winner' })
  assert.deepEqual(await stored(), { base: true, by: 'winner' })
})

scenario('a loser that sent a burst converges', async context => {
  // Every write of the burst but the first is answered when the client has merged already.
  context.mayComplain(/VERSION_EXISTS/)
  const { won, lost, stored } = await conflict(context, REMOTE_WINS, async (record, who) => {
    if (who === 'winner') return patch(record, who)
    for (let n = 0; n < 20; n++) record.set(`k${n}`, n)
  })

  // The burst starts at the version that the winner took; its later writes are the next ones in turn and may be accepted.
  await until(async () => {
    const state = sorted(await stored())
    return [won, lost].every(record => isDeepStrictEqual(sorted(record.get()), state))
  }, 'one state for all')
  assert.equal(won.get('by'), 'winner')
})

const sorted = data => Object.fromEntries(Object.entries(data).sort())

scenario('clients that write one record at random converge once one write comes last', async ({ connectAll, unique, mayComplain }) => {
  // What clients do among themselves in such a race may confuse them; the last whole state must put them all right.
  mayComplain(/VERSION_EXISTS/, /Invalid state transition/)
  const clients = await connectAll(4)
  const name = unique()
  const records = await Promise.all(clients.map(client => client.record.getRecord(name).whenReady()))
  const outcomes = records.flatMap((record, r) => Array.from({ length: 40 }, (_, i) =>
    new Promise(resolve => setImmediate(() => record.set(`k${i % 7}`, `${r}-${i}`, resolve)))))

  await within(Promise.all(outcomes), 'an answer to every single write')
  // A state that a client asked for before its last write would undo that write in the client, whatever the server does.
  await until(() => clients.every(client => !isReading(client, name)), 'the end of all merges')
  await until(async () => {
    const outcome = await within(records[0].setWithAck({ last: records[0].version }).then(() => 'done', error => error), 'the last write')
    return outcome === 'done'
  }, 'an accepted last write')
  const state = await (await connectAll(1))[0].record.snapshot(name)
  for (const record of records) await eventually(() => record.get(), state)
})
