// The formats of the wire: where each is spoken, and what the client needs to be told.
const formats = {
  binary: { path: '/deepstream', client: {} },
  json: { path: '/deepstream-json', client: { path: '/deepstream-json', socketOptions: { jsonTransportMode: true } } }
}

/** What clients and sockets speak unless a test says otherwise: MILLRACE_FORMAT, binary or json. */
export const FORMAT = process.env.MILLRACE_FORMAT || 'binary'

/** The path where a format is spoken. */
export const pathOf = format => known(format).path

/** The options that make a client speak it. */
export const clientOptionsOf = format => known(format).client

function known (format) {
  if (!Object.hasOwn(formats, format)) throw new Error(`no format ${format}; there are ${Object.keys(formats)}`)
  return formats[format]
}
