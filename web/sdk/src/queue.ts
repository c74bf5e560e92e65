/**
 * What waits to be sent, numbered without gaps. Pure. A number is given when an event first goes out and never changes, so
 * that a batch can be sent again; what has to be dropped is dropped before it has one.
 */
import type { Happening, Head, Numbered } from "./wire.ts"

/** The server takes no more at once. */
const largestBatch = 500
/** About 120 kB in the browser's storage. */
export const mostWaiting = 1000

/** A queue as it is kept in the browser's storage. */
export interface Kept { who: string; stream: string; head: Head; next: number; numbered: Numbered[]; waiting: Happening[]; touched: number; closed: boolean }

export class Queue {
  constructor(readonly kept: Kept) {}

  get size(): number { return this.kept.numbered.length + this.kept.waiting.length }

  push(event: Happening): void {
    const { waiting } = this.kept
    waiting.push(event)
    if (waiting.length <= mostWaiting) return
    // A click says least; what was refused, and where the customer was, says most.
    const click = waiting.findIndex((e) => e.act === "click")
    waiting.splice(Math.max(0, click), 1)
  }

  /** The events to send next. The same ones until `done`. */
  batch(): Numbered[] {
    if (this.kept.numbered.length === 0) this.number(largestBatch)
    return this.kept.numbered.slice(0, largestBatch)
  }

  /** Everything there is, for a page that may not come back. */
  all(): Numbered[] {
    this.number(Infinity)
    return this.kept.numbered.slice(0, largestBatch)
  }

  /** The server has all up to this number. */
  done(last: number): void { this.kept.numbered = this.kept.numbered.filter((e) => e.n > last) }

  private number(most: number): void {
    for (const event of this.kept.waiting.splice(0, most)) this.kept.numbered.push({ n: this.kept.next++, ...event })
  }
}
