// The hand on the server's switch: MILLRACE_CONTROL is an address that stops and starts the server under test.
import assert from 'node:assert/strict'

async function ask (step) {
  assert.ok(process.env.MILLRACE_CONTROL, 'MILLRACE_CONTROL is not set: these tests are run by NpmClientRestartIT')
  const answer = await fetch(`${process.env.MILLRACE_CONTROL}/${step}`, { method: 'POST' })
  assert.equal(answer.status, 204, `the server did not ${step}`)
}

export const stopServer = () => ask('stop')
export const startServer = () => ask('start')
