// Somebody changes what is stored, and the server is told afterwards. Run by NpmClientRestartIT.
import assert from 'node:assert/strict'
import { controlled, store, unstore } from './lib/control.mjs'
import { eventually, until, within } from './lib/deadline.mjs'
import { batch, notify, record as item } from './lib/http.mjs'
import { scenario } from './lib/scenario.mjs'

const stored = controlled ? scenario : () => {}

/** How the server can be told. */
const ways = {
  'by a client': async (names, { connect }) => within((await connect()).record.notify(names), 'the answer'),
  'by a subscriber': (names, { first }) => within(first.record.notify(names), 'the answer'),
  'over HTTP': async names => assert.deepEqual(await batch(notify(...names)), { result: 'SUCCESS', body: [{ success: true }] })
}

async function followed ({ connectAll, unique }) {
  const name = unique()
  const [first, second] = await connectAll(2)
  const records = await within(
    Promise.all([first, second].map(client => client.record.getRecord(name).whenReady())), 'the record')
  await within(records[0].setWithAck({ seat: 'free' }), 'the write')
  await eventually(() => records[1].get(), { seat: 'free' })
  return { name, first, records }
}

for (const [way, tell] of Object.entries(ways)) {
  stored(`${way}: a change reaches all subscribers, who then write on`, async context => {
    const { name, first, records } = await followed(context)
    await store(name, { seat: 'sold' })
    assert.deepEqual(await within((await context.connect()).record.snapshot(name), 'the snapshot'), { seat: 'free' })

    await tell([name], { ...context, first })
    for (const record of records) await eventually(() => [record.get(), record.version], [{ seat: 'sold' }, 2])
    await within(records[1].setWithAck('by', 'ann'), 'a write')
    await eventually(() => [records[0].get(), records[0].version], [{ seat: 'sold', by: 'ann' }, 3])
  })

  stored(`${way}: a deletion ends the record of every subscriber`, async context => {
    const { name, first, records } = await followed(context)
    const ended = []
    records.forEach((record, i) => record.on('delete', () => ended.push(i)))
    await unstore(name)

    await tell([name], { ...context, first })
    await eventually(() => ended.sort(), [0, 1])
    assert.equal(await within(first.record.has(name), 'has'), false)
    assert.deepEqual((await within(first.record.getRecord(name).whenReady(), 'the record')).get(), {})
  })

  stored(`${way}: what nobody follows is read again`, async context => {
    const [name, missing] = [context.unique(), context.unique()]
    const reader = await context.connect()
    await within(reader.record.setDataWithAck(name, { seat: 'free' }), 'the write')
    assert.equal(await within(reader.record.has(missing), 'has'), false)
    await store(name, { seat: 'sold' })
    await store(missing, { seat: 'new' })

    await tell([name, missing], { ...context, first: reader })
    assert.deepEqual(await within(reader.record.snapshot(name), 'the snapshot'), { seat: 'sold' })
    assert.deepEqual(await within(reader.record.snapshot(missing), 'the snapshot'), { seat: 'new' })
    const [{ version }] = (await batch(item('head', name))).body
    assert.equal(version, 2)
  })
}

stored('only what was named is read again', async context => {
  const [one, other] = [await followed(context), await followed(context)]
  await store(one.name, { seat: 'sold' })
  await store(other.name, { seat: 'sold' })

  await within(one.first.record.notify([one.name]), 'the answer')
  await until(() => one.records[1].get('seat') === 'sold', 'the change')
  assert.deepEqual(await within(one.first.record.snapshot(other.name), 'the snapshot'), { seat: 'free' })
})
