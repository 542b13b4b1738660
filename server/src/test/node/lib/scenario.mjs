// One test: its clients and raw sockets, closed at its end, and the rule that no client complains unless it was expected to.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { test } from 'node:test'
import { format } from 'node:util'
import { newClient, unanswered } from './clients.mjs'
import { until, within } from './deadline.mjs'
import { nextUrl } from './servers.mjs'
import { Wire } from './wire.mjs'

// The client reports missing acknowledgements and impossible state changes on the console only.
const consoleComplaints = []
console.warn = (...words) => consoleComplaints.push(format(...words))
console.trace = (...words) => consoleComplaints.push(format(...words))

// Each file runs in a process of its own. Its name goes before every title, because the runner knows only where test() is called.
const area = basename(process.argv[1] ?? '', '.test.mjs')

export function scenario (title, body) {
  test(`${area}: ${title}`, { timeout: 120_000 }, async () => {
    const run = new Scenario()
    consoleComplaints.length = 0
    try {
      await body(run)
      await run.settle()
    } catch (reason) {
      throw run.explain(reason)
    } finally {
      await run.close()
    }
    assert.deepEqual(run.complaints(), [], 'a client complained')
  })
}

class Scenario {
  #clients = []
  #wires = []
  #expected = []
  #vain = []

  constructor () {
    // Tests take these out of the scenario by destructuring.
    for (const name of ['unique', 'client', 'connect', 'connectAll', 'wire', 'socket', 'mayComplain', 'mayWaitInVain', 'complains', 'close']) {
      this[name] = this[name].bind(this)
    }
  }

  /** A name that nobody else uses. */
  unique (label = 'record') {
    return `${label}/${randomUUID()}`
  }

  /** A client that has not logged in; beside the client's own options there is `format`. */
  client (options) {
    const entry = newClient(nextUrl(), options)
    this.#clients.push(entry)
    return entry.client
  }

  /** A client that is logged in. */
  async connect (options = {}, login = {}) {
    const client = this.client(options)
    await within(client.login(login), 'login')
    return client
  }

  /** Several of them, on as many nodes as there are. */
  connectAll (count, options) {
    return Promise.all(Array.from({ length: count }, () => this.connect(options)))
  }

  /** A raw socket on which nothing was said yet. */
  async socket (format) {
    const wire = await Wire.open(nextUrl(), { format })
    this.#wires.push(wire)
    return wire
  }

  /** A raw socket that is logged in. */
  async wire (format) {
    const wire = await this.socket(format)
    await wire.login()
    return wire
  }

  /** Declares complaints, by regular expression, that belong to this test. */
  mayComplain (...patterns) {
    this.#expected.push(...patterns)
  }

  /** Declares requests (topic, action, name) whose answer the client does not recognize. */
  mayWaitInVain (...patterns) {
    this.#vain.push(...patterns)
  }

  /** Waits until this client complains like this. It is one complaint: a second one has to be expected, too. */
  async complains (client, pattern) {
    const { complaints } = this.#clients.find(entry => entry.client === client)
    const position = () => complaints.findIndex(complaint => pattern.test(complaint))
    await until(() => position() >= 0, `a complaint like ${pattern}`)
    complaints.splice(position(), 1)
  }

  complaints () {
    return [...this.#clients.flatMap(({ complaints }) => complaints), ...consoleComplaints]
      .filter(complaint => !this.#expected.some(pattern => pattern.test(complaint)))
  }

  /** The failure of a test with what the clients had to say; the client rejects with plain strings. */
  explain (reason) {
    const failure = reason instanceof Error ? reason : new Error(`unexpected rejection: ${reason}`)
    const complaints = this.complaints()
    if (complaints.length > 0) failure.message += `\nthe clients said:\n  ${complaints.slice(0, 10).join('\n  ')}`
    return failure
  }

  /** Nothing a client asked for may stay without an answer. */
  async settle () {
    for (const { client } of this.#clients) {
      if (client.getConnectionState() !== 'OPEN') continue
      const open = () => unanswered(client).filter(request => !this.#vain.some(pattern => pattern.test(request)))
      await until(() => open().length === 0, 'answers to all requests')
        .catch(failure => assert.fail(`${failure.message}; open (topic, action, name): ${open()}`))
    }
  }

  async close () {
    for (const { client } of this.#clients) {
      if (!['CLOSED', 'CLOSING'].includes(client.getConnectionState())) client.close()
    }
    await Promise.all(this.#wires.map(wire => wire.terminate()))
  }
}
