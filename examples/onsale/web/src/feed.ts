/**
 * Keeps exactly the sections on screen subscribed. The records are looked at once per animation frame instead
 * of in a callback per change: a screen shows 60 states a second, however many deltas arrive, and a version
 * that moved by five tells of five deltas all the same.
 */
import { DeepstreamClient } from '@deepstream/client'
import { recordName, type SectionData } from './venue'
import type { Section, SeatChange } from './section'

type LiveRecord = ReturnType<DeepstreamClient['record']['getRecord']>

interface Follow {
  readonly record: LiveRecord
  /** The version last looked at; undefined before the first state. */
  version: number | undefined
}

export interface FrameNews {
  readonly section: Section
  /** Undefined: paint the whole section. */
  readonly changes: SeatChange[] | undefined
  /** The state came as a whole after (re)opening the record: its times say nothing about the way here. */
  readonly first: boolean
}

export class Feed {
  /** All deltas seen on followed sections since the page was opened. */
  deltas = 0
  private readonly client: DeepstreamClient
  private readonly follows = new Map<Section, Follow>()
  private wanted: ReadonlySet<Section> = new Set()

  constructor(url: string, onState: (state: string) => void, onError: (error: string) => unknown) {
    this.client = new DeepstreamClient(url, {
      // The page only reads, and never changes what it is given: no copy per look.
      recordDeepCopy: false,
      recordDiscardTimeout: 500,
      // A wall display must come back by itself after any outage.
      reconnectIntervalIncrement: 500,
      maxReconnectInterval: 3000,
      maxReconnectAttempts: Number.MAX_SAFE_INTEGER
    })
    this.client.on('connectionStateChanged', (state: string) => {
      onState(state)
      this.followWanted()
    })
    this.client.on('error', (error: unknown, event: unknown) => onError(`${String(event)}: ${String(error)}`))
    this.client.login(() => {})
  }

  get size(): number {
    return this.follows.size
  }

  follow(wanted: ReadonlySet<Section>): void {
    this.wanted = wanted
    this.followWanted()
  }

  /**
   * Waits for the connection: a record that is opened offline is one that this client created, which it would
   * then write to the server.
   */
  private followWanted(): void {
    if (this.client.getConnectionState() !== 'OPEN') return
    for (const [section, { record }] of this.follows) {
      if (this.wanted.has(section)) continue
      record.discard()
      this.follows.delete(section)
      section.fresh = false
    }
    for (const section of this.wanted) {
      if (this.follows.has(section)) continue
      const record = this.client.record.getRecord(recordName(section.id))
      this.follows.set(section, { record, version: undefined })
    }
  }

  /** What changed since the last frame, section by section. */
  *news(): Generator<FrameNews> {
    for (const [section, follow] of this.follows) {
      const { record } = follow
      if (!record.isReady || record.version === follow.version) continue
      const first = follow.version === undefined
      if (!first) this.deltas += Math.max(0, record.version - follow.version!)
      follow.version = record.version
      section.fresh = true
      yield { section, changes: section.take(record.get() as SectionData), first }
    }
  }
}
