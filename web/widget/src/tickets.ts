/** The customer's own tickets: number, state in plain words, promised time, steps so far. Drawn over the conversation. */
import { dayTime } from "@jieti/lib/format"
import { newId } from "@jieti/lib/id"
import type { CustomerTicket, CustomerTicketAct, Lang } from "@jieti/lib/wire"
import { h } from "./dom.ts"
import type { Line } from "./line.ts"
import type { T } from "./words.ts"

export class TicketList {
  readonly node = h("div", { class: "tickets", hidden: true, tabindex: 0 })
  open = false
  /** One name for each act that is asked for, so that a second press does nothing twice. */
  private readonly names = new Map<string, string>()

  constructor(private readonly line: Line, private readonly lang: Lang, private readonly t: T, private readonly changed: () => void) {
    this.node.setAttribute("aria-label", t("my_tickets"))
  }

  toggle(): void {
    this.open = !this.open
    this.node.hidden = !this.open
    this.changed()
    if (this.open) void this.load()
  }

  private async load(): Promise<void> {
    const tickets = await this.line.tickets()
    if (tickets === null) this.show(h("p", { role: "alert" }, this.t("tickets_failed")))
    else this.show(...(tickets.length > 0 ? tickets.map((k) => this.card(k)) : [h("p", {}, this.t("no_tickets"))]))
  }

  private show(...nodes: HTMLElement[]): void {
    this.node.replaceChildren(h("button", { type: "button", class: "btn", onclick: () => this.toggle() }, `‹ ${this.t("back")}`), ...nodes)
  }

  private card(ticket: CustomerTicket): HTMLElement {
    const { t } = this
    const when = (at: number): string => dayTime(at, Date.now(), this.lang)
    const node = h("article", { class: "ticket" },
      h("h4", {}, ticket.title, h("span", {}, ticket.status)),
      h("p", { class: "id" }, ticket.id, ticket.state === "open" ? ` · ${t("promised", { time: when(ticket.promised_by) })}` : ""),
      h("ol", {}, ...ticket.steps.map((s) => h("li", {}, h("time", {}, when(s.at)), s.text))))
    const buttons: HTMLElement[] = []
    const button = (label: string, act: () => void): void => void buttons.push(h("button", { type: "button", class: "btn", onclick: act }, label))
    if (ticket.state === "open") button(t("withdraw"), () => { if (confirm(t("withdraw_sure"))) void this.act(node, ticket, { act: "withdraw", text: "" }) })
    if (ticket.can_reopen) button(t("reopen"), () => {
      const text = prompt(t("reopen_why"))?.trim()
      if (text) void this.act(node, ticket, { act: "reopen", text })
    })
    if (ticket.state === "resolved" && ticket.rating === null) for (const score of [1, 2, 3, 4, 5]) button("★".repeat(score), () => void this.act(node, ticket, { act: "rate", score }))
    if (buttons.length > 0) node.append(h("div", { class: "buttons", role: "group", "aria-label": t(ticket.state === "resolved" ? "how_good" : "my_tickets") }, ...buttons))
    return node
  }

  private async act(node: HTMLElement, ticket: CustomerTicket, act: CustomerTicketAct): Promise<void> {
    const what = `${ticket.id}:${ticket.steps.length}:${JSON.stringify(act)}`
    const name = this.names.get(what) ?? newId()
    this.names.set(what, name)
    const after = await this.line.actOnTicket(ticket.id, act, name)
    if (after) node.replaceWith(this.card(after))
    else node.append(h("p", { class: "problem", role: "alert" }, this.t("not_done")))
  }
}
