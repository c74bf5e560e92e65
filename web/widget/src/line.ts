/**
 * The line to the server: session, socket, resume, outbox. Owns the network; knows nothing of the screen.
 * A message is gone from here only when the server has it on disk.
 */
import { backoff } from "@jieti/lib/backoff"
import { newId } from "@jieti/lib/id"
import { emptyThread, reduceThread, toKeep, type Outgoing, type Pending, type Thread, type ThreadInput } from "@jieti/lib/thread"
import type { CustomerSession, CustomerTicket, CustomerTicketAct, CustomerToServer, Guidance, GuidanceAct, Lang, Offer, ServerToCustomer } from "@jieti/lib/wire"

export interface LineState {
  thread: Thread
  session: CustomerSession | null
  link: "closed" | "connecting" | "open" | "offline"
  /** What the server said when it would not give a session. */
  refused: string | null
  tokenExpired: boolean
  offers: Offer[]
  /** Known problems that this customer is affected by, in words. */
  notices: string[]
  /** The first replay is in; until then an empty thread says nothing. */
  ready: boolean
}

export interface LineOptions {
  server: string; token: string | null; lang: Lang; channel: "web" | "app"
  /** Asks the page for a fresh token when the server no longer takes the one it gave. */
  renew: (() => Promise<string | null>) | null
  /** The server offers help over the open line. */
  onGuidance: (guidance: Guidance) => void
}

/** A message unanswered for this long is sent again; the client id makes that harmless. */
const resendAfterMs = 8_000
const triesBeforeFailed = 4
const pingEveryMs = 25_000

export class Line {
  state: LineState = {
    thread: emptyThread, session: null, link: "closed", refused: null, tokenExpired: false, offers: [], notices: [], ready: false,
  }
  private socket: WebSocket | null = null
  private attempt = 0
  private greeted = false
  private failuresBeforeOpen = 0
  private stopped = true
  private connecting = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private clock: ReturnType<typeof setInterval> | undefined
  private lastHeard = 0
  /** The page gave a token at first: a customer who is a visitor now should know why. */
  private readonly signedInOnce: boolean
  private doing: { page: string; title: string; since: number } | null = null
  private tries = new Map<string, { count: number; at: number }>()

  constructor(private options: LineOptions, private changed: () => void) { this.signedInOnce = options.token !== null }

  start(): void {
    if (!this.stopped) return
    this.stopped = false
    addEventListener("online", this.wake)
    document.addEventListener("visibilitychange", this.wake)
    this.clock = setInterval(() => this.tick(), 1_000)
    void this.connect()
  }

  stop(): void {
    this.stopped = true
    removeEventListener("online", this.wake)
    document.removeEventListener("visibilitychange", this.wake)
    clearInterval(this.clock)
    clearTimeout(this.timer)
    this.socket?.close()
    this.socket = null
    this.set({ link: "closed" })
  }

  retryNow(): void {
    this.attempt = 0
    clearTimeout(this.timer)
    if (!this.stopped && this.socket === null) void this.connect()
  }

  post(frame: Outgoing, shown: Pending["shown"], secret: boolean): void {
    this.input({ type: "local", pending: { clientId: frame.client_id, shown, frame, at: Date.now(), state: "sending", problem: null, secret } })
    this.transmit(frame)
    if (this.socket === null) this.retryNow()
  }

  resend(clientId: string): void {
    const pending = this.state.thread.pending.find((p) => p.clientId === clientId)
    if (!pending) return
    this.tries.delete(clientId)
    this.input({ type: "resend", clientId })
    this.transmit(pending.frame)
    if (this.socket === null) this.retryNow()
  }

  discard(clientId: string): void { this.input({ type: "discard", clientId }) }

  rate(seq: number, score: 1 | -1): void {
    this.input({ type: "rated", seq, score })
    // The same thumb twice is one rating; a changed mind is another message.
    this.send({ type: "rate", client_id: `r${score}:${this.state.thread.conversation}:${seq}`, score, seq })
  }

  /** The page that the customer has before them from now on; it goes along with the next message. */
  at(page: string, title: string): void {
    if (this.doing?.page !== page || this.doing.title !== title) this.doing = { page, title, since: Date.now() }
  }

  /** What the customer did with help that was offered. An offer can be there before the chat has ever been opened. */
  async guided(id: string, act: GuidanceAct): Promise<void> {
    if (!this.state.session) await this.newSession()
    await this.signed("/api/customer/guidance", { method: "POST", body: JSON.stringify({ id, act }) })
  }

