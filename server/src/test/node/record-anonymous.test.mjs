import assert from 'node:assert/strict'
import { eventually, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

/** Two records that hold their own letter, a reader and a writer. */
async function letters ({ connectAll, unique }) {
  const [reader, writer] = await connectAll(2)
  const [a, b] = [unique('a'), unique('b')]
  await within(writer.record.setDataWithAck(a, { letter: 'a' }), 'record a')
  await within(writer.record.setDataWithAck(b, { letter: 'b' }), 'record b')
  return { reader, writer, a, b }
}

scenario('an anonymous record shows the record whose name it got', async context => {
  const { reader, a, b } = await letters(context)
  const anonymous = reader.record.getAnonymousRecord()
  assert.equal(anonymous.get(), undefined)

  await within(anonymous.setName(a), 'record a')
  assert.equal(anonymous.name, a)
  assert.deepEqual(anonymous.get(), { letter: 'a' })
  await within(anonymous.setName(b), 'record b')
  assert.deepEqual(anonymous.get(), { letter: 'b' })
  assert.equal(anonymous.version, 1)
})

scenario('the subscriptions of an anonymous record move along', async context => {
  const { reader, writer, a, b } = await letters(context)
  // The write to the record left behind may be on its way when the client gives that up.
  context.mayComplain(/UNSOLICITED_MESSAGE/)
  const anonymous = reader.record.getAnonymousRecord()
  const heard = []
  anonymous.subscribe('letter', letter => heard.push(letter))
  await within(anonymous.setName(a), 'record a')
  await within(anonymous.setName(b), 'record b')
  await within(writer.record.setDataWithAck(a, 'letter', 'A'), 'a write to the record left behind')
  await within(writer.record.setDataWithAck(b, 'letter', 'B'), 'a write to the present record')

  await eventually(() => heard, ['a', 'b', 'B'])
})

scenario('an anonymous record tells of its new name', async context => {
  const { reader, a, b } = await letters(context)
  const anonymous = reader.record.getAnonymousRecord()
  const names = []
  anonymous.on('nameChanged', name => names.push(name))
  await within(anonymous.setName(a), 'record a')
  await within(anonymous.setName(b), 'record b')

  assert.deepEqual(names, [a, b])
})

scenario('an anonymous record writes to the present record', async context => {
  const { reader, writer, a, b } = await letters(context)
  const anonymous = reader.record.getAnonymousRecord()
  await within(anonymous.setName(a), 'record a')
  await within(anonymous.setWithAck('note', 1), 'a write to a')
  await within(anonymous.setName(b), 'record b')
  await within(anonymous.setWithAck({ letter: 'z' }), 'a write to b')

  assert.deepEqual(await writer.record.snapshot(a), { letter: 'a', note: 1 })
  assert.deepEqual(await writer.record.snapshot(b), { letter: 'z' })
})

scenario('an anonymous record leaves the subscription of the old record behind', async context => {
  const { reader, writer, a, b } = await letters(context)
  const anonymous = reader.record.getAnonymousRecord()
  await within(anonymous.setName(a), 'record a')
  await within(anonymous.setName(b), 'record b')
  await eventually(() => reader.record.names(), [b])
  assert.equal(await within(reader.record.head(a), 'an answer behind the unsubscription'), 1)

  await within(writer.record.setDataWithAck(a, 'letter', 'A'), 'a write to the record left behind')
  assert.equal(await within(reader.record.head(a), 'an answer behind any broadcast'), 2)
})

scenario('an anonymous record goes there and back in one tick', async context => {
  const { reader, writer, a, b } = await letters(context)
  const anonymous = reader.record.getAnonymousRecord()
  await within(anonymous.setName(a), 'record a')
  anonymous.setName(b)
  await within(anonymous.setName(a), 'record a again')
  await within(writer.record.setDataWithAck(a, 'letter', 'A'), 'a write')

  await eventually(() => anonymous.get(), { letter: 'A' })
})
