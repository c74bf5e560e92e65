/** The panel on the customer's screen. Draws `LineState`; every action goes back through `Line`. */
import { clockTime, dayTime, roughWait } from "@jieti/lib/format"
import { newId } from "@jieti/lib/id"
import { sendsOnEnter } from "@jieti/lib/ime"
import { company } from "@jieti/lib/thread"
import type { Button, Card, CardRow, Lang, Offer } from "@jieti/lib/wire"
import { h, icon, reconcile, type Keyed } from "./dom.ts"
import { buildForm } from "./form.ts"
import { Guide } from "./guide.ts"
import type { Line, LineState } from "./line.ts"
import { present, type Row } from "./present.ts"
import { TicketList } from "./tickets.ts"
import css from "./widget.css?inline"
import { words } from "./words.ts"

export type Theme = "light" | "dark" | "auto"
export interface ViewOptions {
  lang: Lang; theme: Theme; title: string | null; launcher: boolean; container: HTMLElement | null
  onOpenLink: (link: string) => void; onOpen: () => void; onClose: () => void
}

const paths = {
  chat: "M4 5h16v11H9l-5 4z", close: "M6 9l6 6 6-6", send: "M5 12h13M12 5l7 7-7 7", person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z|M4 20c1.5-4 4.5-5 8-5s6.500 1 8 5",
  next: "M9 6l6 6-6 6", up: "M7 11v9H4v-9zM7 11l4-8c2 0 2.500 1.500 2 3.500L12.500 9H19c1.500 0 2 1 1.700 2.200l-1.700 7c-.3 1.200-1 1.800-2.200 1.800H7",
  down: "M17 13V4h3v9zM17 13l-4 8c-2 0-2.500-1.500-2-3.500l.5-2.500H5c-1.500 0-2-1-1.700-2.200l1.700-7C5.300 4.600 6 4 7.200 4H17", ticket: "M4 7h16v3.500a1.500 1.500 0 0 0 0 3V17H4v-3.500a1.500 1.500 0 0 0 0-3zM14 7v10", steps: "M3 20h4.500v-4.500H12V11h4.500V6.500H21",
}
/** The server refuses longer ones; said before sending, not after. */
const longestText = 2000

export class View {
  /** The behaviour SDK leaves alone what is Jieti's own. */
  readonly host = h("div", { "data-jieti-own": true })
  readonly guide: Guide
  private readonly root = h("div", { class: "root" })
  private readonly panel = h("section", { class: "panel", role: "dialog", hidden: true })
  private readonly badge = h("div", { class: "badge" })
  private readonly banner = h("div", { class: "banner", role: "status", hidden: true })
  private readonly scroll = h("div", { class: "scroll", tabindex: 0 })
  private readonly welcome = h("div", { class: "welcome" })
  private readonly log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions" })
  private readonly newest = h("button", { class: "newest", hidden: true, type: "button" })
  private readonly input = h("textarea", { rows: 1 })
  private readonly sendButton = h("button", { class: "send", type: "button", disabled: true })
  private readonly humanButton = h("button", { class: "tool human", type: "button" })
  private readonly tickets
  private readonly ticketsButton = h("button", { class: "tool tickets-tool", type: "button", "aria-expanded": "false" })
  private readonly tooLong = h("p", { class: "over-long", hidden: true, role: "alert" })
  private readonly launcher = h("button", { class: "launcher", type: "button" })
  private readonly count = h("span", { class: "count", hidden: true })
  private readonly t
  private unread = 0
  private seen = 0
  private follow = true
  private welcomeSignature = ""
  private readonly dark = matchMedia("(prefers-color-scheme: dark)")
  private readonly narrow = matchMedia("(max-width: 480px)")
  private state: LineState
  open = false

  constructor(private readonly line: Line, private readonly options: ViewOptions) {
    this.t = words(options.lang)
    this.state = line.state
    this.tickets = new TicketList(line, options.lang, this.t, () => this.ticketsButton.setAttribute("aria-expanded", String(this.tickets.open)))
    this.guide = new Guide(this.t, options.lang, {
      report: (id, act) => void line.guided(id, act), openLink: options.onOpenLink, openChat: () => this.show(), press: (b) => this.press(b),
      say: (text) => this.say(text), refocus: () => (this.open ? this.input : this.launcher).focus(),
    })
    this.assemble()
  }

