/**
 * What customers do in a web app, told to Jieti so that it can help before they ask:
 *   <script src="/sdk.js"></script>
 *   const behaviour = JietiSdk.start({ server: "", token, platform: "h5", version: "5.2.1", consent: "guidance" })
 * docs/behaviour.md has the whole of it.
 */
import { newId } from "@jieti/lib/id"
import type { Guidance } from "@jieti/lib/wire"
import { Capture } from "./capture.ts"
import { adopt, drop, keep, visitor } from "./keep.ts"
import { nameOf } from "./names.ts"
import { Queue } from "./queue.ts"
import { share } from "./sample.ts"
import { Sender } from "./sender.ts"
import type { Consent, Happening, Head, Platform } from "./wire.ts"

export interface SdkOptions {
  /** Origin of the Jieti server; "" is this page's. */
  server?: string
  /** A customer session that the app has from `POST /api/customer/session`; asked again when it has run out. Null: signed out. */
  session?: () => Promise<string | null>
  /** Or the identity signed by the lender's back end, and the SDK opens the session; without either the customer is a visitor. */
  token?: string | null
  renewToken?: () => Promise<string | null>
  /** Language of the help that is offered; default: the page's. */
  lang?: "zh-CN" | "en"
  platform?: Platform
  /** The app's version, such as `5.2.1`. */
  version?: string
  /** What the customer has agreed to; without it nothing is captured. */
  consent?: Consent
  /** Share of visitors that take part, 0 to 1. The same visitor always does or never. */
  sample?: number
  /** Names a page; null keeps the last name. */
  pageOf?: (location: Location) => string | null
  /** Help that is offered, once each: hand it to the widget, as in `Jieti.guide(guidance)`. */
  onGuidance?: (guidance: Guidance) => void
}

export interface Behaviour {
  /** A step inside the page was reached. */
  step(name: string): void
  /** A field, or what was uploaded in it, was refused. `code` is the app's name of the reason, such as `blurred`. */
  fieldError(field: string, code: string): void
  /** A call failed that the SDK cannot see, such as one of a native bridge. `target` is its name, never an address with ids. */
  apiError(target: string, code: string, ms: number): void
  /** Something came to pass at the lender, such as `disbursed`. */
  outcome(code: string): void
  /** The customer has changed their mind. `none` forgets what was not sent. */
  consent(level: Consent): void
  /** Ends it, as on signing out; what was not sent is kept for the same customer's next visit. */
  stop(): void
}

const flushMs = 5_000
const flushAt = 50
/** A customer who sits still is asked for after 10 s, then less and less often, for so long. */
const askAtLeastMs = 10_000
const askAtMostMs = 60_000
const askForMs = 20 * 60_000

function start(options: SdkOptions = {}): Behaviour {
  let level = options.consent ?? "none"
  let run: Run | null = null
  const id = visitor(newId())
  const taken = share(id) < (options.sample ?? 1)
  const consent = (next: Consent): void => {
    level = next
    if (next === "none") run?.end(true)
    if (next === "none" || !taken) return void (run = null)
    if (run) run.head.consent = next
    else run = new Run(options, next, id, again)
  }
  // A page that the browser froze and thawed begins a new stream: another tab may have sent the old one.
  const again = (): void => { run = null; consent(level) }
  consent(level)
  return {
    step: (name) => run?.capture.step(name),
    fieldError: (field, code) => run?.capture.tell("field_error", { target: nameOf(field), code: nameOf(code) }),
    apiError: (target, code, ms) => run?.capture.tell("api_error", { target: nameOf(target), code: nameOf(code), value: Math.round(ms) }),
    outcome: (code) => run?.capture.tell("outcome", { code: nameOf(code) }),
    consent,
    stop: () => { run?.end(false); run = null },
  }
}

/** One stream: from the start, or from consent, to the end of the page. */
class Run {
  readonly head: Head
  readonly capture: Capture
  private readonly own: Queue
  private readonly queues: Queue[]
  private readonly sender: Sender
  private readonly timer: ReturnType<typeof setInterval>
  private readonly heard = new Set<string>()
  private token: string | null
  private busyAt = Date.now()
  private askedAt = Date.now()
  private adopted = false
  private wasAway = false

