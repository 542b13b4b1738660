// The server under test must have the hot path prefix `hot/` and the storage exclusion prefix `volatile/`.
import assert from 'node:assert/strict'
import { eventually, within } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'
import { RECORD } from './lib/wire.mjs'

const ACK = { isWriteAck: true, correlationId: '1' }

scenario('a forced write to a hot path is stored without counting versions', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique('hot')
  for (let n = 1; n <= 3; n++) {
    await within(writer.record.setDataWithAck(name, { n }), 'the acknowledgement')
    assert.deepEqual(await reader.record.snapshot(name), { n })
    assert.equal(await reader.record.head(name), 0)
  }
})

scenario('subscribers follow a hot path', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique('hot')
  const record = await within(reader.record.getRecord(name).whenReady(), 'the record')
  for (let n = 1; n <= 20; n++) {
    writer.record.setData(name, { n })
    await eventually(() => record.get(), { n })
  }
})

scenario('a forced write to a hot path is passed on at version 0 and acknowledged as any other', async ({ wire: open, unique }) => {
  const [writer, subscriber] = [await open(), await open()]
  const name = unique('hot')
  await subscriber.subscribe(name)
  writer.record(RECORD.CREATEANDUPDATE, { name, version: -1, parsedData: { n: 1 }, ...ACK })

  await writer.expectRecordExactly(RECORD.WRITE_ACKNOWLEDGEMENT, { name, ...ACK })
  await subscriber.expectRecordExactly(RECORD.UPDATE, { name, version: 0, data: { n: 1 } })
})

scenario('a forced write by path to a hot path is refused', async ({ wire: open, unique }) => {
  const wire = await open()
  const name = unique('hot')
  wire.record(RECORD.CREATEANDPATCH, { name, version: -1, path: 'n', parsedData: 1, ...ACK })

  await wire.expectRecord(RECORD.INVALID_PATCH_ON_HOTPATH, { name, correlationId: '1' })
  assert.equal(await wire.head(name), -1)
})

scenario('a record that is excluded from storage works like any other', async ({ connectAll, unique }) => {
  const [writer, reader] = await connectAll(2)
  const name = unique('volatile')
  const record = await within(reader.record.getRecord(name).whenReady(), 'the record')
  await within(writer.record.setDataWithAck(name, { n: 1 }), 'the acknowledgement')
  await eventually(() => record.get(), { n: 1 })
  await within(record.setWithAck('n', 2), 'the acknowledgement')

  assert.deepEqual(await writer.record.snapshot(name), { n: 2 })
  assert.equal(await writer.record.head(name), 2)
})
