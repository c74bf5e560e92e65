/** Language and theme, kept in this browser. */
import type { Lang } from "@jieti/lib/wire"
import { computed, reactive, watch } from "vue"

const system = matchMedia("(prefers-color-scheme: dark)")
const kept = localStorage.getItem("jieti.theme")
export const prefs = reactive({
  lang: (localStorage.getItem("jieti.lang") === "en" ? "en" : "zh-CN") as Lang,
  sound: localStorage.getItem("jieti.sound") !== "off",
  theme: (kept === "dark" || kept === "light" ? kept : system.matches ? "dark" : "light") as "light" | "dark",
})
export const isDark = computed(() => prefs.theme === "dark")
watch(() => prefs.theme, (theme) => { localStorage.setItem("jieti.theme", theme); document.documentElement.dataset["theme"] = theme })
watch(() => prefs.sound, (on) => localStorage.setItem("jieti.sound", on ? "on" : "off"))
watch(() => prefs.lang, (lang) => { localStorage.setItem("jieti.lang", lang); document.documentElement.lang = lang })
document.documentElement.dataset["theme"] = prefs.theme
document.documentElement.lang = prefs.lang
