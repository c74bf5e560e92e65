/** The people of a journey, each in a browser of their own: customers in the loan app, staff in the console. */
import { type Browser, type BrowserContext, type Locator, type Page, chromium } from "playwright-core"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Demo } from "./demo.ts"

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync"]
/** A condition that has not come true by then never will: a debug server on two busy cores answers within a few seconds. */
export const patienceMs = 15_000

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: flags })

export interface Look { width?: number; height?: number; dark?: boolean; en?: boolean }

/** Every page of a journey, and everything that went wrong in any of them. */
export class Stage {
  readonly wrong: string[] = []
  /** Connections that the journey itself breaks are not errors. */
  breaking = false
  private readonly contexts: BrowserContext[] = []
  private on: { browser: Browser; demo: Demo } | null = null

  begin(browser: Browser, demo: Demo): void { this.on = { browser, demo } }
  get demo(): Demo { return this.here.demo }
  private get here(): { browser: Browser; demo: Demo } {
    if (!this.on) throw new Error("the stage is used before beforeAll has run")
    return this.on
  }

  private async page(look: Look, width: number, height: number): Promise<Page> {
    const context = await this.here.browser.newContext({
      viewport: { width: look.width ?? width, height: look.height ?? height }, colorScheme: look.dark ? "dark" : "light", reducedMotion: "reduce", locale: look.en ? "en-GB" : "zh-CN", timezoneId: "Asia/Shanghai",
    })
    this.contexts.push(context)
    context.setDefaultTimeout(patienceMs)
    if (look.en) await context.addInitScript(() => { localStorage.setItem("jieti.lang", "en"); localStorage.setItem("demo.lang", "en") })
    const page = await context.newPage()
    page.on("pageerror", (e) => this.wrong.push(`${page.url()}: ${e.message}`))
    page.on("console", (m) => {
      // Not signed in yet is an answer, which browsers print as an error all the same.
      if (m.type() !== "error" || this.breaking || (m.text().includes("401") && m.location().url.endsWith("/api/staff/me"))) return
      this.wrong.push(`${page.url()}: ${m.text()} ${m.location().url}`)
    })
    return page
  }

  /** A customer at home in the loan app, signed in, the widget still shut. */
  async customer(id: string, look: Look = {}): Promise<Customer> {
    const page = await this.page(look, 360, 640)
    await page.goto(`${this.demo.url}/demo/`)
    const { customers } = await this.demo.json<{ customers: { id: string; name: string }[] }>("/demo/api/customers")
    const name = customers.find((c) => c.id === id)?.name ?? id
    await page.locator(".item", { hasText: name }).click()
    await page.locator(".hero").waitFor()
    await page.locator(".launcher").waitFor()
    return new Customer(page, name)
  }

  async staff(name: string, look: Look = {}): Promise<Staff> {
    const page = await this.page(look, 1280, 720)
    await page.goto(`${this.demo.url}/console/`)
    await page.locator("input[autocomplete=username]").fill(name)
    await page.locator("input[type=password]").fill("jieti-demo")
    await page.keyboard.press("Enter")
    await page.locator(".link.open").waitFor()
    return new Staff(page)
  }

  /** What everybody saw when it went wrong. */
  async pictures(folder: string, name: string): Promise<void> {
    mkdirSync(folder, { recursive: true })
    const pages = this.contexts.flatMap((c) => c.pages())
    // A page that hangs has no picture; the others' are wanted all the same.
    await Promise.allSettled(pages.map((p, i) => p.screenshot({ path: join(folder, `${name}-${i + 1}.png`) })))
  }

  async end(): Promise<void> { await Promise.all(this.contexts.splice(0).map((c) => c.close())) }
}

export class Customer {
  constructor(readonly page: Page, readonly name: string) {}
  readonly mine = (text: string): Locator => this.page.locator(".msg.mine", { hasText: text })
  readonly theirs = (text: string | RegExp): Locator => this.page.locator(".msg.theirs", { hasText: text })
  readonly button = (label: string): Locator => this.page.locator(".msg.theirs .btn:enabled", { hasText: label }).last()

  async open(): Promise<void> {
    await this.page.locator(".launcher").click()
    await this.page.locator(".panel textarea").waitFor()
  }

  /** Types and sends; does not wait for anything. */
  async say(text: string): Promise<void> {
    await this.page.locator(".panel textarea").fill(text)
    await this.page.locator(".panel textarea").press("Enter")
  }

  /** Says something and waits until what came back holds `answer`. */
  async ask(text: string, answer: string | RegExp): Promise<Locator> {
    await this.say(text)
    const found = this.theirs(answer).last()
    await found.waitFor()
    return found
  }
}

export class Staff {
  constructor(readonly page: Page) {}
  async go(where: "wall" | "desk" | "team" | "silent" | "tickets" | "journeys" | "guidance" | "inspection" | "problems" | "knowledge" | "flows"): Promise<void> {
    await this.page.locator(`.rail a[href$="/${where}"]`).click()
    await this.page.waitForURL(`**/${where}**`)
  }
  /** Goes on duty; who has been on duty a moment ago still is. */
  async duty(what: "agent" | "silent_seat"): Promise<void> {
    const label = this.page.locator(`.top label.${what === "agent" ? "human" : "silent_seat"}`)
    const toggle = label.locator(".n-switch")
    if ((await toggle.getAttribute("aria-checked")) === "true") return
    const saved = this.page.waitForResponse((r) => r.url().endsWith("/api/staff/presence") && r.ok())
    await toggle.click()
    await saved
  }
}
