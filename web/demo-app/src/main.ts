import { createApp } from "vue"
import { createI18n } from "vue-i18n"
import { createRouter, createWebHashHistory } from "vue-router"
import App from "./App.vue"
import "./app.css"
import Account from "./pages/Account.vue"
import Home from "./pages/Home.vue"
import Plain from "./pages/Plain.vue"
import { state } from "./state.ts"
import { messages } from "./words.ts"

const lists = ["limit", "loans", "bills", "plan", "repay", "cards", "coupons", "profile"]
const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: "/", redirect: "/home" },
    { path: "/home", component: Home },
    ...lists.map((page) => ({ path: `/${page}`, component: Account, props: { page } })),
    { path: "/:page(.*)", component: Plain, props: (to) => ({ page: String(to.params["page"]) }) },
  ],
  scrollBehavior: () => { document.querySelector(".page")?.scrollTo(0, 0) },
})
const i18n = createI18n({ legacy: false, locale: state.lang, fallbackLocale: "zh-CN", messages })
createApp(App).use(router).use(i18n).mount("#app")
