// Where the server under test is: MILLRACE_URL is one url or several, separated by commas, one per node of a cluster.
const urls = (process.env.MILLRACE_URL ?? '').split(',').map(url => url.trim()).filter(Boolean)
if (urls.length === 0) {
  throw new Error('MILLRACE_URL is not set; example: MILLRACE_URL=ws://127.0.0.1:6020 npm test')
}

/** How many nodes there are. */
export const NODES = urls.length

let turn = 0

/** The next node: clients of one test are spread over all nodes. */
export function nextUrl () {
  return urls[turn++ % urls.length]
}
