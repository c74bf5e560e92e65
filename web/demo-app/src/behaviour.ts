/** The behaviour SDK in this app: begins with the customer, ends when they sign out, and hands offered help to the widget. */
import { reactive, watch } from "vue"
import type { Behaviour } from "@jieti/sdk/src/main.ts"
import { loadScript } from "./script.ts"
import { renewToken, state } from "./state.ts"

/** The version that this app says it is. */
const version = "5.2.1"

/** What goes wrong in this app when its visitor wants to see it go wrong. */
export const troubles = reactive({ photo: false, face: false, card: false, slow: false, debit: false })
export type Trouble = keyof typeof troubles
const key = "demo.troubles"
for (const name of (sessionStorage.getItem(key) ?? "").split(",")) if (name in troubles) troubles[name as Trouble] = true
watch(troubles, () => sessionStorage.setItem(key, Object.entries(troubles).filter(([, on]) => on).map(([name]) => name).join()))

let running: Behaviour | null = null
export const behaviour = {
  fieldError: (field: string, code: string) => running?.fieldError(field, code),
  outcome: (code: string) => running?.outcome(code),
}

watch(() => [state.token, state.consent, state.lang] as const, async ([token, consent, lang], before) => {
  if (!token) {
    running?.stop()
    running = null
    return
  }
  await loadScript("/sdk.js")
  if (running && before?.[0] === token && before[2] === lang) return running.consent(consent ? "guidance" : "none")
  running?.stop()
  running = window.JietiSdk?.start({
    server: "", token, renewToken, lang, platform: "h5", version, consent: consent ? "guidance" : "none", onGuidance: (guidance) => window.Jieti?.guide(guidance),
  }) ?? null
}, { immediate: true })
