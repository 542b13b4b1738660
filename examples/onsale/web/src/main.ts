/** Wires the page: view -> what is followed; records -> what is painted; once a second -> the figures. */
import './style.css'
import { PLACES } from './arena'
import { connectControls } from './controls'
import { Feed } from './feed'
import { COLOURS, Painter } from './painter'
import { Panel } from './panel'
import { Section } from './section'
import { View } from './view'

/** A drag passes over sections that nobody stops at: they are not worth a subscription. */
const SETTLE_MS = 150

const canvas = document.getElementById('seats') as HTMLCanvasElement
const sections = PLACES.map((place) => new Section(place))
const byId = new Map(sections.map((section) => [section.id, section]))
const view = new View()
const painter = new Painter(view, canvas, document.getElementById('flashes') as HTMLCanvasElement)
const panel = new Panel()
const server =
  new URLSearchParams(location.search).get('server') ??
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`
const feed = new Feed(
  server,
  (state) => panel.connection(state),
  // A change may be under way while its section is left: nothing to tell anybody.
  (error) => error.startsWith('UNSOLICITED_MESSAGE') || console.warn(error)
)

let repaint = true
let settled: ReturnType<typeof setTimeout> | undefined
const followVisible = () => feed.follow(new Set(sections.filter((section) => view.sees(section.place.box))))
view.onChange = () => {
  repaint = true
  clearTimeout(settled)
  settled = setTimeout(followVisible, SETTLE_MS)
}
connectControls(canvas, view, sections, (section) => (painter.hovered = section))

new ResizeObserver(([entry]) => {
  const { width, height } = entry!.contentRect
  painter.resize(width, height)
  view.resize(width, height)
}).observe(canvas)

function frame(now: number): void {
  for (const { section, changes, first } of feed.news()) {
    if (section.spots.length > 0) document.body.dataset.phase = 'seats'
    if (changes === undefined || first) painter.paintSection(section)
    for (const { spot, sentAt } of changes ?? []) {
      if (first) continue
      if (!repaint) painter.paintSeat(spot)
      painter.flash(spot, now)
      if (sentAt !== undefined) panel.latency(sentAt)
    }
  }
  if (repaint) painter.paintAll(sections)
  repaint = false
  painter.paintAbove(now)
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)

setInterval(() => panel.tick(feed.deltas, feed.size, sections), 1000)

/** For tests: what the page knows of a seat, and what it has painted where. */
const hook = {
  colours: COLOURS,
  following: () => feed.size,
  deltas: () => feed.deltas,
  show: (section: string) => view.show(byId.get(section)!.place.box),
  seat: (section: string, seat: string) => byId.get(section)?.seat(seat)?.state,
  painted: (section: string, seat: string) => {
    const spot = byId.get(section)?.seat(seat)
    return spot && painter.paintedColour(spot)
  },
  position: (section: string, seat: string) => {
    const spot = byId.get(section)?.seat(seat)
    if (!spot) return undefined
    const box = canvas.getBoundingClientRect()
    const { x, y } = view.toScreen(spot)
    return { x: x + box.left, y: y + box.top }
  }
}
declare global {
  interface Window {
    __onsale: typeof hook
  }
}
window.__onsale = hook