  constructor(private readonly options: SdkOptions, consent: Head["consent"], private readonly visitor: string, again: () => void) {
    const network = networkNow()
    this.head = { consent, platform: options.platform ?? "h5", ...(options.version ? { version: nameOf(options.version) } : {}), ...(network ? { network } : {}) }
    this.token = options.token ?? null
    this.own = new Queue({ who: "", stream: newId(), head: this.head, next: 0, numbered: [], waiting: [], touched: Date.now(), closed: false })
    this.queues = [this.own]
    this.sender = new Sender(this.queues, {
      url: this.url("/api/customer/behaviour"), now: Date.now, session: () => this.session(), keep: (queue) => this.keep(queue),
      hear: ({ guidance }) => {
        for (const g of guidance) if (!this.heard.has(g.id)) { this.heard.add(g.id); options.onGuidance?.(g) }
      },
      // eslint-disable-next-line no-console -- the developer of the page is told, once
      warn: (text) => console.warn(text),
    })
    this.capture = new Capture({
      pageOf: options.pageOf ?? null, mine: (url) => url.href.startsWith(this.url("/api/")) && url.pathname.startsWith("/api/customer/"), report: (e) => this.report(e),
      leaving: (away) => {
        this.own.kept.closed = this.wasAway = away
        this.sender.leave(this.own)
      },
    })
    this.timer = setInterval(() => this.tick(), flushMs)
    addEventListener("pageshow", (e) => {
      if (!e.persisted || !this.wasAway) return
      this.end(false)
      again()
    }, { once: true })
    addEventListener("online", this.flush)
  }

  end(forget: boolean): void {
    clearInterval(this.timer)
    removeEventListener("online", this.flush)
    this.capture.stop()
    if (forget) return drop(this.own.kept.stream)
    this.own.kept.closed = true
    this.sender.leave(this.own)
  }

  private readonly flush = (): void => void this.sender.flush()

  private report(event: Happening): void {
    this.busyAt = this.askedAt = Date.now()
    const network = networkNow()
    if (network) this.head.network = network
    this.own.push(event)
    if (this.own.kept.waiting.length >= flushAt) this.flush()
  }

  private tick(): void {
    const now = Date.now()
    this.own.kept.touched = now
    const still = now - this.busyAt
    const gap = Math.min(askAtMostMs, Math.max(askAtLeastMs, still / 4))
    const ask = this.head.consent === "guidance" && document.visibilityState === "visible" && still < askForMs && now - this.askedAt >= gap
    if (ask) this.askedAt = now
    if (this.own.size > 0) keep(this.own.kept)
    void this.sender.flush(ask)
  }

  private keep(queue: Queue): void {
    keep(queue.kept)
    if (queue !== this.own && queue.size === 0) this.queues.splice(this.queues.indexOf(queue), 1)
  }

  private async session(): Promise<string | null> {
    const { options } = this
    if (options.session) {
      const session = await options.session()
      if (session) this.known("page")
      return session
    }
    let answer = await this.open()
    if (answer.status === 401 && this.token !== null) {
      this.token = (await options.renewToken?.()) ?? null
      answer = await this.open()
    }
    if (!answer.ok) return null
    const opened = (await answer.json()) as { session: string; customer: { id: string } }
    this.known(opened.customer.id)
    return opened.session
  }

  private open(): Promise<Response> {
    return fetch(this.url("/api/customer/session"), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ visitor: this.visitor, lang: this.options.lang ?? (/^zh/i.test(document.documentElement.lang) ? "zh-CN" : "en"), ...(this.token ? { token: this.token } : {}) }) })
  }

  /** Who it is: what this customer's earlier pages could not send goes first. */
  private known(who: string): void {
    this.own.kept.who = who
    if (this.adopted) return
    this.adopted = true
    this.queues.unshift(...adopt(who, Date.now()).map((kept) => new Queue(kept)))
  }

  private url(path: string): string { return new URL(path, new URL(this.options.server || "/", location.href)).href }
}

function networkNow(): Head["network"] | null {
  if (!navigator.onLine) return "offline"
  const type = (navigator as { connection?: { type?: string } }).connection?.type
  return type === "wifi" || type === "ethernet" ? "wifi" : type === "cellular" ? "cell" : null
}

export interface JietiSdkApi { start(options?: SdkOptions): Behaviour }
declare global { interface Window { JietiSdk?: JietiSdkApi } }
window.JietiSdk = { start }
