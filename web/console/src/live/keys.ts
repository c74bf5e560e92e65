/** Single-key commands: ignored while somebody types, composes, or a dialogue is open. */
import { onBeforeUnmount, onMounted } from "vue"

export type Keys = Record<string, (event: KeyboardEvent) => void>

export function useKeys(keys: Keys): void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return
    const target = event.composedPath()[0]
    const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable)
    const name = `${event.ctrlKey || event.metaKey ? "mod+" : ""}${event.altKey ? "alt+" : ""}${event.altKey && event.code.startsWith("Digit") ? event.code.slice(5) : event.key.length === 1 ? event.key.toLowerCase() : event.key}`
    if ((typing || document.querySelector("[data-modal]")) && !name.includes("+")) return
    // A focused button keeps its own Enter and space.
    if (target instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ")) return
    const run = keys[name]
    if (!run) return
    event.preventDefault()
    run(event)
  }
  onMounted(() => addEventListener("keydown", onKey))
  onBeforeUnmount(() => removeEventListener("keydown", onKey))
}
