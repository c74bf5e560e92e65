/**
 * What the demo's back end says about a customer, read leniently: facts the lender did not give are absent, not zero.
 * Pure: no fetch, no language.
 */
export interface Sum { fen: number; text: string }
export interface Loan { id: string; product: string; principal: Sum | null; balance: Sum | null; rate: string; terms: number; termsLeft: number; nextDate: string; nextDue: Sum | null; status: string; day: string; card: string }
export interface DueItem { loan: string; product: string; term: string; date: string; principal: Sum | null; interest: Sum | null; fee: Sum | null; penalty: Sum | null; total: Sum | null; status: string }
export interface Application { id: string; product: string; amount: Sum | null; appliedOn: string; state: string; expectedBy: string; reason: string }
export interface BankCard { id: string; bank: string; tail: string; isDefault: boolean }
export interface Coupon { id: string; title: string; value: Sum | null; minimum: Sum | null; validUntil: string; state: string }
export interface Home {
  name: string; level: string; phone: string; repaymentDay: string; overdueDays: number
  limit: Sum | null; used: Sum | null; available: Sum | null; rate: string; limitState: string; limitReason: string; validUntil: string
  loans: Loan[]; dueMonth: string; dueTotal: Sum | null; overdue: Sum | null; due: DueItem[]
  applications: Application[]; cards: BankCard[]; coupons: Coupon[]
}

type Tree = Record<string, unknown>
const isTree = (x: unknown): x is Tree => typeof x === "object" && x !== null && !Array.isArray(x)
const tree = (x: unknown): Tree => (isTree(x) ? x : {})

function text(x: unknown): string {
  if (typeof x === "string") return x
  if (typeof x === "number" || typeof x === "boolean") return String(x)
  return isTree(x) && typeof x["text"] === "string" ? x["text"] : ""
}
function sum(x: unknown): Sum | null {
  return isTree(x) && typeof x["fen"] === "number" ? { fen: x["fen"], text: text(x) } : null
}
/** The list itself, or inside a record under the name the lender gives it. */
function list(x: unknown, name: string): Tree[] {
  const found = Array.isArray(x) ? x : tree(x)[name]
  return Array.isArray(found) ? found.filter(isTree) : []
}

export function readHome(json: unknown): Home {
  const all = tree(json)
  const [profile, limit, due] = [tree(all["profile"]), tree(all["limit"]), tree(all["due"])]
  return {
    name: text(profile["name"]), level: text(profile["level"]), phone: text(profile["phone"]), repaymentDay: text(profile["day_of_month"]),
    overdueDays: Number(text(profile["days_overdue"]) || 0),
    limit: sum(limit["limit"]), used: sum(limit["used"]), available: sum(limit["available"]), rate: text(limit["rate"]),
    limitState: text(limit["state"]), limitReason: text(limit["reason"]), validUntil: text(limit["valid_until"]),
    loans: list(all["loans"], "loans").map((l) => ({
      id: text(l["id"]), product: text(l["product"]), principal: sum(l["principal"]), balance: sum(l["balance"]), rate: text(l["rate"]),
      terms: Number(text(l["terms"]) || 0), termsLeft: Number(text(l["terms_left"]) || 0), nextDate: text(l["next_due_date"]), nextDue: sum(l["next_due"]),
      status: text(l["status"]), day: text(l["repayment_day"]), card: text(l["card"]),
    })),
    dueMonth: text(due["month"]).slice(0, 7), dueTotal: sum(due["total"]), overdue: sum(due["overdue"]),
    due: list(due, "items").map((d) => ({
      loan: text(d["loan"]), product: text(d["product"]), term: text(d["term"]), date: text(d["due_date"]), principal: sum(d["principal"]),
      interest: sum(d["interest"]), fee: sum(d["fee"]), penalty: sum(d["penalty"]), total: sum(d["total"]), status: text(d["status"]),
    })),
    applications: list(all["applications"], "applications").map((a) => ({
      id: text(a["id"]), product: text(a["product"]), amount: sum(a["amount"]), appliedOn: text(a["applied_on"]), state: text(a["state"]),
      expectedBy: text(a["expected_by"]), reason: text(a["reason"]),
    })),
    cards: list(all["cards"], "cards").map((c) => ({ id: text(c["id"]), bank: text(c["bank"]), tail: text(c["tail"]), isDefault: c["default"] === true })),
    coupons: list(all["coupons"], "coupons").map((c) => ({
      id: text(c["id"]), title: text(c["title"]), value: sum(c["value"]), minimum: sum(c["min_amount"]), validUntil: text(c["valid_until"]), state: text(c["state"]),
    })),
  }
}

/** `app://cards/add?x=1` as a path of this app; null for a link that is not the app's. */
export function pathOf(link: string): string | null {
  const found = /^app:\/\/([a-z][a-z/-]*)/.exec(link)
  return found?.[1] ? `/${found[1].replace(/\/$/, "")}` : null
}
