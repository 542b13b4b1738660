/** One section on this page: its last known seats, and what changed since it was last looked at. */
import type { Place, Point } from './arena'
import type { Seat, SeatState, SectionData } from './venue'

export interface SeatSpot extends Point {
  readonly name: string
  state: SeatState
  host: number | undefined
}

export interface SeatChange {
  readonly spot: SeatSpot
  /** When a Host sent it, in milliseconds of the epoch. */
  readonly sentAt: number | undefined
}

export class Section {
  readonly counts: Record<SeatState, number> = { available: 0, held: 0, sold: 0 }
  spots: SeatSpot[] = []
  /** The record is open and what is shown is what the server has. */
  fresh = false
  /** Changes of state since `recent` was last reset; for the list of busy sections. */
  recent = 0
  private byName = new Map<string, SeatSpot>()

  constructor(readonly place: Place) {}

  get id(): string {
    return this.place.id
  }

  seat(name: string): SeatSpot | undefined {
    return this.byName.get(name)
  }

  /**
   * Takes over the data of the record. Returns the seats that changed, or undefined when seats came or went,
   * so that the whole section has to be laid out and painted again.
   */
  take(data: SectionData): SeatChange[] | undefined {
    const seats = data.seats ?? {}
    const names = Object.keys(seats)
    if (names.length !== this.spots.length || names.some((name) => !this.byName.has(name))) {
      this.layOut(seats)
      return undefined
    }
    const changes: SeatChange[] = []
    for (const name of names) {
      const seat = seats[name]!
      const spot = this.byName.get(name)!
      spot.host = seat.h
      if (seat.s === spot.state) continue
      this.counts[spot.state]--
      this.counts[seat.s]++
      spot.state = seat.s
      changes.push({ spot, sentAt: seat.t === undefined ? undefined : seat.t / 1000 })
    }
    this.recent += changes.length
    return changes
  }

  private layOut(seats: Readonly<Record<string, Seat>>): void {
    const rows = new Map<number, { name: string; number: number }[]>()
    for (const name of Object.keys(seats)) {
      const [row, number] = name.split('-').map(Number)
      if (!row || !number) continue
      const seatsOfRow = rows.get(row) ?? []
      seatsOfRow.push({ name, number })
      rows.set(row, seatsOfRow)
    }
    this.spots = []
    this.counts.available = this.counts.held = this.counts.sold = 0
    for (const [row, seatsOfRow] of rows) {
      seatsOfRow.sort((a, b) => a.number - b.number)
      const points = this.place.row(row, seatsOfRow.length)
      seatsOfRow.forEach(({ name }, i) => {
        const { s, h } = seats[name]!
        this.counts[s]++
        this.spots.push({ ...points[i]!, name, state: s, host: h })
      })
    }
    this.byName = new Map(this.spots.map((spot) => [spot.name, spot]))
  }
}
