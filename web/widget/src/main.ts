/**
 * The customer's widget, one script for any page:
 *   <script src="/widget.js" data-jieti data-server="" data-token="…"></script>
 * or window.Jieti.open({token, lang, onOpenLink}). Deep links go to onOpenLink, else to a `jieti:open` event on window.
 */
import type { Guidance, Lang } from "@jieti/lib/wire"
import { Line } from "./line.ts"
import { View, type Theme } from "./view.ts"

export interface JietiOptions {
  /** Origin of the Jieti server; "" is this page's. */
  server?: string
  /** Identity signed by the lender's back end; without it the customer is a visitor. */
  token?: string
  /** Called when the token has expired: a fresh one, or null when the customer has signed out. */
  renewToken?: () => Promise<string | null>
  lang?: Lang
  theme?: Theme
  channel?: "web" | "app"
  title?: string
  /** Show the round button while the panel is shut. */
  launcher?: boolean
  /** Draw inside this element (which must be positioned) instead of over the page. */
  container?: HTMLElement
  onOpenLink?: (link: string) => void
}

export interface JietiApi {
  /** Puts the widget on the page, shut. Called again it changes the options, such as another customer's token. */
  mount(options?: JietiOptions): void
  open(options?: JietiOptions): void
  close(): void
  /** Sends a text as the customer, opening the panel. */
  say(text: string): void
  /** Says which page or step of the app the customer is on; staff see it beside the next message. */
  at(page: string, title: string): void
  /** Puts a text into the input without sending it. */
  fill(text: string): void
  /** Offers help on the customer's screen: what the behaviour SDK hands to `onGuidance`. Each offer is shown once. */
  guide(guidance: Guidance): void
  unmount(): void
}

declare global { interface Window { Jieti?: JietiApi } }

const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null
let options: JietiOptions = fromScript(script)
let line: Line | null = null
let view: View | null = null
let place: { page: string; title: string } | null = null

function fromScript(tag: HTMLScriptElement | null): JietiOptions {
  if (!tag) return {}
  const { server, token, lang, theme, channel, title } = tag.dataset
  return {
    server: server ?? new URL(tag.src).origin,
    ...(token ? { token } : {}), ...(title ? { title } : {}),
    ...(lang === "en" || lang === "zh-CN" ? { lang } : {}),
    ...(theme === "light" || theme === "dark" || theme === "auto" ? { theme } : {}),
    ...(channel === "app" || channel === "web" ? { channel } : {}),
  }
}

const api: JietiApi = {
  mount(more = {}) {
    const next = { ...options, ...more }
    const changed = (Object.keys(more) as (keyof JietiOptions)[]).some((k) => k !== "onOpenLink" && k !== "renewToken" && options[k] !== more[k])
    options = next
    if (view && !changed) return
    api.unmount()
    const lang: Lang = next.lang ?? ((document.documentElement.lang || navigator.language).toLowerCase().startsWith("zh") ? "zh-CN" : "en")
    line = new Line({ server: next.server ?? "", token: next.token ?? null, lang, channel: next.channel ?? "web", renew: next.renewToken ? () => options.renewToken?.() ?? Promise.resolve(null) : null, onGuidance: (guidance) => view?.guide.offer(guidance) }, () => { if (line) view?.draw(line.state) })
    if (place) line.at(place.page, place.title)
    view = new View(line, {
      lang, theme: next.theme ?? "auto", title: next.title ?? null, launcher: next.launcher ?? true, container: next.container ?? null,
      onOpenLink: openLink, onOpen: () => line?.start(), onClose: () => dispatchEvent(new CustomEvent("jieti:closed")),
    })
  },
  open(more) {
    api.mount(more)
    view?.show()
  },
  close() { view?.hide() },
  say(text) { api.open(); view?.say(text) },
  at(page, title) { place = { page, title }; line?.at(page, title) },
  fill(text) { api.open(); view?.fill(text) },
  guide(guidance) { view?.guide.offer(guidance) },
  unmount() {
    line?.stop()
    view?.remove()
    line = view = null
  },
}

function openLink(link: string): void {
  if (options.onOpenLink) options.onOpenLink(link)
  else dispatchEvent(new CustomEvent("jieti:open", { detail: { link } }))
}

window.Jieti = api
if (script && "jieti" in script.dataset) {
  if (document.body) api.mount()
  else addEventListener("DOMContentLoaded", () => api.mount())
}
