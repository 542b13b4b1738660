/** Mouse, touch, keyboard and buttons; all of them end in a change of the view. */
import { SECTIONS } from './venue'
import type { Point } from './arena'
import type { Section, SeatSpot } from './section'
import type { View } from './view'

const PAN_STEP = 60
const CLICK_SLACK = 5

export function connectControls(
  canvas: HTMLCanvasElement,
  view: View,
  sections: readonly Section[],
  onHover: (section: Section | undefined) => void
): void {
  const show = (section: Section | undefined) => section && view.show(section.place.box)
  const at = (event: MouseEvent): Point => {
    const box = canvas.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const sectionAt = (point: Point) => sections.find((section) => inside(view.toWorld(point), section.place.outline))

  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      view.zoom(Math.exp(-event.deltaY * 0.0016), at(event))
    },
    { passive: false }
  )

  let drag: { x: number; y: number; moved: number } | undefined
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId)
    drag = { x: event.clientX, y: event.clientY, moved: 0 }
  })
  canvas.addEventListener('pointermove', (event) => {
    const section = sectionAt(at(event))
    onHover(section)
    tip(view, section, at(event))
    if (!drag) return
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y]
    drag = { x: event.clientX, y: event.clientY, moved: drag.moved + Math.abs(dx) + Math.abs(dy) }
    if (drag.moved > CLICK_SLACK) view.pan(dx, dy)
  })
  canvas.addEventListener('pointerup', (event) => {
    if (drag && drag.moved <= CLICK_SLACK) show(sectionAt(at(event)))
    drag = undefined
  })
  canvas.addEventListener('pointerleave', () => {
    onHover(undefined)
    document.getElementById('tip')!.hidden = true
  })

  const keys: Readonly<Record<string, () => void>> = {
    '+': () => view.zoom(1.3),
    '=': () => view.zoom(1.3),
    '-': () => view.zoom(1 / 1.3),
    '0': () => view.fit(),
    Escape: () => view.fit(),
    ArrowLeft: () => view.pan(PAN_STEP, 0),
    ArrowRight: () => view.pan(-PAN_STEP, 0),
    ArrowUp: () => view.pan(0, PAN_STEP),
    ArrowDown: () => view.pan(0, -PAN_STEP)
  }
  canvas.addEventListener('keydown', (event) => {
    const action = keys[event.key]
    if (!action) return
    event.preventDefault()
    action()
  })

  const click = (id: string, action: () => void) => document.getElementById(id)!.addEventListener('click', action)
  click('zoom-in', () => view.zoom(1.5))
  click('zoom-out', () => view.zoom(1 / 1.5))
  click('zoom-fit', () => view.fit())
  document.getElementById('hot')!.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-section]')
    show(sections.find((section) => section.id === button?.dataset.section))
  })

  const jump = document.getElementById('jump') as HTMLSelectElement
  jump.append(new Option('Section …', ''), ...SECTIONS.map(({ id }) => new Option(id, id)))
  jump.addEventListener('change', () => {
    show(sections.find((section) => section.id === jump.value))
    jump.value = ''
  })
}

const STATE_WORDS = { available: 'available', held: 'held', sold: 'sold' } as const

function tip(view: View, section: Section | undefined, at: Point): void {
  const box = document.getElementById('tip')!
  box.hidden = section === undefined
  if (!section) return
  const spot = nearest(section, view.toWorld(at))
  const words = spot ? seatWords(spot) : `${section.counts.available} of ${section.spots.length} available`
  box.textContent = `${section.id} · ${words}`
  box.style.translate = `${Math.round(at.x + 14)}px ${Math.round(at.y + 16)}px`
}

function seatWords({ name, state, host }: SeatSpot): string {
  const [row, seat] = name.split('-')
  return `row ${row}, seat ${seat} · ${STATE_WORDS[state]}${host === undefined ? '' : ` · Host ${host}`}`
}

function nearest(section: Section, world: Point): SeatSpot | undefined {
  return section.spots.find((spot) => Math.hypot(spot.x - world.x, spot.y - world.y) < 5.5)
}

/** Whether a point is inside a polygon: an odd number of its edges is crossed to the right. */
function inside({ x, y }: Point, outline: readonly Point[]): boolean {
  let within = false
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [a, b] = [outline[i]!, outline[j]!]
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) within = !within
  }
  return within
}
