/**
 * Opens the page, zooms in on a section and watches one of its seats; the JUnit test that starts this produces the deltas.
 *
 *   node e2e/watch-seat.mjs CHROMIUM URL SECTION SEAT SCREENSHOT
 *
 * Says what it sees, one JSON line per change of what the page knows of the seat and of the connection:
 *   {"state":"available","painted":"#2fd6b5","position":{"x":400,"y":300},"following":6,"banner":false,"connection":"OPEN"}
 * and takes a screenshot before each. Ends when its input ends; fails if the page reported an error.
 */
import { launch } from './browser.mjs'

const [executablePath, url, section, seat, screenshot] = process.argv.slice(2)
const LOOK_EVERY_MS = 50

let ended = false
process.stdin.on('end', () => (ended = true)).resume()

const browser = await launch(executablePath)
const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
const faults = []
page.on('pageerror', (error) => faults.push(error.message))
await page.goto(url)
await page.evaluate((section) => window.__onsale.show(section), section)

let last = ''
while (!ended) {
  const seen = await page.evaluate(
    ([section, seat]) => ({
      state: window.__onsale.seat(section, seat),
      painted: window.__onsale.painted(section, seat),
      position: window.__onsale.position(section, seat),
      following: window.__onsale.following(),
      banner: !document.getElementById('banner').hidden,
      connection: document.body.dataset.connection
    }),
    [section, seat]
  )
  const line = JSON.stringify(seen)
  if (line !== last) {
    await page.screenshot({ path: screenshot })
    console.log(line)
    last = line
  }
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
}
await browser.close()
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