  private assemble(): void {
    const { t, options } = this
    const shadow = this.host.attachShadow({ mode: "open" })
    // A constructed sheet is not an inline style: it works under any content security policy.
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    shadow.adoptedStyleSheets = [sheet]
    shadow.append(this.root)
    this.root.lang = options.lang
    this.panel.setAttribute("aria-label", options.title ?? t("title"))
    this.launcher.append(icon(paths.chat, 26), this.count)
    this.launcher.setAttribute("aria-label", t("launcher"))
    this.launcher.onclick = () => this.show()
    this.launcher.hidden = !options.launcher
    this.scroll.setAttribute("aria-label", t("log"))
    this.log.setAttribute("aria-label", t("log"))
    this.newest.textContent = `${t("newest")} ↓`
    this.newest.onclick = () => this.toEnd()
    this.input.setAttribute("aria-label", t("input"))
    this.input.placeholder = t("placeholder")
    this.sendButton.append(icon(paths.send))
    this.sendButton.setAttribute("aria-label", t("send"))
    this.sendButton.onclick = () => this.say()
    this.humanButton.append(icon(paths.person, 16), t("human"))
    this.humanButton.onclick = () => this.press({ label: t("human"), action: { do: "human" } })
    this.ticketsButton.append(icon(paths.ticket, 16), t("my_tickets"))
    this.ticketsButton.onclick = () => this.tickets.toggle()
    this.input.oninput = () => this.resize()
    this.input.onkeydown = (e) => {
      if (!sendsOnEnter(e)) return
      e.preventDefault()
      this.say()
    }
    this.scroll.onscroll = () => {
      this.follow = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 48
      if (this.follow) this.newest.hidden = true
    }
    this.panel.onkeydown = (e) => { if (e.key !== "Escape" || e.isComposing) return; if (this.tickets.open) this.tickets.toggle(); else this.hide() }
    const close = h("button", { class: "round", type: "button", "aria-label": t("minimise"), title: t("close"), onclick: () => this.hide() }, icon(paths.close, 22))
    const header = h("header", {}, h("div", { class: "logo" }, icon(paths.steps, 20)),
      h("div", { class: "who" }, h("h1", {}, options.title ?? t("title")), this.badge), close)
    this.scroll.append(this.welcome, this.log)
    this.panel.append(header, this.banner, h("div", { class: "body" }, this.scroll, this.newest, this.tickets.node),
      h("footer", {}, h("div", { class: "tools" }, this.humanButton, this.ticketsButton), h("div", { class: "compose" }, this.input, this.sendButton), this.tooLong))
    this.root.append(this.launcher, this.guide.node, this.panel)
    ;(options.container ?? document.body).append(this.host)
    this.root.classList.toggle("inside", options.container !== null)
    const theme = (): void => void this.root.classList.toggle("dark", options.theme === "dark" || (options.theme === "auto" && this.dark.matches))
    const width = (): void => void this.root.classList.toggle("full", options.container !== null || this.narrow.matches)
    theme(); width()
    this.dark.addEventListener("change", theme)
    this.narrow.addEventListener("change", width)
    // The on-screen keyboard shrinks only the visual viewport: the composer must stay above it.
    window.visualViewport?.addEventListener("resize", () => {
      const full = options.container === null && this.narrow.matches
      this.root.style.setProperty("--vh", full ? `${window.visualViewport?.height ?? innerHeight}px` : "100%")
      this.keepFollowing()
    })
    this.draw(this.state)
  }

  show(): void {
    this.open = true
    this.panel.hidden = false
    this.launcher.hidden = true
    this.unread = 0
    this.banner.after(this.guide.node)
    this.guide.chat(true)
    this.draw(this.state)
    this.toEnd()
    this.options.onOpen()
    // Not on touch screens: the keyboard would hide the offers.
    if (matchMedia("(hover: hover)").matches) this.input.focus()
  }

  hide(): void {
    this.open = false
    this.panel.hidden = true
    this.launcher.hidden = !this.options.launcher
    this.launcher.after(this.guide.node)
    this.guide.chat(false)
    this.options.onClose()
    if (!this.launcher.hidden) this.launcher.focus()
  }

  remove(): void {
    this.guide.remove()
    this.host.remove()
  }

  fill(text: string): void {
    this.input.value = text
    this.resize()
    this.input.focus()
  }

  say(given?: string): void {
    const text = (given ?? this.input.value).trim()
    if (text === "" || text.length > longestText) return
    this.line.post({ type: "say", client_id: newId(), text }, { kind: "text", text }, false)
    if (given === undefined) {
      this.input.value = ""
      this.resize()
      this.input.focus()
    }
    this.toEnd()
  }

  private press({ label, action }: Pick<Button, "label" | "action">): void {
    if (action.do === "open") return this.options.onOpenLink(action.link)
    this.line.post({ type: "press", client_id: newId(), action, label }, { kind: "text", text: label }, false)
    this.toEnd()
  }

