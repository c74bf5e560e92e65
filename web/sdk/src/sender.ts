/** Sends the queues: one request at a time, again after a failure with the same numbers. Owns the network; sees no page. */
import { backoff } from "@jieti/lib/backoff"
import type { Queue } from "./queue.ts"
import type { BehaviourAnswer as Answer } from "@jieti/lib/wire"
import type { Numbered } from "./wire.ts"

export interface Line {
  /** Where the server takes batches. */
  url: string
  /** The customer's session; asked again when the server no longer takes the last one. Null: nobody is signed in. */
  session: () => Promise<string | null>
  /** A queue has changed: keep it. */
  keep: (queue: Queue) => void
  hear: (answer: Answer) => void
  warn: (text: string) => void
  now: () => number
}

/** A browser lets a page that is going away send 64 kB. */
const leavingBytes = 60_000
const unknownWaitSecs = 30

export class Sender {
  private busy = false
  private attempt = 0
  private notBefore = 0
  private session: string | null = null
  private warned = false
  /** The last number of the last goodbye: out of sight and away often come together. */
  private leftWith = -1

  /** The oldest queue first: what an earlier page could not send. The last one is this page's. */
  constructor(private readonly queues: Queue[], private readonly line: Line) {}

  /** Sends what there is. `ask` sends an empty batch where there is nothing, to hear whether help is offered. */
  async flush(ask = false): Promise<void> {
    if (this.busy || this.line.now() < this.notBefore) return
    this.busy = true
    try {
      while (await this.one(ask)) ask = false
    } finally { this.busy = false }
  }

  /** The page may not come back: one last request that outlives it. What gets lost is sent by the next page. */
  leave(queue: Queue): void {
    const events = queue.all()
    this.line.keep(queue)
    let body = this.body(queue, events)
    while (body.length > leavingBytes && events.length > 1) {
      events.splice(Math.ceil(events.length / 2))
      body = this.body(queue, events)
    }
    const last = events.at(-1)
    if (!this.session || !last || last.n === this.leftWith) return
    this.leftWith = last.n
    void this.post(body, this.session, true).then((answer) => { if (answer?.ok) this.sent(queue, last) })
  }

  private async one(ask: boolean): Promise<boolean> {
    const queue = this.queues.find((q) => q.size > 0) ?? (ask ? this.queues.at(-1) : undefined)
    if (!queue) return false
    const events = queue.batch()
    const last = events.at(-1)
    if (last) this.line.keep(queue)
    this.session ??= await this.line.session().catch(() => null)
    if (!this.session) return this.later()
    let answer = await this.post(this.body(queue, events), this.session, false)
    if (answer?.status === 401) {
      this.session = await this.line.session().catch(() => null)
      answer = this.session ? await this.post(this.body(queue, events), this.session, false) : null
    }
    if (answer === null || answer.status >= 500) return this.later()
    if (answer.status === 429) {
      this.notBefore = this.line.now() + 1000 * (Number(answer.headers.get("retry-after")) || unknownWaitSecs)
      return false
    }
    if (last) this.sent(queue, last)
    this.attempt = 0
    const said: unknown = await answer.json().catch(() => null)
    if (answer.ok) {
      const heard = said as Answer
      for (const r of heard.refused) this.complain(`event ${r.n}: ${r.field} ${r.why}`)
      this.line.hear(heard)
    } else this.complain(`HTTP ${answer.status} ${JSON.stringify(said)}; ${events.length} events dropped`)
    return last !== undefined
  }

  private sent(queue: Queue, last: Numbered): void {
    queue.done(last.n)
    this.line.keep(queue)
  }

  private later(): false {
    this.notBefore = this.line.now() + backoff(this.attempt++, Math.random())
    return false
  }

  /** Once: a developer reads it, and a customer's console is not filled. */
  private complain(text: string): void {
    if (!this.warned) this.line.warn(`jieti behaviour: ${text}`)
    this.warned = true
  }

  private body(queue: Queue, events: Numbered[]): string {
    return JSON.stringify({ v: 1, stream: queue.kept.stream, sent_at: this.line.now(), ...queue.kept.head, events })
  }

  private async post(body: string, session: string, keepalive: boolean): Promise<Response | null> {
    try {
      return await fetch(this.line.url, { method: "POST", keepalive, headers: { authorization: `Bearer ${session}`, "content-type": "application/json" }, body })
    } catch {
      return null
    }
  }
}
