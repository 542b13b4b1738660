/** Everything beside the map: figures, legend, connection, the list of busy sections. */
import type { Section } from './section'
import { SEAT_STATES, type SeatState } from './venue'

const SPARK_POINTS = 60
const LATENCY_WINDOW = 2000
/** An older change came with a catch-up after an outage, not over the live way. */
const LIVE_MS = 5000

const format = new Intl.NumberFormat('en')
const element = <T extends Element = HTMLElement>(id: string): T => document.getElementById(id) as unknown as T

const CONNECTION_WORDS: Readonly<Record<string, string>> = {
  OPEN: 'Live',
  CLOSED: 'Offline',
  ERROR: 'Reconnecting',
  RECONNECTING: 'Reconnecting'
}

export class Panel {
  private readonly rates: number[] = []
  private latencies: number[] = []
  private lastDeltas = 0
  private lastTick = performance.now()
  private wasOpen = false

  connection(state: string): void {
    document.body.dataset.connection = state
    this.wasOpen ||= state === 'OPEN'
    const live = state === 'OPEN'
    const pill = element('connection')
    pill.dataset.live = String(live)
    pill.querySelector('span')!.textContent = CONNECTION_WORDS[state] ?? 'Connecting'
    element('banner').hidden = live || !this.wasOpen
  }

  /** A change that was sent at `sentAt` is on screen now. */
  latency(sentAt: number): void {
    const took = Date.now() - sentAt
    if (took < 0 || took > LIVE_MS) return
    this.latencies.push(took)
    if (this.latencies.length > LATENCY_WINDOW) this.latencies.splice(0, LATENCY_WINDOW / 2)
  }

  /** Once a second. */
  tick(deltas: number, following: number, sections: readonly Section[]): void {
    const now = performance.now()
    const rate = ((deltas - this.lastDeltas) * 1000) / (now - this.lastTick)
    this.lastDeltas = deltas
    this.lastTick = now
    element('rate').textContent = format.format(Math.round(rate))
    this.rates.push(rate)
    if (this.rates.length > SPARK_POINTS) this.rates.shift()
    this.spark()
    element('latency').textContent = this.median()
    element('following').textContent = String(following)
    this.seats(sections.filter((section) => section.fresh))
    this.hot(sections)
  }

  private median(): string {
    const sorted = this.latencies.toSorted((a, b) => a - b)
    this.latencies = this.latencies.slice(-LATENCY_WINDOW / 4)
    const middle = sorted[sorted.length >> 1]
    if (middle === undefined) return '–'
    return middle < 10 ? middle.toFixed(1) : String(Math.round(middle))
  }

  private spark(): void {
    const top = Math.max(10, ...this.rates) * 1.1
    const step = 240 / (SPARK_POINTS - 1)
    const start = SPARK_POINTS - this.rates.length
    const points = this.rates.map((rate, i) => `${((start + i) * step).toFixed(1)},${(43 - (rate / top) * 40).toFixed(1)}`)
    const spark = element<SVGElement>('spark')
    spark.querySelector('.line')!.setAttribute('d', points.length > 1 ? `M${points.join('L')}` : '')
    const area = points.length > 1 ? `M${(start * step).toFixed(1)},44L${points.join('L')}L240,44Z` : ''
    spark.querySelector('.area')!.setAttribute('d', area)
  }

  private seats(sections: readonly Section[]): void {
    const total = (state: SeatState) => sections.reduce((sum, section) => sum + section.counts[state], 0)
    const counts = Object.fromEntries(SEAT_STATES.map((state) => [state, total(state)])) as Record<SeatState, number>
    const all = counts.available + counts.held + counts.sold
    for (const state of SEAT_STATES) {
      element(`count-${state}`).textContent = format.format(counts[state])
      element('bar').querySelector<HTMLElement>(`.${state}`)!.style.flexGrow = String(all === 0 ? 0 : counts[state] / all)
    }
    if (all === 0) return
    element('seats').setAttribute(
      'aria-label',
      `Seat map, ${sections.length} sections in view: ${counts.available} seats available, ${counts.held} held, ${counts.sold} sold`
    )
  }

  private hot(sections: readonly Section[]): void {
    const busiest = sections.filter((section) => section.fresh && section.recent > 0.5).toSorted((a, b) => b.recent - a.recent)
    const list = element('hot')
    list.replaceChildren(
      ...busiest.slice(0, 6).map((section) => {
        const { available, held, sold } = section.counts
        const item = document.createElement('li')
        const button = document.createElement('button')
        button.type = 'button'
        button.dataset.section = section.id
        const name = document.createElement('b')
        name.textContent = section.id
        const left = document.createElement('span')
        left.textContent = `${available} left`
        const bar = document.createElement('i')
        bar.style.setProperty('--full', `${Math.round((100 * (held + sold)) / (available + held + sold))}%`)
        button.append(name, bar, left)
        item.append(button)
        return item
      })
    )
    for (const section of sections) section.recent *= 0.6
  }
}
