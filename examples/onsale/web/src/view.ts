/** What part of the arena is on screen: scale and offset, changed by wheel, drag, keys and jumps. */
import { ARENA, type Box, type Point } from './arena'

const PADDING = 26
const MAX_SCALE = 6

export class View {
  scale = 1
  private x = 0
  private y = 0
  private width = 1
  private height = 1
  private fitted = true

  /** Called after every change of what is visible. */
  onChange: () => void = () => {}

  resize(width: number, height: number): void {
    this.width = width
    this.height = height
    if (this.fitted) this.show(ARENA, true)
    else this.onChange()
  }

  toScreen(point: Point): Point {
    return { x: point.x * this.scale + this.x, y: point.y * this.scale + this.y }
  }

  toWorld(point: Point): Point {
    return { x: (point.x - this.x) / this.scale, y: (point.y - this.y) / this.scale }
  }

  sees(box: Box): boolean {
    const a = this.toScreen({ x: box.left, y: box.top })
    const b = this.toScreen({ x: box.right, y: box.bottom })
    return b.x > 0 && b.y > 0 && a.x < this.width && a.y < this.height
  }

  fit(): void {
    this.show(ARENA, true)
  }

  show(box: Box, fitted = false): void {
    const [width, height] = [box.right - box.left, box.bottom - box.top]
    this.scale = Math.min(
      MAX_SCALE / 2,
      Math.max(0.05, Math.min((this.width - 2 * PADDING) / width, (this.height - 2 * PADDING) / height))
    )
    this.x = this.width / 2 - ((box.left + box.right) / 2) * this.scale
    this.y = this.height / 2 - ((box.top + box.bottom) / 2) * this.scale
    this.fitted = fitted
    this.onChange()
  }

  zoom(factor: number, at: Point = { x: this.width / 2, y: this.height / 2 }): void {
    const least = Math.min(this.width / (ARENA.right - ARENA.left), this.height / (ARENA.bottom - ARENA.top)) * 0.8
    const scale = Math.min(MAX_SCALE, Math.max(least, this.scale * factor))
    const world = this.toWorld(at)
    this.scale = scale
    this.x = at.x - world.x * scale
    this.y = at.y - world.y * scale
    this.fitted = false
    this.onChange()
  }

  pan(dx: number, dy: number): void {
    this.x += dx
    this.y += dy
    this.fitted = false
    this.onChange()
  }
}
