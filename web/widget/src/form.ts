/** A form in the thread: typed inputs, checked as the customer leaves them, sent as one answer. */
import { isSecret, maskField, parseField, type Problem } from "@jieti/lib/fields"
import type { CardRow, FieldKind, Form, FormField, Lang } from "@jieti/lib/wire"
import { h } from "./dom.ts"
import { problemText, words } from "./words.ts"

export interface Submitted { values: Record<string, string>; rows: CardRow[]; secret: boolean }

const keyboards: Partial<Record<FieldKind, { mode: string; complete?: string; length?: number }>> = {
  money: { mode: "decimal", length: 14 }, days: { mode: "numeric", length: 3 },
  phone: { mode: "tel", complete: "tel-national", length: 16 }, card: { mode: "numeric", complete: "cc-number", length: 23 },
  code: { mode: "numeric", complete: "one-time-code", length: 8 },
}

let forms = 0

export function buildForm(form: Form, active: boolean, lang: Lang, submit: (s: Submitted) => void): HTMLElement {
  const t = words(lang)
  const id = `f${++forms}`
  const fields = form.fields.map((field, i) => buildField(field, `${id}-${i}`, active, lang))
  const node = h("form", {
    class: active ? "form" : "form over", novalidate: true, autocomplete: "on",
    onsubmit: (e: Event) => {
      e.preventDefault()
      if (!active) return
      const checked = fields.map((f) => f.check())
      const wrong = checked.findIndex((c) => c === null)
      if (wrong >= 0) return fields[wrong]?.focus()
      const values: Record<string, string> = {}
      const rows: CardRow[] = []
      form.fields.forEach((field, i) => {
        const value = checked[i] ?? ""
        values[field.name] = value
        const option = field.options?.find((o) => o.value === value)
        rows.push({ label: field.label, value: option?.label ?? maskField(field.kind, value) })
      })
      submit({ values, rows, secret: form.fields.some((f) => isSecret(f.kind)) })
    },
  }, ...fields.map((f) => f.node), h("button", { type: "submit", class: "btn primary wide", disabled: !active }, active ? form.submit : t("superseded")))
  return node
}

interface Built { node: HTMLElement; check: () => string | null; focus: () => void }

function buildField(field: FormField, id: string, active: boolean, lang: Lang): Built {
  const t = words(lang)
  const problem = h("p", { class: "problem", id: `${id}-p`, role: "alert" })
  const read = (): string => (field.kind === "choice" && input instanceof HTMLDivElement
    ? input.querySelector<HTMLInputElement>("input:checked")?.value ?? ""
    : (input as HTMLInputElement | HTMLSelectElement).value)
  const show = (p: Problem | null): void => {
    problem.textContent = p === null ? "" : problemText(lang, p, field.label)
    const target = input instanceof HTMLDivElement ? input : (input as HTMLElement)
    if (p === null) target.removeAttribute("aria-invalid")
    else target.setAttribute("aria-invalid", "true")
  }
  const check = (): string | null => {
    const parsed = parseField(field.kind, read(), field.options?.map((o) => o.value))
    show("problem" in parsed ? parsed.problem : null)
    return "value" in parsed ? parsed.value : null
  }
  const described = `${id}-p${field.hint ? ` ${id}-h` : ""}`
  const common = {
    id, name: field.name, disabled: !active, "aria-describedby": described, class: "field",
    onblur: () => { if (read() !== "") check() },
    oninput: () => { if (problem.textContent !== "") check() },
  }
  let input: HTMLElement
  let before: string | null = null
  let after: string | null = null
  if (field.kind === "choice") {
    input = h("div", { class: "choices", role: "radiogroup", "aria-labelledby": `${id}-l`, "aria-describedby": described },
      ...(field.options ?? []).map((option, i) => h("label", { class: "choice" },
        h("input", { type: "radio", name: id, value: option.value, id: i === 0 ? id : `${id}-${i}`, disabled: !active, onchange: () => check() }), h("span", {}, option.label))))
  } else if (field.kind === "day_of_month") {
    before = lang === "zh-CN" ? t("every_month") : null
    input = h("select", { ...common, onchange: () => check() }, h("option", { value: "" }, t("choose")),
      ...Array.from({ length: 28 }, (_, i) => h("option", { value: i + 1 }, lang === "zh-CN" ? `${i + 1} ${t("day_suffix")}` : String(i + 1))))
  } else {
    const board = keyboards[field.kind]
    input = h("input", {
      ...common, type: field.kind === "date" ? "date" : field.kind === "month" ? "month" : field.kind === "phone" ? "tel" : "text",
      inputmode: board?.mode, autocomplete: board?.complete ?? "off", maxlength: board?.length,
      placeholder: field.kind === "month" ? "YYYY-MM" : null,
      ...(field.kind === "card" ? { oninput: (e: Event) => { group(e.target as HTMLInputElement); if (problem.textContent !== "") check() } } : {}),
    })
    if (field.kind === "money") before = "¥"
    if (field.kind === "days") after = t("days_suffix")
  }
  const node = h("div", { class: "row" },
    h("label", { for: field.kind === "choice" ? null : id, id: `${id}-l` }, field.label),
    h("div", { class: before || after ? "affix" : "plain" }, before && h("span", { "aria-hidden": "true" }, before), input, after && h("span", { "aria-hidden": "true" }, after)),
    field.hint ? h("p", { class: "hint", id: `${id}-h` }, field.hint) : null, problem)
  return { node, check, focus: () => (input.querySelector("input") ?? input).focus() }
}

/** Card numbers in fours, with the caret kept where it was. */
function group(input: HTMLInputElement): void {
  const end = input.selectionStart ?? input.value.length
  const digitsBefore = input.value.slice(0, end).replace(/\D/g, "").length
  const digits = input.value.replace(/\D/g, "").slice(0, 19)
  input.value = digits.replace(/(\d{4})(?=\d)/g, "$1 ")
  let caret = 0
  for (let seen = 0; caret < input.value.length && seen < digitsBefore; caret++) if (input.value[caret] !== " ") seen++
  input.setSelectionRange(caret, caret)
}
