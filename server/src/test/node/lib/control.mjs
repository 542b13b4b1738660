// The hand on the server's switch: MILLRACE_CONTROL is an address that stops and starts the server under test, decides whom its
// login webhook lets in, and changes what is in its storage behind its back. See NodeControl.java.
import assert from 'node:assert/strict'

async function ask (step, body = '') {
  const answer = await fetch(`${process.env.MILLRACE_CONTROL}/${step}`, { method: 'POST', body })
  assert.equal(answer.status, 204, `${step} was not done`)
}

/** Is there one? Tests that need it are for NpmClientRestartIT only. */
export const controlled = process.env.MILLRACE_CONTROL !== undefined

export const stopServer = () => ask('stop')
export const startServer = () => ask('start')

/** What the webhook answers from now on when somebody logs in with this user name or token. */
export const answerLogin = (who, status, body) => ask(`login/${encodeURIComponent(who)}`, JSON.stringify({ status, body }))

/** Puts a record into the storage, with the next version; nobody tells the server. */
export const store = (name, data) => ask(`store/${encodeURIComponent(name)}`, JSON.stringify(data))

/** Takes it out. */
export const unstore = name => ask(`unstore/${encodeURIComponent(name)}`)

/** Restarts one node of a cluster in good order; it is whole again when this returns. */
export const restartNode = number => ask(`restart/${number}`)