  typingOver(): void { this.input({ type: "typing_over" }) }

  // ── network ──

  /** One connection at a time: somebody who types before the first is up must not begin a second. */
  private async connect(): Promise<void> {
    if (this.stopped || this.socket || this.connecting) return
    this.connecting = true
    try { await this.dial() } finally { this.connecting = false }
  }

  private async dial(): Promise<void> {
    this.set({ link: this.state.link === "offline" ? "offline" : "connecting" })
    if (!this.state.session || this.failuresBeforeOpen >= 2) {
      this.failuresBeforeOpen = 0
      if (!(await this.newSession())) return this.later()
    }
    const { session, thread } = this.state
    if (this.stopped || !session) return
    const query = new URLSearchParams({ session: session.session, epoch: thread.epoch ?? session.epoch, seq: String(thread.cursor), lang: this.options.lang, channel: this.options.channel })
    const conversation = thread.conversation ?? session.conversation
    if (conversation) query.set("conversation", conversation)
    const base = new URL(this.options.server || "/", location.href)
    const socket = new WebSocket(`${base.protocol === "https:" ? "wss" : "ws"}://${base.host}/api/customer/live?${query}`)
    this.socket = socket
    let opened = false
    this.greeted = false
    socket.onopen = () => {
      opened = true
      this.failuresBeforeOpen = 0
      this.lastHeard = Date.now()
    }
    socket.onmessage = (m: MessageEvent<string>) => {
      if (this.socket !== socket) return
      this.lastHeard = Date.now()
      this.onFrame(JSON.parse(m.data) as ServerToCustomer)
    }
    socket.onclose = (e) => {
      if (this.socket !== socket) return
      this.socket = null
      if (!opened) this.failuresBeforeOpen++
      // 4401: the session is not valid any more. 1008: policy, by servers that have no codes of their own.
      if (e.code === 4401 || e.code === 1008) this.state.session = null
      this.later()
    }
  }

