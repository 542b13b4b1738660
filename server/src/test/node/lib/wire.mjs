// A raw socket, for what the client cannot say and for the exact answers that it does not show.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { isDeepStrictEqual } from 'node:util'
import WebSocket from 'ws'
import { PATIENCE_MS, within } from './deadline.mjs'
import { FORMAT, pathOf } from './formats.mjs'

const require = createRequire(import.meta.url)
const { getMessage } = require('@deepstream/protobuf/dist/src/message-builder')
const { parse } = require('@deepstream/protobuf/dist/src/message-parser')
const types = require('@deepstream/protobuf/dist/types/all')

export const { TOPIC, CONNECTION_ACTION: CONNECTION, AUTH_ACTION: AUTH, PARSER_ACTION: PARSER } = types
export const RECORD = { ...types.RECORD_ACTION, PATCH_MULTI: 35 }

const PING = { topic: TOPIC.CONNECTION, action: CONNECTION.PING }
const PONG = { topic: TOPIC.CONNECTION, action: CONNECTION.PONG }
export const CHALLENGE = {
  topic: TOPIC.CONNECTION,
  action: CONNECTION.CHALLENGE,
  url: 'ws://localhost/deepstream',
  protocolVersion: '0.1a',
  sdkVersion: '7.0.5',
  sdkType: 'javascript'
}

/** The bytes of one message; `data` is JSON text or any other text, `parsedData` a value. */
export const encode = message => getMessage({ ...message }, false)

/** The same as the client writes it in JSON. */
export function encodeJson (message) {
  const data = message.parsedData ? JSON.stringify(message.parsedData) : message.data
  return JSON.stringify({ ...message, data, isAck: false })
}

/**
 * One frame as a message: only fields that are on the wire, `data` as a value, false flags left out (absent and false mean the
 * same). Fails when the frame holds more or less than one message.
 */
export function decode (frame) {
  const [length, prefix] = varint(frame)
  assert.equal(prefix + length, frame.length, 'one frame carries exactly one message')
  const [message] = parse(frame)
  assert.ok(message.topic !== TOPIC.PARSER || message.action !== PARSER.ERROR, `undecodable: ${frame.toString('hex')}`)
  return normalized({ ...message })
}

/** A text frame in the same way. */
export function decodeJson (frame) {
  assert.equal(typeof frame, 'string', 'a text frame')
  const { originalTopic: originalTOPIC, ...message } = JSON.parse(frame)
  return normalized(originalTOPIC === undefined ? message : { ...message, originalTOPIC })
}

function normalized (fields) {
  for (const flag of ['isAck', 'isError', 'isWriteAck']) if (fields[flag] === false) delete fields[flag]
  for (const container of ['names', 'versions']) {
    if (fields[container] && Object.keys(fields[container]).length === 0) delete fields[container]
  }
  if (fields.versions) fields.versions = { ...fields.versions }
  if (fields.data !== undefined) fields.data = JSON.parse(fields.data)
  return fields
}

function varint (bytes) {
  let value = 0
  for (let i = 0; i < 5; i++) {
    value += (bytes[i] & 0x7f) * 2 ** (7 * i)
    if (bytes[i] < 0x80) return [value, i + 1]
  }
  return assert.fail(`no length prefix: ${bytes.toString('hex')}`)
}

/** Does the message have these fields? A field listed as undefined must be absent; fields not listed may be anything. */
export function matches (message, fields) {
  return Object.entries(fields).every(([name, value]) => isDeepStrictEqual(message[name], value))
}

export class Wire {
  #socket
  #format
  #inbox = []
  #waiting = null

  /** Resolves with the close code when the server closed the socket. */
  closed

  /** The frame of the message that was taken last, as it came. */
  lastFrame