  draw(state: LineState): void {
    this.state = state
    const theirs = state.thread.events.filter((e) => e.body.kind === "said").length
    if (theirs > this.seen && this.seen > 0 && !this.open) this.unread += theirs - this.seen
    this.seen = theirs
    this.count.hidden = this.unread === 0
    this.count.textContent = String(Math.min(99, this.unread))
    if (!this.open) return
    this.drawHeader()
    this.drawWelcome()
    const before = this.log.childElementCount
    reconcile(this.log, present(state.thread).map((row) => this.row(row)))
    if (this.follow) this.keepFollowing()
    else if (this.log.childElementCount > before) this.newest.hidden = false
  }

  private drawHeader(): void {
    const { t } = this
    const { thread, link, refused, tokenExpired } = this.state
    const now = company(thread)
    const [kind, text] = now.who === "agent" ? ["agent", t("badge_agent", { name: now.name })] as const
      : now.who === "waiting" ? ["waiting", t("badge_waiting")] as const
      : now.reviewed ? ["reviewed", t("badge_reviewed")] as const : ["bot", t("badge_bot")] as const
    this.badge.className = `badge ${kind}`
    if (this.badge.textContent !== text) this.badge.textContent = text
    this.humanButton.disabled = now.who !== "bot"
    const banner = refused !== null ? t("refused", { message: refused }) : link === "offline" ? t("offline") : tokenExpired ? t("token_expired") : ""
    this.banner.hidden = banner === ""
    this.banner.classList.toggle("bad", refused !== null)
    if (this.banner.dataset["text"] !== banner) {
      this.banner.dataset["text"] = banner
      this.banner.replaceChildren(h("span", {}, banner), ...(link === "offline"
        ? [h("button", { type: "button", onclick: () => this.line.retryNow() }, t("offline_retry"))] : []))
    }
  }

  private drawWelcome(): void {
    const { t } = this
    const { thread, session, offers, notices, ready } = this.state
    const shown = thread.events.length === 0 && thread.earlier.length === 0 && thread.pending.length === 0
    this.welcome.hidden = !shown
    if (!shown) return
    const signature = JSON.stringify([session?.customer.name, offers, notices, ready])
    if (signature === this.welcomeSignature) return
    this.welcomeSignature = signature
    const name = session?.customer.signed_in ? session.customer.name : null
    const list = offers.length > 0
      ? offers.map((o: Offer) => h("button", { type: "button", onclick: () => this.press(o) }, h("span", {}, o.label), icon(paths.next, 18)))
      : ready ? [] : [1, 2, 3, 4].map(() => h("div", { class: "ghost" }))
    this.welcome.replaceChildren(h("h2", {}, name ? t("greeting_name", { name }) : t("greeting_title")), h("p", {}, t("greeting_text")),
      ...notices.map((n) => h("p", { class: "notice", role: "status" }, n)),
      ...(list.length > 0 ? [h("h3", {}, t("offers")), h("div", { class: "offers" }, ...list)] : []))
  }

  private row(row: Row): Keyed {
    // What can change in a row is in its signature; a form being filled in must not be rebuilt under the fingers.
    const matters = row.kind === "theirs" && row.message.form ? [row.seq, row.formOpen, row.enabled] : row
    return { key: row.key, signature: JSON.stringify(matters), build: () => this.build(row) }
  }

  private build(row: Row): HTMLElement {
    const { t } = this
    switch (row.kind) {
      case "time": return h("div", { class: "rule" }, h("time", {}, dayTime(row.at, Date.now(), this.options.lang)))
      case "typing": return h("div", { class: "msg theirs" }, h("div", { class: "dots" }, h("span", { class: "sr" }, t(row.from === "bot" ? "typing_bot" : "typing_agent")), h("i"), h("i"), h("i")))
      case "mine": return this.mine(row)
      case "theirs": return this.theirs(row)
      case "line": return this.systemLine(row)
    }
  }

  private mine(row: Extract<Row, { kind: "mine" }>): HTMLElement {
    const { t } = this
    const meta = row.state === "failed"
      ? h("div", { class: "meta", role: "alert" }, h("span", {}, row.problem ? `${t("failed")}：${row.problem}` : `${t("failed")}，${t("no_answer")}`),
          h("button", { type: "button", class: "act", onclick: () => this.line.resend(row.clientId) }, t("resend")),
          h("button", { type: "button", class: "act", onclick: () => this.line.discard(row.clientId) }, t("discard")))
      : h("div", { class: "meta" }, row.state === "sending" ? t("sending") : h("span", {}, `✓ ${t("saved")} `, h("time", {}, clockTime(row.at))))
    const bubble = row.rows
      ? h("div", { class: "bubble rows" }, h("dl", {}, ...row.rows.map((r) => this.pair(r))))
      : h("div", { class: "bubble" }, row.text ?? "")
    return h("div", { class: `msg mine ${row.state ?? ""}` }, bubble, meta)
  }

