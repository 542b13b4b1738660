// A reporter for programs: the file and name of every failed test, one per line; see NodeSuite.java.
import { relative } from 'node:path'

export default async function * failures (events) {
  for await (const { type, data } of events) {
    // A file whose test failed is reported once more under its own path; only its tests are of interest, unless it has none.
    if (type === 'test:fail' && data.details?.error?.failureType !== 'subtestsFailed') {
      yield `${relative(process.cwd(), data.file ?? '')}: ${data.name}\n`
    }
  }
}
