/** The signed-in customer and what the lender says about them. */
import { reactive, watch } from "vue"
import type { Lang } from "@jieti/lib/wire"
import { readHome, type Home } from "./home.ts"

export interface DemoCustomer { id: string; name: string; situation: Record<Lang, string> }
const kept = sessionStorage.getItem("demo.customer")

export const state = reactive({
  customers: [] as DemoCustomer[], customer: kept, token: null as string | null, home: null as Home | null,
  failed: null as string | null, lang: (localStorage.getItem("demo.lang") === "en" ? "en" : "zh-CN") as Lang,
  /** The customer lets the app see where help is needed. */
  consent: localStorage.getItem("demo.consent") !== "no",
})
watch(() => state.lang, (lang) => localStorage.setItem("demo.lang", lang))
watch(() => state.consent, (yes) => localStorage.setItem("demo.consent", yes ? "yes" : "no"))

async function json(path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(path, body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
  if (!response.ok) {
    const said = (await response.json().catch(() => null)) as { message?: string } | null
    throw new Error(said?.message ?? `HTTP ${response.status}`)
  }
  return response.json()
}

async function attempt(work: () => Promise<void>): Promise<void> {
  state.failed = null
  try { await work() } catch (e) { state.failed = e instanceof Error ? e.message : String(e) }
}

export const loadCustomers = (): Promise<void> => attempt(async () => {
  state.customers = ((await json("/demo/api/customers")) as { customers: DemoCustomer[] }).customers
})

async function tokenOf(customer: string): Promise<string> {
  return ((await json("/demo/api/sign-in", { customer })) as { token: string }).token
}

/** A token lives for an hour; the chat asks for the next one without anything on the screen moving. */
export const renewToken = async (): Promise<string | null> => (state.customer ? tokenOf(state.customer) : null)

export const signIn = (customer: string): Promise<void> => attempt(async () => {
  state.token = await tokenOf(customer)
  state.customer = customer
  sessionStorage.setItem("demo.customer", customer)
  await reload()
})

export async function reload(): Promise<void> {
  if (state.customer) state.home = readHome(await json(`/demo/api/home?customer=${encodeURIComponent(state.customer)}`))
}

export function signOut(): void {
  sessionStorage.removeItem("demo.customer")
  Object.assign(state, { customer: null, token: null, home: null })
}