  private later(): void {
    if (this.stopped) return
    this.set({ link: "offline" })
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.connect(), backoff(this.attempt++, Math.random()))
  }

  private wake = (): void => {
    if (document.visibilityState === "visible" && this.state.link === "offline") this.retryNow()
  }

  private async newSession(): Promise<boolean> {
    const { lang, channel } = this.options
    const visitor = localGet("jieti.visitor") ?? localSet("jieti.visitor", newId())
    try {
      const open = (): Promise<Response> => this.fetch("/api/customer/session", { token: this.options.token ?? undefined, visitor, lang, channel })
      let response = await open()
      if (response.status === 401 && this.options.token && this.options.renew) {
        // A page that cannot be reached now can be asked again: only its "no" makes a visitor of the customer.
        this.options = { ...this.options, token: await this.options.renew() }
        response = await open()
      }
      if (response.status === 401 && this.options.token) this.options = { ...this.options, token: null }
      if (response.status === 401) response = await open()
      this.set({ tokenExpired: this.signedInOnce && this.options.token === null })
      if (!response.ok) {
        const said = (await response.json().catch(() => null)) as { message?: string } | null
        this.set({ refused: said?.message ?? `HTTP ${response.status}` })
        return false
      }
      const session = (await response.json()) as CustomerSession
      if (session.visitor) localSet("jieti.visitor", session.visitor)
      const first = this.state.session?.customer.id !== session.customer.id
      this.set({ session, refused: null })
      if (first) this.restore()
      void this.loadOffers(session)
      return true
    } catch {
      return false
    }
  }

  private async loadOffers(session: CustomerSession): Promise<void> {
    try {
      const response = await fetch(this.url("/api/customer/offers"), { headers: { authorization: `Bearer ${session.session}` } })
      if (response.ok) this.set((await response.json()) as Pick<LineState, "offers" | "notices">)
    } catch {
      // Offers are a courtesy: without them the customer types.
    }
  }

  /** The customer's own tickets; null where the server cannot be reached. */
  async tickets(): Promise<CustomerTicket[] | null> {
    const answer = await this.signed(`/api/customer/tickets?lang=${this.options.lang}`, {})
    return answer?.ok ? ((await answer.json()) as { tickets: CustomerTicket[] }).tickets : null
  }

  /** Null where it was not done. */
  async actOnTicket(id: string, act: CustomerTicketAct, clientId: string): Promise<CustomerTicket | null> {
    const answer = await this.signed(`/api/customer/tickets/${encodeURIComponent(id)}/acts?lang=${this.options.lang}`, { method: "POST", body: JSON.stringify({ client_id: clientId, act }) })
    return answer?.ok ? ((await answer.json()) as CustomerTicket) : null
  }

  private async signed(path: string, init: RequestInit): Promise<Response | null> {
    const session = this.state.session
    if (!session) return null
    const headers = { authorization: `Bearer ${session.session}`, ...(init.body ? { "content-type": "application/json" } : {}) }
    return fetch(this.url(path), { ...init, headers }).catch(() => null)
  }

  private fetch(path: string, body: unknown): Promise<Response> {
    return fetch(this.url(path), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
  }

  private url(path: string): string { return new URL(path, new URL(this.options.server || "/", location.href)).href }

  private onFrame(frame: ServerToCustomer): void {
    if (frame.type === "guidance") return this.options.onGuidance(frame.guidance)
    this.input({ type: "server", frame, at: Date.now() })
    if (frame.type === "hello") {
      this.attempt = 0
      this.set({ link: "open", refused: null })
      if (frame.last_seq === 0) this.set({ ready: true })
      // Later hellos of the same socket only tell of a new conversation: what was sent on it is not lost.
      if (!this.greeted) for (const p of this.state.thread.pending) if (p.state === "sending") this.transmit(p.frame)
      this.greeted = true
      setTimeout(() => this.set({ ready: true }), 400)
    }
    if (frame.type === "event" && !this.state.ready && frame.event.seq >= this.state.thread.replayTo) this.set({ ready: true })
    if (frame.type === "error" && frame.code.startsWith("session.")) {
      this.state.session = null
      this.socket?.close()
    }
  }

  private transmit(frame: Outgoing): void {
    if (this.doing) this.send({ type: "doing", page: this.doing.page, title: this.doing.title, dwell_secs: Math.round((Date.now() - this.doing.since) / 1000) })
    if (!this.send(frame)) return
    const tried = this.tries.get(frame.client_id)
    this.tries.set(frame.client_id, { count: (tried?.count ?? 0) + 1, at: Date.now() })
  }

  private send(frame: CustomerToServer): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN || this.state.link !== "open") return false
    this.socket.send(JSON.stringify(frame))
    return true
  }

  private tick(): void {
    const now = Date.now()
    const { thread } = this.state
    if (thread.typing && now - thread.typing.at > 6_000) this.typingOver()
    if (this.state.link !== "open") return
    if (now - this.lastHeard > pingEveryMs * 2) this.socket?.close()
    else if (now - this.lastHeard > pingEveryMs && Math.floor(now / 1000) % 5 === 0) this.send({ type: "ping" })
    for (const p of thread.pending) {
      const tried = this.tries.get(p.clientId)
      if (p.state !== "sending" || (tried && now - tried.at < resendAfterMs)) continue
      if (tried && tried.count >= triesBeforeFailed) this.input({ type: "failed", clientId: p.clientId, problem: "" })
      else this.transmit(p.frame)
    }
  }

  // ── state ──

  private input(input: ThreadInput): void {
    this.state = { ...this.state, thread: reduceThread(this.state.thread, input) }
    this.keep()
    this.changed()
  }

  private set(part: Partial<LineState>): void {
    this.state = { ...this.state, ...part }
    this.changed()
  }

  private key(): string | null {
    const id = this.state.session?.customer.id
    return id ? `jieti.outbox.${id}` : null
  }

  private keep(): void {
    const key = this.key()
    if (!key) return
    const pending = toKeep(this.state.thread)
    const { rated } = this.state.thread
    if (pending.length === 0 && Object.keys(rated).length === 0) localRemove(key)
    else localSet(key, JSON.stringify({ pending, rated }))
  }

  private restore(): void {
    const key = this.key()
    const kept = key ? localGet(key) : null
    if (!kept) return
    try {
      const { pending, rated } = JSON.parse(kept) as { pending: Pending[]; rated: Record<string, 1 | -1> }
      this.input({ type: "restore", pending, rated })
    } catch {
      if (key) localRemove(key)
    }
  }
}

// Storage can be forbidden (private windows, embedded web views): then nothing survives a reload, and nothing breaks.
function localGet(key: string): string | null { try { return localStorage.getItem(key) } catch { return null } }
function localSet(key: string, value: string): string { try { localStorage.setItem(key, value) } catch { /* see above */ } return value }
function localRemove(key: string): void { try { localStorage.removeItem(key) } catch { /* see above */ } }
