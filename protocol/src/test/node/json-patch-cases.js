// Writes src/test/resources/json-patch-cases.json: what the JavaScript client makes of documents,
// paths and values. Each case is [document, path, [value] or [] to erase, [result] or [] if refused].
//
//   npm install --prefix some/empty/folder @deepstream/client@7.0.5
//   NODE_PATH=some/empty/folder/node_modules node json-patch-cases.js > ../resources/json-patch-cases.json
//
// Refused is what the client throws at, what loses the value, and what the protocol says to refuse.
'use strict'
const path = require('path')
const client = path.dirname(require.resolve('@deepstream/client/package.json'))
const { setValue } = require(path.join(client, 'dist/src/record/json-path.js'))

const COUNT = 2000
const FORBIDDEN = ['__proto__', 'constructor', 'prototype']
const KEYS = ['a', 'b', 'c', 'a', 'b', 'c', '0', '1', '2', '01', '-1', 'length', 'toString', 'é"\n']
const INDEXES = ['0', '1', '2', '0', '1', '2', '3', '6', '01']
const ODD_INDEXES = [' 1 ', '', ' ', '1e0', '0x2', '0b1', '0o3', '+1', '-0', '-1', 'x', '1e-1', '1e999', '\u00a02\ufeff', '1e10', '--1', 'Infinity']
const ODD = ['', '.', '..', ' ', '[0]', '[1]', 'a[', 'a]', 'a]2', 'a[2', 'a[1]2', 'a[1]b', 'a[[1]]', 'a [1]', '\u0085a', '\u00a0a\ufeff', '\u001fa', '\u2003a.\u2028b', 'a.[1]', 'a..b', '.a', 'a.', '__proto__', 'a.__proto__', 'constructor.x', 'a.prototype', 'prototype[0]', ' __proto__ ', '__proto__x', 'a[1.5]', 'hasOwnProperty', 'a.b.c.d.e', 'a[0][0][0]', 'valueOf.x']

// mulberry32: the same cases every time.
let state = 7005
function random () {
  state = (state + 0x6D2B79F5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const below = n => Math.floor(random() * n)
const pick = list => list[below(list.length)]

function value (depth) {
  const kind = below(depth > 0 ? 10 : 6)
  if (kind < 6) return pick([null, null, true, false, 0, 1, -17, 1.5, 123456, '', 'x', 'é\u2028"\\\n\u0001', '😀'])
  return container(depth - 1, kind < 8)
}

function container (depth, isArray) {
  const size = below(4)
  if (isArray) return Array.from({ length: size }, () => value(depth))
  const object = {}
  for (let i = 0; i < size; i++) object[pick(KEYS)] = value(depth)
  return object
}

/** Half of the steps follow what is there. */
function pathInto (document) {
  if (below(8) === 0) return pick(ODD)
  let text = ''
  let at = document
  for (let parts = 1 + below(3); parts > 0; parts--) {
    const follows = at !== null && typeof at === 'object' && Object.keys(at).length > 0 && below(4) > 0
    const key = follows ? pick(Object.keys(at)) : pick(KEYS)
    text += (text === '' ? '' : '.') + (below(20) === 0 ? ' ' + key + '\t' : key)
    at = at === null || at === undefined ? undefined : at[key]
    for (let brackets = Math.max(0, below(4) - 1); brackets > 0; brackets--) {
      const index = pick(below(6) === 0 ? ODD_INDEXES : INDEXES)
      text += '[' + index + ']'
      at = at === null || at === undefined ? undefined : at[Number(index)]
    }
  }
  return text
}

/** The client's own steps, which it does not export. */
function tokens (text) {
  const steps = []
  for (const raw of text.split('.')) {
    const part = raw.trim()
    if (part.length === 0) continue
    const [key, ...indexes] = part.split(/[[\]]/g)
    steps.push(key, ...indexes.filter(index => index.length > 0).map(Number))
  }
  return steps
}

function isRefused (document, steps, isSet, result) {
  const wrong = step => typeof step === 'number' ? !Number.isInteger(step) || Math.abs(step) > 1e9 : FORBIDDEN.includes(step)
  if (steps.length === 0 || steps.some(wrong)) return true
  // The length of an array is no data.
  let at = document
  for (const step of steps) {
    if (Array.isArray(at) && step === 'length') return true
    at = at !== null && typeof at === 'object' ? at[step] : undefined
  }
  // Lost is what does not come out again.
  at = result
  for (const step of isSet ? steps : []) {
    if (at === null || typeof at !== 'object' || !Object.prototype.propertyIsEnumerable.call(at, step)) return true
    at = at[step]
  }
  return false
}

function outcome (document, text, values) {
  const steps = tokens(text)
  if (steps.some(step => typeof step === 'number' && Math.abs(step) > 100)) return []
  try {
    const result = JSON.parse(JSON.stringify(setValue(document, text, values[0])))
    return isRefused(document, steps, values.length === 1, result) ? [] : [result]
  } catch (e) {
    if (e instanceof RangeError || e instanceof TypeError) return []
    throw e
  }
}

const cases = []
const seen = new Set()
while (cases.length < COUNT) {
  const document = container(3, below(8) === 0)
  const text = pathInto(document)
  const values = below(3) === 0 ? [] : [value(1)]
  const line = JSON.stringify([document, text, values, outcome(document, text, values)])
  if (line.length < 400 && !seen.has(line)) {
    seen.add(line)
    cases.push(line)
  }
}
console.log('[\n' + cases.join(',\n') + '\n]')
