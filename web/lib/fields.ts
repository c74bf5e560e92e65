/** What a customer types into a form, as the value the server reads. Pure: no DOM, no language. */
import type { FieldKind } from "./wire.ts"

export type Problem =
  | "empty" | "money" | "money_positive" | "date" | "month" | "day_of_month" | "days" | "phone" | "card_length"
  | "card_check" | "code" | "choice"

export type Parsed = { value: string } | { problem: Problem }

const fullWidth = /[０-９．，－]/g

function narrow(raw: string): string {
  return raw.replace(fullWidth, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).trim()
}

export function parseField(kind: FieldKind, raw: string, options: readonly string[] = []): Parsed {
  const text = narrow(raw)
  if (text === "") return { problem: kind === "choice" ? "choice" : "empty" }
  switch (kind) {
    case "text": return { value: raw.trim() }
    case "money": {
      const plain = text.replace(/[,，\s¥￥元]/g, "")
      if (!/^\d{1,10}(\.\d{1,2})?$/.test(plain)) return { problem: "money" }
      return /[1-9]/.test(plain) ? { value: plain } : { problem: "money_positive" }
    }
    case "date": return isDate(text) ? { value: text } : { problem: "date" }
    case "month": return /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? { value: text } : { problem: "month" }
    case "day_of_month": return whole(text, 1, 28) ? { value: String(Number(text)) } : { problem: "day_of_month" }
    case "days": return whole(text, 1, 365) ? { value: String(Number(text)) } : { problem: "days" }
    case "phone": {
      const digits = text.replace(/[\s-]/g, "").replace(/^\+?86(?=1\d{10}$)/, "")
      return /^1[3-9]\d{9}$/.test(digits) ? { value: digits } : { problem: "phone" }
    }
    case "card": {
      const digits = text.replace(/[\s-]/g, "")
      if (!/^\d{12,19}$/.test(digits)) return { problem: "card_length" }
      return luhn(digits) ? { value: digits } : { problem: "card_check" }
    }
    case "code": {
      const digits = text.replace(/\s/g, "")
      return /^\d{4,8}$/.test(digits) ? { value: digits } : { problem: "code" }
    }
    case "choice": return options.includes(text) ? { value: text } : { problem: "choice" }
  }
}

/** Personal data that must not stay in the browser; mirrors `FieldKind::is_secret`. */
export function isSecret(kind: FieldKind): boolean {
  return kind === "phone" || kind === "card" || kind === "code"
}

/** What the customer sees of a value once it is sent. */
export function maskField(kind: FieldKind, value: string): string {
  switch (kind) {
    case "phone": return `${value.slice(0, 3)}****${value.slice(-4)}`
    case "card": return `**** ${value.slice(-4)}`
    case "code": return "•".repeat(value.length)
    case "text": case "money": case "date": case "month": case "day_of_month": case "days": case "choice": return value
  }
}

function whole(text: string, low: number, high: number): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) >= low && Number(text) <= high
}

function isDate(text: string): boolean {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!found) return false
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])]
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** Check digit of bank cards. Source: ISO/IEC 7812-1, annex B. */
function luhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
