/** The words that the Hosts and the page share: sections, seats and what a seat can be. */

export const SEAT_STATES = ['available', 'held', 'sold'] as const
export type SeatState = (typeof SEAT_STATES)[number]

/** One seat as a Host describes it: state, Host, running number in the section, microseconds of the epoch. */
export interface Seat {
  readonly s: SeatState
  readonly h?: number
  readonly n?: number
  readonly t?: number
}

/** The data of a record `venue/S-07`; seats are named `row-number`. */
export interface SectionData {
  readonly seats?: Readonly<Record<string, Seat>>
}

export type Tier = 'floor' | 'lower' | 'upper'

export interface SectionId {
  readonly id: string
  readonly tier: Tier
  /** Position within the tier, from the left end of the horseshoe. */
  readonly index: number
}

export const TIERS: Readonly<Record<Tier, { sections: number; rows: number }>> = {
  floor: { sections: 6, rows: 18 },
  lower: { sections: 18, rows: 22 },
  upper: { sections: 36, rows: 30 }
}

export const SECTIONS: readonly SectionId[] = (['floor', 'lower', 'upper'] as const)
  .flatMap((tier) => Array.from({ length: TIERS[tier].sections }, (_, index) => ({ tier, index })))
  .map((section, i) => ({ ...section, id: `S-${String(i + 1).padStart(2, '0')}` }))

export const recordName = (section: string): string => `venue/${section}`