  private theirs(row: Extract<Row, { kind: "theirs" }>): HTMLElement {
    const { t, options } = this
    const { message } = row
    const buttons = (message.buttons ?? []).map((b, i) => h("button", {
      type: "button", class: b.style === "primary" ? "btn primary" : "btn", disabled: !row.enabled[i], onclick: () => this.press(b),
    }, b.label))
    const form = message.form
    return h("div", { class: `msg theirs ${row.from}` },
      message.text.trim() === "" ? null : h("div", { class: "bubble" }, message.text),
      message.card ? this.card(message.card) : null,
      form ? buildForm(form, row.formOpen, options.lang, ({ values, rows, secret }) => {
        this.line.post({ type: "submit", client_id: newId(), flow: form.flow, step: form.step, values }, { kind: "rows", rows }, secret)
        this.toEnd()
      }) : null,
      buttons.length > 0 ? h("div", { class: "buttons" }, ...buttons) : null,
      row.labelled ? h("div", { class: "meta" },
        h("b", { class: row.from }, row.from === "agent" ? `${row.name ?? ""} ${t("from_agent")}`.trim() : t(row.from === "reviewed" ? "from_reviewed" : "from_bot")),
        h("time", {}, clockTime(row.at)), row.ratable ? this.thumbs(row.seq, row.rated) : null) : null)
  }

  private thumbs(seq: number, rated: 1 | -1 | null): HTMLElement {
    const thumb = (score: 1 | -1): HTMLElement => h("button", {
      type: "button", class: "thumb", "aria-label": this.t(score === 1 ? "rate_up" : "rate_down"), title: this.t(score === 1 ? "rate_up" : "rate_down"),
      "aria-pressed": String(rated === score), onclick: () => this.line.rate(seq, score),
    }, icon(score === 1 ? paths.up : paths.down, 15))
    return h("span", { class: "thumbs" }, thumb(1), thumb(-1), rated !== null && h("span", {}, this.t("rated")))
  }

  private card(card: Card): HTMLElement {
    return h("div", { class: `card ${card.tone ?? "plain"}` },
      h("h4", {}, card.tone === "warning" ? "! " : card.tone === "good" ? "✓ " : "", card.title),
      (card.rows ?? []).length > 0 ? h("dl", {}, ...(card.rows ?? []).map((r) => this.pair(r))) : null,
      card.total ? this.pair(card.total, "total") : null)
  }

  private pair(row: CardRow, extra = ""): HTMLElement {
    return h("div", { class: `pair ${extra}` }, h("dt", {}, row.label), h("dd", {}, row.value))
  }

  private systemLine(row: Extract<Row, { kind: "line" }>): HTMLElement {
    const { t, options } = this
    switch (row.what) {
      case "waiting": {
        const place = row.position === null ? t("waiting") : row.position <= 1 ? t("waiting_next") : t("waiting_position", { n: row.position - 1 })
        return h("div", { class: "line box", role: "status" }, h("strong", {}, row.current ? place : t("waiting")),
          row.current && row.expectedWaitSecs !== null ? t("wait", { time: roughWait(row.expectedWaitSecs, options.lang) }) : null,
          row.current ? h("button", { type: "button", class: "btn", onclick: () => this.press({ label: t("leave_queue"), action: { do: "leave_queue" } }) }, t("leave_queue")) : null)
      }
      case "joined": return h("div", { class: "line joined" }, t("joined", { name: row.name }))
      case "left": return h("div", { class: "line" }, t("left"))
      case "ticket": return h("div", { class: "line box" }, t("ticket", { ticket: row.ticket, time: dayTime(row.promisedBy, Date.now(), options.lang) }))
      case "closed": return h("div", { class: "line" }, t("closed"))
      case "earlier": return h("div", { class: "rule" }, t("earlier"))
      case "checking": return h("div", { class: "check", role: "status" }, h("span", { class: "dots" }, h("i"), h("i"), h("i")), t("checking"))
    }
  }

  private resize(): void {
    const { input } = this
    input.style.height = "44px"
    input.style.height = `${Math.min(132, input.scrollHeight + 2)}px`
    const length = input.value.trim().length
    this.tooLong.hidden = length <= longestText
    this.tooLong.textContent = this.t("too_long", { n: longestText })
    this.sendButton.disabled = length === 0 || length > longestText
  }

  private toEnd(): void {
    this.follow = true
    this.keepFollowing()
  }

  private keepFollowing(): void {
    if (this.follow) this.scroll.scrollTop = this.scroll.scrollHeight
    this.newest.hidden = true
  }
}


