import { createPinia } from "pinia"
import { createApp } from "vue"
import { createI18n } from "vue-i18n"
import App from "./App.vue"
import "./app.css"
import { prefs } from "./live/prefs.ts"
import { router } from "./router.ts"
import { messages } from "./words.ts"

const i18n = createI18n({ legacy: false, locale: prefs.lang, fallbackLocale: "zh-CN", messages })
createApp(App).use(createPinia()).use(i18n).use(router).mount("#app")
