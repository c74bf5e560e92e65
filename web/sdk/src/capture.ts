/**
 * What happens on the page, as names that the developers gave: `data-jieti` for what is touched, `data-jieti-step` for a step inside a
 * page. The text of an element, the value of a field and the query of an address are never read.
 */
import { nameOf, pathName } from "./names.ts"
import { watchRequests } from "./requests.ts"
import { Rage, Stay } from "./stay.ts"
import type { Act, Happening } from "./wire.ts"

export interface CaptureOptions {
  /** The page's name, or null where it should keep the last one. Default: the path of the address or of a hash router. */
  pageOf: ((location: Location) => string | null) | null
  /** Addresses of Jieti itself. */
  mine: (url: URL) => boolean
  report: (event: Happening) => void
  /** The page goes out of sight or away. */
  leaving: (away: boolean) => void
}

const rageOverMs = 1_000
/** A page that has not changed for so long is drawn. */
const settledMs = 100
const touchable = "[data-jieti],a,button,input,select,textarea,label,summary,[role]"

export class Capture {
  private page = ""
  private trail: string[] = []
  private reached = new Set<string>()
  private stay = new Stay(null)
  private readonly rage = new Rage<Element>()
  private rageTimer: ReturnType<typeof setTimeout> | undefined
  private lookTimer: ReturnType<typeof setTimeout> | undefined
  private readonly undo: (() => void)[] = []

  constructor(private readonly options: CaptureOptions) {
    this.wrapHistory()
    this.on(document, "click", (e) => this.touched(e))
    this.on(document, "focusin", (e) => this.used(e))
    this.on(document, "input", (e) => this.used(e))
    this.on(document, "scroll", () => this.stay.use(Date.now()))
    this.on(document, "invalid", (e) => this.refused(e))
    this.on(document, "visibilitychange", () => this.sight())
    this.on(window, "pagehide", () => {
      this.leave()
      this.options.leaving(true)
    })
    const steps = new MutationObserver(() => this.lookSoon())
    steps.observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-jieti-step", "hidden"] })
    this.undo.push(() => steps.disconnect(), watchRequests(globalThis, location.href, options.mine, (target, code, value) => this.tell("api_error", { target, code, value })))
    this.moved()
  }

  /** Between two pages there is nothing to tell. */
  tell(act: Act, more: Partial<Happening> = {}): void { if (this.page !== "") this.options.report({ at: Date.now(), act, page: this.page, ...more }) }

  step(name: string): void {
    const target = nameOf(name)
    if (this.reached.has(target)) return
    this.reached.add(target)
    this.tell("step", { target })
  }

  stop(): void {
    this.leave()
    for (const undo of this.undo.splice(0)) undo()
    clearTimeout(this.rageTimer)
    clearTimeout(this.lookTimer)
  }

  private on(where: EventTarget, name: string, heard: (e: Event) => void): void {
    where.addEventListener(name, heard, { capture: true, passive: true })
    this.undo.push(() => where.removeEventListener(name, heard, { capture: true }))
  }

  private wrapHistory(): void {
    const { pushState, replaceState } = history
    const then = (go: typeof pushState): typeof pushState => (...args) => {
      go.apply(history, args)
      this.moved()
    }
    history.pushState = then(pushState)
    history.replaceState = then(replaceState)
    this.undo.push(() => { Object.assign(history, { pushState, replaceState }) })
    this.on(window, "popstate", () => this.moved())
    this.on(window, "hashchange", () => this.moved())
  }

  private moved(): void {
    const { pageOf } = this.options
    const given = pageOf ? pageOf(location) : pathName(location.hash.startsWith("#/") ? location.hash.slice(1) : location.pathname)
    const page = given === null ? this.page : pathName(given)
    if (page === this.page) return
    const from = this.page
    this.leave()
    this.page = page
    this.reached.clear()
    this.stay = new Stay(document.visibilityState === "visible" ? Date.now() : null)
    this.tell("page")
    const before = this.trail.lastIndexOf(page)
    if (before >= 0) {
      this.trail.splice(before + 1)
      this.tell("back", { target: from })
    } else this.trail = [...this.trail.slice(-19), page]
    this.lookSoon()
  }

  /** The address changes before the page does: a look at once would see the steps of the page before. */
  private lookSoon(): void {
    clearTimeout(this.lookTimer)
    this.lookTimer = setTimeout(() => this.look(), settledMs)
  }

  private leave(): void {
    this.rageOver(this.rage.over())
    if (this.page === "") return
    const { sightMs, active } = this.stay.end(Date.now())
    this.tell("leave", { value: sightMs, code: active })
    this.page = ""
  }

  /** Where one step of the page is shown at a time, showing it is reaching it. Of several in sight, one is reached by using it. */
  private look(): void {
    const shown = [...document.querySelectorAll<HTMLElement>("[data-jieti-step]")].filter((e) => e.getClientRects().length > 0)
    const name = shown.length === 1 ? shown[0]?.dataset["jietiStep"] : undefined
    if (name) this.step(name)
  }

  private used(e: Event): void {
    this.stay.use(Date.now())
    const step = e.target instanceof Element ? e.target.closest<HTMLElement>("[data-jieti-step]")?.dataset["jietiStep"] : undefined
    if (step) this.step(step)
  }

  private touched(e: Event): void {
    // A keyboard's Enter and a script's click are clicks, too, but only a person's fingers are in a rage.
    if (!(e.target instanceof Element) || e.target.closest("[data-jieti-own]")) return
    this.used(e)
    const thing = e.target.closest(touchable) ?? e.target
    const name = this.nameAt(e.target)
    if (name) this.tell("click", { target: name })
    this.rageOver(this.rage.touch(thing, e.timeStamp), this.raged)
    this.raged = name ?? nameOf(thing.tagName.toLowerCase())
    clearTimeout(this.rageTimer)
    this.rageTimer = setTimeout(() => this.rageOver(this.rage.over()), rageOverMs)
  }
  /** The name of what was touched last. */
  private raged = ""

  private rageOver(count: number | null, target = this.raged): void { if (count !== null) this.tell("rage_click", { target, value: count }) }

  private refused(e: Event): void {
    const field = e.target
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement)) return
    const { validity } = field
    // The browser's own reasons are the names of the getters that are true.
    let why = "invalid"
    for (const reason in validity) if (reason !== "valid" && validity[reason as keyof ValidityState]) why = reason
    this.tell("field_error", { target: this.nameAt(field) ?? nameOf(field.name || field.type), code: why.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`) })
  }

  private nameAt(element: Element): string | null {
    const name = element.closest<HTMLElement>("[data-jieti]")?.dataset["jieti"]
    return name ? nameOf(name) : null
  }

  private sight(): void {
    const now = Date.now()
    if (document.visibilityState === "visible") {
      this.stay.show(now)
      this.tell("visible")
    } else {
      this.stay.hide(now)
      this.tell("hidden")
      this.options.leaving(false)
    }
  }
}
