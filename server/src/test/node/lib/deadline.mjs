// Waiting without sleeping: every wait names what it waits for and ends with a failure, never with a guess.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'

/** How long something may take before it counts as never; generous, because it only costs time when a test fails. */
export const PATIENCE_MS = Number(process.env.MILLRACE_PATIENCE_MS ?? 20_000)

/** Asks again until the condition is truthy; answers its value. */
export async function until (condition, what) {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > end) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`)
    await pause(1)
  }
}

/** Asks again until the value equals what is expected; fails with the difference. */
export async function eventually (read, expected, what = 'the expected value') {
  const end = performance.now() + PATIENCE_MS
  while (!isDeepStrictEqual(read(), expected)) {
    if (performance.now() > end) {
      assert.deepEqual(read(), expected, undefined)
      throw new Error(`not within ${PATIENCE_MS} ms: ${what}`)
    }
    await pause(1)
  }
}

/** The promise's value, or a failure that says what was awaited. */
export async function within (promise, what) {
  let timer
  const tooLate = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${PATIENCE_MS} ms: ${what}`)), PATIENCE_MS)
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

/** The rejection reason of a promise that must fail. */
export async function rejection (promise, what) {
  const outcome = await within(promise.then(value => ({ value }), reason => ({ reason })), what)
  assert.ok('reason' in outcome, `${what}: expected a failure, got ${JSON.stringify(outcome.value)}`)
  return outcome.reason
}
