// A reporter for programs: the name of every failed test, one per line; see NodeSuite.java.
export default async function * failures (events) {
  for await (const { type, data } of events) {
    // A file whose tests failed is reported once more under its own path; only its tests are of interest.
    if (type === 'test:fail' && data.details?.error?.failureType !== 'subtestsFailed') yield `${data.name}\n`
  }
}
