/**
 * Two canvases: seats, repainted one by one as they change, and flashes above them, cleared every frame.
 * The whole map is painted only when the view moves or a section is laid out.
 */
import { ARENA, SEAT, STAGE, type Point } from './arena'
import type { SeatSpot, Section } from './section'
import { SEAT_STATES, type SeatState } from './venue'
import type { View } from './view'

export const COLOURS: Readonly<Record<SeatState, string>> = {
  available: '#2fd6b5',
  held: '#f7b23b',
  sold: '#465066'
}
const FLASH: Readonly<Record<SeatState, string>> = { available: '#b6fff0', held: '#ffe3a8', sold: '#dfe6f5' }
const SECTION_FILL = '#141a25'
const SECTION_LINE = '#232c3d'
const FLASH_MS = 420
const MAX_FLASHES = 3000
const FULL_CIRCLE = Math.PI * 2

export class Painter {
  private readonly seats: CanvasRenderingContext2D
  private readonly above: CanvasRenderingContext2D
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)')
  private flashes: { spot: SeatSpot; since: number }[] = []
  private flashesDrawn = false
  private ratio = 1
  hovered: Section | undefined

  constructor(
    private readonly view: View,
    seats: HTMLCanvasElement,
    flashes: HTMLCanvasElement
  ) {
    this.seats = seats.getContext('2d', { alpha: false })!
    this.above = flashes.getContext('2d')!
  }

  resize(width: number, height: number): void {
    this.ratio = Math.min(2, devicePixelRatio)
    for (const { canvas } of [this.seats, this.above]) {
      canvas.width = Math.round(width * this.ratio)
      canvas.height = Math.round(height * this.ratio)
    }
  }

  paintAll(sections: readonly Section[]): void {
    const { seats: g } = this
    this.reset(g)
    g.fillStyle = '#0b0f16'
    g.fillRect(0, 0, g.canvas.width, g.canvas.height)
    this.paintGround()
    const seen = sections.filter((section) => this.view.sees(section.place.box))
    for (const section of seen) this.paintSection(section)
    for (const section of seen) this.paintLabel(section)
  }

  paintSection(section: Section): void {
    const { seats: g, view } = this
    this.reset(g)
    this.outline(g, section)
    g.fillStyle = SECTION_FILL
    g.fill()
    g.strokeStyle = SECTION_LINE
    g.lineWidth = 1
    g.stroke()
    g.globalAlpha = section.fresh ? 1 : 0.45
    const radius = this.radius()
    for (const state of SEAT_STATES) {
      g.beginPath()
      for (const spot of section.spots) {
        if (spot.state !== state) continue
        const { x, y } = view.toScreen(spot)
        g.moveTo(x + radius, y)
        g.arc(x, y, radius, 0, FULL_CIRCLE)
      }
      g.fillStyle = COLOURS[state]
      g.fill()
    }
    g.globalAlpha = 1
  }

  /** Repaints one seat in place; neighbours are a whole seat away, so its old rim can be wiped safely. */
  paintSeat(spot: SeatSpot): void {
    const { seats: g, view } = this
    const { x, y } = view.toScreen(spot)
    const radius = this.radius()
    this.reset(g)
    g.fillStyle = SECTION_FILL
    disc(g, x, y, radius + Math.min(1, SEAT * view.scale * 0.1))
    g.fillStyle = COLOURS[spot.state]
    disc(g, x, y, radius)
  }

  flash(spot: SeatSpot, now: number): void {
    if (this.calm.matches || this.flashes.length >= MAX_FLASHES) return
    this.flashes.push({ spot, since: now })
  }

  paintAbove(now: number): void {
    this.flashes = this.flashes.filter(({ since }) => now - since < FLASH_MS)
    const anything = this.flashes.length > 0 || this.hovered !== undefined
    if (!anything && !this.flashesDrawn) return
    this.flashesDrawn = anything
    const { above: g, view } = this
    this.reset(g)
    g.clearRect(0, 0, g.canvas.width, g.canvas.height)
    if (this.hovered) {
      this.outline(g, this.hovered)
      g.strokeStyle = '#8fa3c7'
      g.lineWidth = 1.5
      g.stroke()
    }
    const radius = this.radius()
    for (const { spot, since } of this.flashes) {
      const age = (now - since) / FLASH_MS
      const { x, y } = view.toScreen(spot)
      g.globalAlpha = (1 - age) * (1 - age)
      g.fillStyle = FLASH[spot.state]
      disc(g, x, y, radius * (1 + 0.9 * (1 - age)))
    }
    g.globalAlpha = 1
  }

  /** The colour on the canvas at the middle of a seat, as #rrggbb. */
  paintedColour(spot: SeatSpot): string {
    const { x, y } = this.view.toScreen(spot)
    const [r = 0, g = 0, b = 0] = this.seats.getImageData(
      Math.floor(x * this.ratio),
      Math.floor(y * this.ratio),
      1,
      1
    ).data
    return `#${[r, g, b].map((part) => part.toString(16).padStart(2, '0')).join('')}`
  }

  private radius(): number {
    return Math.max(1, SEAT * this.view.scale * 0.41)
  }

  private reset(g: CanvasRenderingContext2D): void {
    g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0)
    g.globalAlpha = 1
  }

  private outline(g: CanvasRenderingContext2D, section: Section): void {
    g.beginPath()
    for (const point of section.place.outline) {
      const { x, y } = this.view.toScreen(point)
      g.lineTo(x, y)
    }
    g.closePath()
  }

  /** The light from the stage and the stage itself. */
  private paintGround(): void {
    const { seats: g, view } = this
    const middle = view.toScreen({ x: 0, y: STAGE.bottom })
    const reach = (ARENA.right - ARENA.left) * view.scale * 0.55
    const light = g.createRadialGradient(middle.x, middle.y, 0, middle.x, middle.y, reach)
    light.addColorStop(0, '#1c2740')
    light.addColorStop(0.45, '#111826')
    light.addColorStop(1, '#0b0f16')
    g.fillStyle = light
    g.fillRect(0, 0, g.canvas.width, g.canvas.height)

    const from = view.toScreen({ x: STAGE.left, y: STAGE.top })
    const to = view.toScreen({ x: STAGE.right, y: STAGE.bottom })
    const slant = (to.x - from.x) * 0.09
    g.beginPath()
    g.moveTo(from.x + slant, from.y)
    g.lineTo(to.x - slant, from.y)
    g.lineTo(to.x, to.y)
    g.quadraticCurveTo((from.x + to.x) / 2, to.y + 34 * view.scale, from.x, to.y)
    g.closePath()
    const boards = g.createLinearGradient(0, from.y, 0, to.y)
    boards.addColorStop(0, '#1b2336')
    boards.addColorStop(1, '#35466c')
    g.fillStyle = boards
    g.fill()
    g.fillStyle = '#c9d6f2'
    this.text('STAGE', { x: 0, y: (STAGE.top + STAGE.bottom) / 2 }, Math.max(10, 34 * view.scale), 600, '0.28em')
  }

  private paintLabel(section: Section): void {
    const { seats: g, view } = this
    if (view.scale < 0.2) return
    g.fillStyle = '#7d8ba6'
    const name = view.scale < 0.8 ? String(Number(section.id.slice(2))) : section.id
    this.text(name, section.place.label, Math.min(15, Math.max(9, 17 * view.scale)), 500, '0')
  }

  private text(text: string, at: Point, size: number, weight: number, spacing: string): void {
    const { seats: g, view } = this
    const { x, y } = view.toScreen(at)
    g.font = `${weight} ${size}px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif`
    g.letterSpacing = spacing.endsWith('em') ? `${parseFloat(spacing) * size}px` : '0px'
    g.textAlign = 'center'
    g.textBaseline = 'middle'
    g.fillText(text, x, y)
  }
}

function disc(g: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  g.beginPath()
  g.arc(x, y, radius, 0, FULL_CIRCLE)
  g.fill()
}