  static async open (url, { format = FORMAT, path = pathOf(format) } = {}) {
    const wire = new Wire()
    wire.#format = format
    wire.#socket = new WebSocket(url + path, { perMessageDeflate: false })
    wire.closed = new Promise(resolve => wire.#socket.once('close', resolve))
    wire.#socket.on('message', frame => wire.#receive(frame))
    await within(new Promise((resolve, reject) => {
      wire.#socket.once('open', resolve)
      wire.#socket.once('error', reject)
    }), 'a WebSocket')
    // After the opening an error is always followed by a close, which the tests look at.
    wire.#socket.on('error', () => {})
    return wire
  }

  get isOpen () {
    return this.#socket.readyState === WebSocket.OPEN
  }

  send (message) {
    this.#socket.send(this.#format === 'json' ? encodeJson(message) : encode(message))
  }

  /** Bytes or, given a string, a text frame. */
  sendFrame (frame) {
    this.#socket.send(frame)
  }

  /** One message as several fragments of text. */
  sendPieces (pieces) {
    pieces.forEach((piece, i) => this.#socket.send(piece, { binary: false, fin: i === pieces.length - 1 }))
  }

  record (action, fields = {}) {
    this.send({ topic: TOPIC.RECORD, action, ...fields })
  }

  /** The next message, whatever it is. */
  async next (what = 'a message') {
    if (this.#inbox.length === 0) {
      await within(new Promise(resolve => { this.#waiting = resolve }), what)
    }
    const { frame, message } = this.#inbox.shift()
    this.lastFrame = frame
    return message
  }

  /** The next message, which must have these fields (see matches). */
  async expect (fields, what = JSON.stringify(fields)) {
    const message = await this.next(what)
    assert.ok(matches(message, fields), `expected ${show(fields)}\nreceived ${show(message)}`)
    return message
  }

  /** The next message, which must have these fields and no others. */
  async expectExactly (fields) {
    const message = await this.next(show(fields))
    assert.deepEqual(message, fields)
  }

  expectRecord (action, fields = {}) {
    return this.expect({ topic: TOPIC.RECORD, action, ...fields })
  }

  expectRecordExactly (action, fields) {
    return this.expectExactly({ topic: TOPIC.RECORD, action, ...fields })
  }

  /** All messages up to the first with these fields, that one included. */
  async collectUntil (fields) {
    const collected = []
    const end = performance.now() + PATIENCE_MS
    do {
      assert.ok(performance.now() < end, `waited for ${show(fields)}, received ${collected.map(show).join('\n')}`)
      collected.push(await this.next(show(fields)))
    } while (!matches(collected.at(-1), fields))
    return collected
  }

  /** The version of a record, asked on this socket; whatever else arrives first is a failure. */
  async head (name) {
    this.record(RECORD.HEAD, { name })
    return (await this.expectRecord(RECORD.HEAD_RESPONSE, { name })).version
  }

  /** Asks for a record; whatever else arrives first is a failure. */
  async read (name) {
    this.record(RECORD.READ, { name })
    const { version, data } = await this.expectRecord(RECORD.READ_RESPONSE, { name })
    return { version, data }
  }

  /** Subscribes as the client does (creates what is missing); answers version and data. */
  async subscribe (name, correlationId = '0') {
    this.record(RECORD.SUBSCRIBECREATEANDREAD, { names: [name], correlationId })
    await this.expectRecord(RECORD.SUBSCRIBECREATEANDREAD, { isAck: true, correlationId })
    const { version, data } = await this.expectRecord(RECORD.READ_RESPONSE, { name })
    return { version, data }
  }

  async ping () {
    this.send(PING)
    await this.expectExactly(PONG)
  }

  async challenge () {
    this.send(CHALLENGE)
    await this.expectExactly({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT })
  }

  async login (data = {}) {
    await this.challenge()
    this.send({ topic: TOPIC.AUTH, action: AUTH.REQUEST, parsedData: data })
    await this.expect({ topic: TOPIC.AUTH, action: AUTH.AUTH_SUCCESSFUL })
  }

  /** The close code, or a failure when the server keeps the socket open. */
  closeCode () {
    return within(this.closed, 'the server to close the socket')
  }

  async terminate () {
    this.#socket.terminate()
    await this.closed
  }

  #receive (frame) {
    this.#inbox.push({ frame, message: this.#format === 'json' ? decodeJson(frame) : decode(frame) })
    this.#waiting?.()
    this.#waiting = null
  }
}

const show = message => {
  const text = JSON.stringify(message, (key, value) => value === undefined ? '(absent)' : value)
  return text.length > 500 ? text.slice(0, 500) + '…' : text
}
