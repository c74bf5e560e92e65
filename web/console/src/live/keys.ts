/**
 * Single-key commands: ignored while somebody types, composes, or a dialogue is open. The page that came last is asked
 * first; a command that answers `false` passes the key on.
 */
import { onBeforeUnmount, onMounted } from "vue"

export type Keys = Record<string, (event: KeyboardEvent) => void | false>

const stack: Keys[] = []

addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return
  const target = event.composedPath()[0]
  const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable)
  const name = keyName(event)
  if ((typing || document.querySelector("[data-modal]")) && !name.includes("+")) return
  // A focused button or link keeps its own Enter and space.
  if ((target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement) && (event.key === "Enter" || event.key === " ")) return
  for (let i = stack.length - 1; i >= 0; i--) {
    const run = stack[i]?.[name]
    if (run && run(event) !== false) return event.preventDefault()
  }
})

export function keyName(event: { key: string; code: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): string {
  // Alt+1 types a symbol on some keyboards: there the digit is only in the code.
  const key = event.altKey && event.code.startsWith("Digit") ? event.code.slice(5) : event.key.length === 1 ? event.key.toLowerCase() : event.key
  return `${event.ctrlKey || event.metaKey ? "mod+" : ""}${event.altKey ? "alt+" : ""}${key}`
}

export function useKeys(keys: Keys, scope: "page" | "everywhere" = "page"): void {
  onMounted(() => (scope === "page" ? stack.push(keys) : stack.unshift(keys)))
  onBeforeUnmount(() => {
    const at = stack.indexOf(keys)
    if (at >= 0) stack.splice(at, 1)
  })
}
