/**
 * Help that is offered before the customer asks: a card over the page, or at the top of the open chat. It never takes the focus,
 * never covers the field that is being filled in, and each offer is shown once.
 */
import type { Button, Guidance, GuidanceAct, Lang } from "@jieti/lib/wire"
import { h, icon } from "./dom.ts"
import type { T } from "./words.ts"

export interface GuideActions {
  report: (id: string, act: GuidanceAct) => void
  openLink: (link: string) => void
  /** Opens the chat; the offered answer stands above it. */
  openChat: () => void
  press: (button: Button) => void
  say: (text: string) => void
  /** Where the focus goes when it was in a card that is gone. */
  refocus: () => void
}

const close = "M6 6l12 12M18 6L6 18"
const bulb = "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.500 10.800c.6.5 1 1.200 1 2.200h5c0-1 .4-1.700 1-2.200A6 6 0 0 0 12 3z"
const tick = "M5 12.500l4.500 4.500L19 7.500"
/** Offers remembered as shown, the latest of them. */
const mostRemembered = 60

export class Guide {
  /** Persistent, so that a screen reader hears what comes into it. */
  readonly node = h("div", { class: "guide", role: "region", "aria-live": "polite", hidden: true })
  private now: Guidance | null = null
  private readonly waiting: Guidance[] = []
  private clicked = false
  private chatOpen = false
  private readonly undo: (() => void)[] = []

  constructor(private readonly t: T, lang: Lang, private readonly actions: GuideActions) {
    this.node.lang = lang
    this.node.setAttribute("aria-label", t("guide"))
    this.node.onkeydown = (e) => {
      if (e.key !== "Escape") return
      e.stopPropagation()
      this.end("dismissed")
    }
    const place = (): void => this.keepClear()
    document.addEventListener("focusin", place)
    window.visualViewport?.addEventListener("resize", place)
    this.undo.push(() => document.removeEventListener("focusin", place), () => window.visualViewport?.removeEventListener("resize", place))
  }

  offer(guidance: Guidance): void {
    if (this.now?.id === guidance.id || this.waiting.some((g) => g.id === guidance.id) || shown().includes(guidance.id)) return
    if (this.now) this.waiting.push(guidance)
    else this.show(guidance)
  }

  /** The chat was opened or shut: an answer is only there while it is open. */
  chat(open: boolean): void {
    this.chatOpen = open
    if (this.now?.kind === "chat") this.draw(this.now)
    this.keepClear()
  }

  remove(): void {
    for (const undo of this.undo) undo()
    this.node.remove()
  }

  private show(guidance: Guidance): void {
    this.now = guidance
    this.clicked = false
    remember(guidance.id)
    this.draw(guidance)
    this.node.hidden = false
    this.keepClear()
    this.actions.report(guidance.id, "shown")
  }

  private end(how: "dismissed" | "done"): void {
    const was = this.now
    if (!was) return
    const focused = this.node.contains(this.root().activeElement)
    this.now = null
    this.node.hidden = true
    this.node.replaceChildren()
    if (how === "dismissed" && !this.clicked) this.actions.report(was.id, "dismissed")
    if (focused) this.actions.refocus()
    const next = this.waiting.shift()
    if (next) this.show(next)
  }

  private click(): void {
    if (this.clicked || !this.now) return
    this.clicked = true
    this.actions.report(this.now.id, "clicked")
  }

  private draw(g: Guidance): void {
    const { t } = this
    const head = h("div", { class: "guide-head" }, icon(bulb, 18), h("h3", {}, g.title),
      h("button", { type: "button", class: "guide-close", "aria-label": t("guide_close"), onclick: () => this.end("dismissed") }, icon(close, 16)))
    this.node.replaceChildren(head, h("div", { class: "guide-body" }, g.text ? h("p", {}, g.text) : null, ...this.content(g)))
  }

  private content(g: Guidance): (HTMLElement | null)[] {
    const { t } = this
    const button = (label: string, does: () => void, extra = ""): HTMLElement => h("button", { type: "button", class: `btn ${extra}`, onclick: () => { this.click(); does() } }, label)
    const row = (...buttons: (HTMLElement | null)[]): HTMLElement => h("div", { class: "buttons" }, ...buttons)
    switch (g.kind) {
      case "prompt": return [row(button(g.label ?? t("guide_ok"), () => this.end("done"), "primary"))]
      case "link": {
        const { link } = g
        return [row(button(g.label ?? t("guide_go"), () => { this.end("done"); if (link) this.actions.openLink(link) }, "primary"))]
      }
      case "checklist": {
        const left = h("p", { class: "guide-left", role: "status" })
        const boxes = (g.items ?? []).map((item) => {
          const box = h("input", { type: "checkbox", onchange: () => { this.click(); count() } })
          return { box, node: h("li", {}, h("label", {}, box, h("i", { class: "tick" }, icon(tick, 13)), h("span", {}, item))) }
        })
        const done = button(g.label ?? t("guide_tried"), () => this.end("done"))
        const count = (): void => {
          const open = boxes.filter((b) => !b.box.checked).length
          left.textContent = open === 0 ? t("guide_all") : ""
          done.classList.toggle("primary", open === 0)
        }
        count()
        return [h("ul", { class: "ticks" }, ...boxes.map((b) => b.node)), left, row(done)]
      }
      case "chat": {
        if (!this.chatOpen) return [row(button(g.label ?? t("guide_chat"), () => this.actions.openChat(), "primary"))]
        const { answer, question } = g
        return [
          question ? h("p", { class: "guide-question" }, question) : null,
          answer ? h("div", { class: "guide-answer" }, answer.text) : null,
          row(...(answer?.buttons ?? []).map((b) => button(b.label, () => { this.end("done"); this.actions.press(b) })),
            answer ? button(t("guide_helped"), () => this.end("done"), "primary") : null,
            question ? button(t("guide_ask"), () => { this.end("done"); this.actions.say(question) }) : null),
        ]
      }
    }
  }

  /** At the bottom, unless that is where the customer is typing: then at the top. */
  private keepClear(): void {
    this.node.classList.remove("high")
    if (this.node.hidden || this.chatOpen) return
    const field = document.activeElement
    if (!(field instanceof HTMLElement) || !field.matches("input,textarea,select,[contenteditable]")) return
    const [a, b] = [field.getBoundingClientRect(), this.node.getBoundingClientRect()]
    const covers = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    this.node.classList.toggle("high", covers)
  }

  private root(): Document | ShadowRoot {
    const root = this.node.getRootNode()
    return root instanceof ShadowRoot ? root : document
  }
}

// Storage can be forbidden: then an offer is shown once a page.
const key = "jieti.guided"
let ofThisPage: string[] = []
function shown(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "[]")
    if (Array.isArray(kept)) return kept.filter((id): id is string => typeof id === "string")
  } catch { /* see above */ }
  return ofThisPage
}
function remember(id: string): void {
  ofThisPage = [...shown(), id].slice(-mostRemembered)
  try { localStorage.setItem(key, JSON.stringify(ofThisPage)) } catch { /* see above */ }
}
