import assert from 'node:assert/strict'
import { cut, isAcknowledged } from './lib/clients.mjs'
import { eventually, until } from './lib/deadline.mjs'
import { scenario } from './lib/scenario.mjs'

// Events and records are listened for alike; each topic says how its subscriptions are made.
const topics = {
  event: {
    handler: client => client.event,
    subscribe: (client, name) => client.event.subscribe(name, () => {}),
    unsubscribe: (client, name) => client.event.unsubscribe(name),
    isSubscribed: client => until(() => isAcknowledged(client), 'the acknowledgement'),
    isUnsubscribed: client => until(() => isAcknowledged(client), 'the acknowledgement')
  },
  record: {
    handler: client => client.record,
    subscribe: (client, name) => opened.set(client, client.record.getRecord(name)),
    unsubscribe: client => opened.get(client).discard(),
    // A record has its state before all nodes know of the interest in it; what is acknowledged for an event of its name tells
    // that they do.
    isSubscribed: async client => {
      const { name } = await opened.get(client).whenReady()
      client.event.subscribe(name, () => {})
      await until(() => isAcknowledged(client), 'the acknowledgement')
    },
    // Until then the client takes the record up again that it is about to give up.
    isUnsubscribed: (client, name) => until(() => !client.record.names().includes(name), 'the end of the record')
  }
}
/** The record that each client opened last. */
const opened = new WeakMap()

/** Listens; what is found is answered as told: 'accept', 'reject', or a function. Answers all that happened. */
async function listen (topic, client, pattern, answer = 'accept') {
  const seen = { found: [], stopped: [] }
  topic.handler(client).listen(pattern, (name, response) => {
    seen.found.push(name)
    response.onStop(stopped => seen.stopped.push(stopped))
    if (typeof answer === 'function') answer(response, name)
    else response[answer]()
  })
  await until(() => isAcknowledged(client), 'the acknowledgement')
  return seen
}

for (const [kind, topic] of Object.entries(topics)) {
  for (const rank of [1, 2, 3, 4]) {
    scenario(`${kind}s: provider ${rank} is taken when all before it refuse`, async ({ connectAll, unique }) => {
      const [subscriber, ...providers] = await connectAll(5)
      const name = unique(kind)
      const seen = []
      for (const [i, client] of providers.entries()) {
        seen.push(await listen(topic, client, `^${name}$`, i + 1 < rank ? 'reject' : 'accept'))
      }

      topic.subscribe(subscriber, name)
      await eventually(() => seen.map(({ found }) => found.length), providers.map((_, i) => i < rank ? 1 : 0))
      topic.unsubscribe(subscriber, name)
      await eventually(() => seen.map(({ stopped }) => stopped.length), providers.map((_, i) => i === rank - 1 ? 1 : 0))
    })
  }

  scenario(`${kind}s: to accept twice changes nothing`, async ({ connectAll, unique }) => {
    const [subscriber, provider, idle] = await connectAll(3)
    const name = unique(kind)
    const seen = await listen(topic, provider, name, response => { response.accept(); response.accept() })
    const others = await listen(topic, idle, name)

    for (let round = 1; round <= 2; round++) {
      topic.subscribe(subscriber, name)
      await eventually(() => seen.found.length, round)
      topic.unsubscribe(subscriber, name)
      await eventually(() => seen.stopped, Array(round).fill(name))
      await topic.isUnsubscribed(subscriber, name)
    }
    assert.deepEqual(others.found, [])
  })

  scenario(`${kind}s: who listens again is asked again`, async ({ connectAll, unique }) => {
    const [subscriber, provider] = await connectAll(2)
    const name = unique(kind)
    const first = await listen(topic, provider, name)
    topic.subscribe(subscriber, name)
    await eventually(() => first.found, [name])

    topic.handler(provider).unlisten(name)
    await until(() => isAcknowledged(provider), 'the acknowledgement')
    const second = await listen(topic, provider, name)
    await eventually(() => second.found, [name])
    assert.deepEqual(first.found, [name])
  })

  scenario(`${kind}s: what is subscribed to already is found by who comes later`, async ({ connectAll, unique }) => {
    const [subscriber, refuser, provider] = await connectAll(3)
    const names = [unique(`${kind}-late`), unique(`${kind}-late`)].sort()
    for (const name of names) topic.subscribe(subscriber, name)
    const refused = await listen(topic, refuser, `^${kind}-late/`, 'reject')
    await eventually(() => [...refused.found].sort(), names)

    const seen = await listen(topic, provider, `^(${names.join('|')})$`)
    await eventually(() => [...seen.found].sort(), names)
  })

  scenario(`${kind}s: a second subscriber is no news, and the last one to leave is`, async ({ connectAll, unique }) => {
    const [one, two, provider] = await connectAll(3)
    const name = unique(kind)
    const seen = await listen(topic, provider, name)
    topic.subscribe(one, name)
    await eventually(() => seen.found, [name])
    topic.subscribe(two, name)
    await topic.isSubscribed(two)

    one.close()
    topic.unsubscribe(two, name)
    await eventually(() => seen.stopped, [name])
    assert.deepEqual(seen.found, [name])
  })

  scenario(`${kind}s: who unlistens hands over`, async ({ connectAll, unique }) => {
    const [subscriber, first, second] = await connectAll(3)
    const name = unique(kind)
    const before = await listen(topic, first, name)
    const after = await listen(topic, second, `${name}$`)
    topic.subscribe(subscriber, name)
    await eventually(() => before.found, [name])

    topic.handler(first).unlisten(name)
    await eventually(() => after.found, [name])
    topic.unsubscribe(subscriber, name)
    await eventually(() => after.stopped, [name])
    assert.deepEqual(before.stopped, [])
  })

  scenario(`${kind}s: who is gone is followed by another`, async ({ connectAll, unique }) => {
    const [subscriber, first, second] = await connectAll(3)
    const name = unique(kind)
    const before = await listen(topic, first, name)
    const after = await listen(topic, second, name)
    topic.subscribe(subscriber, name)
    await eventually(() => before.found, [name])

    first.close()
    await eventually(() => after.found, [name])
  })

  scenario(`${kind}s: a listener whose line is cut hands over, and listens again on its return`, async ({ connectAll, unique }) => {
    const [subscriber, traveller, heir] = await connectAll(3)
    const [name, later] = [unique(kind), unique(kind)]
    const before = await listen(topic, traveller, `^(${name}|${later})$`)
    const after = await listen(topic, heir, `^${name}$`)
    topic.subscribe(subscriber, name)
    await eventually(() => before.found, [name])

    cut(traveller)
    await eventually(() => after.found, [name])
    assert.deepEqual(before.stopped, [name]) // by the client itself
    await until(() => traveller.getConnectionState() === 'OPEN' && isAcknowledged(traveller), 'the return')
    topic.subscribe(subscriber, later)
    await eventually(() => before.found, [name, later])
  })

  scenario(`${kind}s: three hundred names with two listeners are each provided once`, async ({ connectAll, unique }) => {
    const [subscriber, ...providers] = await connectAll(3)
    const base = unique(kind)
    const seen = await Promise.all(providers.map(client => listen(topic, client, `^${base}/`)))
    const names = Array.from({ length: 300 }, (_, i) => `${base}/${i}`)
    for (const name of names) topic.subscribe(subscriber, name)

    await eventually(() => seen.flatMap(({ found }) => found).sort(), [...names].sort())
    subscriber.close()
    await eventually(() => seen.flatMap(({ stopped }) => stopped).sort(), [...names].sort())
  })

  scenario(`${kind}s: who says nothing is followed by another, and may still accept when that one refuses`,
    async ({ connectAll, unique, mayComplain }) => {
      // The client does not know LISTEN_RESPONSE_TIMEOUT.
      mayComplain(/UNSOLICITED_MESSAGE/)
      const [subscriber, silent, other] = await connectAll(3)
      const name = unique(kind)
      const answers = []
      const before = await listen(topic, silent, name, response => answers.push(response))
      const after = await listen(topic, other, name, response => answers.push(response))
      topic.subscribe(subscriber, name)
      await eventually(() => after.found, [name])

      answers[0].accept()
      answers[1].reject()
      topic.unsubscribe(subscriber, name)
      await eventually(() => before.stopped, [name])
    })

  scenario(`${kind}s: a subscriber may provide for itself`, async ({ connect, unique }) => {
    const client = await connect()
    const name = unique(kind)
    const seen = await listen(topic, client, name)
    topic.subscribe(client, name)
    await eventually(() => seen.found, [name])
  })

  scenario(`${kind}s: patterns are those of JavaScript`, async ({ connectAll, unique }) => {
    const [subscriber, provider] = await connectAll(2)
    const base = unique(`${kind}-pattern`)
    const names = ['/1', '/[', '/é', '/a\u00a0b', '/xy'].map(end => base + end)
    const patterns = ['\\/\\d$', '/[[]$', '/\\W$', '/\\w\\sb', '/(?<first>x)[^\\-a]$']
    const seen = []
    for (const pattern of patterns) seen.push(await listen(topic, provider, base + pattern))
    for (const name of names) topic.subscribe(subscriber, name)

    await eventually(() => seen.map(({ found }) => found), names.map(name => [name]))
  })
}

