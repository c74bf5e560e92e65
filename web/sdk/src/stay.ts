/** How long a page was in sight and in use, and whether somebody hits one thing in vain. Pure: time is an argument, in milliseconds. */

/** A touch, a key or a scroll counts as use of the page for so long. */
const useMs = 5_000
const buckets = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

export class Stay {
  private sightMs = 0
  private activeMs = 0
  private usedAt: number | null = null
  constructor(private seenAt: number | null) {}

  hide(now: number): void {
    if (this.seenAt !== null) this.sightMs += now - this.seenAt
    this.use(now)
    this.seenAt = this.usedAt = null
  }

  show(now: number): void { this.seenAt ??= now }

  use(now: number): void {
    if (this.usedAt !== null) this.activeMs += Math.min(useMs, now - this.usedAt)
    this.usedAt = now
  }

  /** Milliseconds in sight, and seconds in use rounded up to a step of 1-2-5 (a name, so there must be few of them). */
  end(now: number): { sightMs: number; active: string } {
    this.hide(now)
    const secs = this.activeMs / 1000
    return { sightMs: Math.round(this.sightMs), active: `active_${buckets.find((b) => secs <= b) ?? 1000}` }
  }
}

const rageClicks = 4
const rageMs = 1_000

/** Counts touches of one thing; a burst of four or more within a second is told when it is over. */
export class Rage<Thing> {
  private thing: Thing | null = null
  private times: number[] = []
  private burst = 0

  /** The burst that this touch ends, if it does. */
  touch(thing: Thing, now: number): number | null {
    const ended = thing !== this.thing || now - (this.times.at(-1) ?? 0) > rageMs ? this.over() : null
    this.thing = thing
    this.times = [...this.times.filter((t) => now - t < rageMs), now]
    if (this.times.length >= rageClicks) this.burst = this.burst === 0 ? this.times.length : this.burst + 1
    return ended
  }

  /** No touch came for a second. */
  over(): number | null {
    const count = this.burst
    this.thing = null
    this.times = []
    this.burst = 0
    return count === 0 ? null : count
  }
}
