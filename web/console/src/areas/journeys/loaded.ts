/** Something fetched, fetched again when what it depends on changes, and what went wrong. */
import { type Ref, onBeforeUnmount, ref, watch } from "vue"
import { why } from "../../live/api.ts"

export function useLoaded<T>(fetch: () => Promise<T>, on: () => unknown, everyMs?: number): { value: Ref<T | null>; failed: Ref<string | null>; load: () => Promise<void> } {
  const value = ref(null) as Ref<T | null>
  const failed = ref<string | null>(null)
  let latest = 0
  async function load(): Promise<void> {
    const mine = ++latest
    try {
      const found = await fetch()
      // A slow answer to an old question must not replace a newer one.
      if (mine === latest) { value.value = found; failed.value = null }
    } catch (e) { if (mine === latest) failed.value = why(e) }
  }
  watch(on, () => void load(), { immediate: true, deep: true })
  if (everyMs) {
    const timer = setInterval(() => { if (document.visibilityState === "visible") void load() }, everyMs)
    onBeforeUnmount(() => clearInterval(timer))
  }
  return { value, failed, load }
}