scenario('a pattern that cannot be matched in linear time is refused', async ({ connect, mayComplain }) => {
  mayComplain(/INVALID_LISTEN_REGEX/)
  const client = await connect()
  const complaint = new Promise(resolve => client.on('error', resolve))
  client.event.listen('(a+)\\1', () => {})
  await complaint
  client.close()
})

scenario('records know whether they have a provider', async ({ connectAll, unique }) => {
  const [subscriber, later, provider, next] = await connectAll(4)
  const name = unique()
  const record = subscriber.record.getRecord(name)
  await record.whenReady()
  const changes = []
  // The client's record object does not pass this event on.
  record.record.on('hasProviderChanged', has => changes.push(has), {})
  assert.equal(record.hasProvider, false)

  await listen(topics.record, provider, name)
  await eventually(() => changes, [true])
  assert.equal(record.hasProvider, true)
  const other = later.record.getRecord(name)
  await other.whenReady()
  await eventually(() => other.hasProvider, true)

  provider.record.unlisten(name)
  await eventually(() => changes, [true, false])
  await eventually(() => other.hasProvider, false)
  await listen(topics.record, next, name)
  await eventually(() => changes, [true, false, true])
  next.close()
  await eventually(() => changes, [true, false, true, false])
})

scenario('a deleted record is provided no longer, and again when it is opened', async ({ connectAll, unique }) => {
  const [subscriber, provider] = await connectAll(2)
  const name = unique()
  const seen = await listen(topics.record, provider, name)
  const record = subscriber.record.getRecord(name)
  await eventually(() => record.hasProvider, true)
  await record.delete()

  await eventually(() => seen.stopped, [name])
  subscriber.record.getRecord(name)
  await eventually(() => seen.found, [name, name])
})

scenario('what a listener writes when it is asked reaches the subscriber', async ({ connectAll, unique }) => {
  const [subscriber, provider] = await connectAll(2)
  const name = unique()
  await listen(topics.record, provider, `^${name}$`, response => {
    response.accept()
    provider.record.setData(name, { sun: true })
  })

  const record = subscriber.record.getRecord(name)
  await eventually(() => record.get(), { sun: true })
})
