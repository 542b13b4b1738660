/**
 * Where things are: a horseshoe of two tiers around a floor, open at the stage. Pure geometry in world units;
 * a seat is 10 units wide. Every row of a tier is a curve parallel to one ellipse, so seats sit evenly along
 * real arcs instead of being squeezed by an angle.
 */
import { SECTIONS, TIERS, type SectionId } from './venue'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface Place {
  readonly id: string
  readonly outline: readonly Point[]
  readonly box: Box
  readonly label: Point
  /** Centres of `count` seats in row `row`, counted from 1 at the front. */
  row(row: number, count: number): Point[]
}

export const SEAT = 10
const ROW = 11
const AISLE = 12
const ELLIPSE = { a: 560, b: 430 }
const OPENING = (130 * Math.PI) / 180
const STEPS = 720
const FRONT = { lower: 30, upper: 330 }

export const STAGE: Box = { left: -270, top: -430, right: 270, bottom: -268 }

/** A curve parallel to the ellipse, outwards by `offset`, with its length. */
class Arc {
  private readonly points: Point[] = []
  private readonly lengths: number[] = []

  constructor(offset: number) {
    let length = 0
    for (let i = 0; i <= STEPS; i++) {
      const angle = OPENING * ((2 * i) / STEPS - 1)
      const normal = { x: Math.sin(angle) / ELLIPSE.a, y: Math.cos(angle) / ELLIPSE.b }
      const scale = offset / Math.hypot(normal.x, normal.y)
      const point = {
        x: ELLIPSE.a * Math.sin(angle) + normal.x * scale,
        y: ELLIPSE.b * Math.cos(angle) + normal.y * scale
      }
      const last = this.points[i - 1]
      if (last) length += Math.hypot(point.x - last.x, point.y - last.y)
      this.points.push(point)
      this.lengths.push(length)
    }
  }

  get length(): number {
    return this.lengths[STEPS]!
  }

  /** Length at a step of the underlying angle; steps are the same ray on every parallel curve. */
  lengthAt(step: number): number {
    const low = Math.min(STEPS - 1, Math.floor(step))
    return this.lengths[low]! + (this.lengths[low + 1]! - this.lengths[low]!) * (step - low)
  }

  /** The inverse of `lengthAt`. */
  stepAt(length: number): number {
    let low = 0
    let high = STEPS
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.lengths[middle]! <= length) low = middle
      else high = middle
    }
    const span = this.lengths[high]! - this.lengths[low]!
    return low + (span === 0 ? 0 : (length - this.lengths[low]!) / span)
  }

  at(length: number): Point {
    const step = this.stepAt(length)
    const low = Math.min(STEPS - 1, Math.floor(step))
    const [from, to] = [this.points[low]!, this.points[low + 1]!]
    return { x: from.x + (to.x - from.x) * (step - low), y: from.y + (to.y - from.y) * (step - low) }
  }
}

const arcs = new Map<number, Arc>()

function arc(offset: number): Arc {
  let known = arcs.get(offset)
  if (!known) arcs.set(offset, (known = new Arc(offset)))
  return known
}

/** Offsets of `count` seats from the middle of a stretch, at full width where there is room. */
function spread(count: number, room: number): number[] {
  const pitch = Math.min(SEAT, room / count)
  return Array.from({ length: count }, (_, i) => (i - (count - 1) / 2) * pitch)
}

function onTier(section: SectionId, tier: 'lower' | 'upper'): Place {
  const { sections, rows } = TIERS[tier]
  const front = FRONT[tier]
  const depth = rows * ROW
  const middle = arc(front + depth / 2)
  const from = middle.stepAt((middle.length * section.index) / sections)
  const to = middle.stepAt((middle.length * (section.index + 1)) / sections)
  const stretch = (offset: number) => {
    const curve = arc(offset)
    return { curve, start: curve.lengthAt(from) + AISLE / 2, end: curve.lengthAt(to) - AISLE / 2 }
  }
  const edge = (offset: number) => {
    const { curve, start, end } = stretch(offset)
    return Array.from({ length: 9 }, (_, i) => curve.at(start + ((end - start) * i) / 8))
  }
  const outline = [...edge(front - 3), ...edge(front + depth + 1).reverse()]
  const { curve, start, end } = stretch(front + depth + 17)
  return {
    id: section.id,
    outline,
    box: boxOf(outline),
    label: curve.at((start + end) / 2),
    row(row, count) {
      const { curve, start, end } = stretch(front + (row - 0.5) * ROW)
      return spread(count, end - start).map((offset) => curve.at((start + end) / 2 + offset))
    }
  }
}

function onFloor(section: SectionId): Place {
  const [width, depth, gap] = [196, TIERS.floor.rows * ROW, 34]
  const column = section.index % 3
  const left = (column - 1) * (width + gap) - width / 2
  const top = -176 + Math.floor(section.index / 3) * (depth + gap)
  const corner = (x: number, y: number): Point => ({ x, y })
  const outline = [
    corner(left - 3, top - 3),
    corner(left + width + 3, top - 3),
    corner(left + width + 3, top + depth + 2),
    corner(left - 3, top + depth + 2)
  ]
  return {
    id: section.id,
    outline,
    box: boxOf(outline),
    label: { x: left + width / 2, y: top + depth + 17 },
    row: (row, count) =>
      spread(count, width).map((offset) => ({ x: left + width / 2 + offset, y: top + (row - 0.5) * ROW }))
  }
}

function boxOf(points: readonly Point[]): Box {
  const xs = points.map((p) => p.x)
  const ys = points.map((p) => p.y)
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) }
}

export const PLACES: readonly Place[] = SECTIONS.map((section) =>
  section.tier === 'floor' ? onFloor(section) : onTier(section, section.tier)
)

export const ARENA: Box = boxOf([...PLACES.flatMap((place) => [...place.outline, place.label]), { x: 0, y: STAGE.top }])
