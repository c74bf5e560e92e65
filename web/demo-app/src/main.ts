import { createApp } from "vue"
import { createI18n } from "vue-i18n"
import { createRouter, createWebHashHistory } from "vue-router"
import App from "./App.vue"
import "./app.css"
import Account from "./pages/Account.vue"
import Home from "./pages/Home.vue"
import Plain from "./pages/Plain.vue"
import Apply from "./journeys/Apply.vue"
import Early from "./journeys/Early.vue"
import Pay from "./journeys/Pay.vue"
import { journeyMessages } from "./journeys/words.ts"
import { state } from "./state.ts"
import { messages } from "./words.ts"

const lists = ["limit", "loans", "bills", "plan", "cards", "coupons", "profile"]
/** A journey's first page has the journey's own path; its other steps are below it. */
const ways = [
  { base: "apply", component: Apply, first: "start", rest: ["id", "face", "card", "contract", "disbursement"], more: {} },
  { base: "repay", component: Pay, first: "amount", rest: ["confirm", "result"], more: { kind: "repay" } },
  { base: "settle", component: Pay, first: "amount", rest: ["confirm", "result"], more: { kind: "settle" } },
  { base: "early-repayment", component: Early, first: "choose", rest: ["quote", "confirm"], more: {} },
]
const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: "/", redirect: "/home" },
    { path: "/home", component: Home },
    ...lists.map((page) => ({ path: `/${page}`, component: Account, props: { page } })),
    ...ways.flatMap(({ base, component, first, rest, more }) => [
      { path: `/${base}`, component, props: { ...more, step: first } },
      ...rest.map((step) => ({ path: `/${base}/${step}`, component, props: { ...more, step } })),
    ]),
    { path: "/:page(.*)", component: Plain, props: (to) => ({ page: String(to.params["page"]) }) },
  ],
  scrollBehavior: () => { document.querySelector(".page")?.scrollTo(0, 0) },
})
const i18n = createI18n({ legacy: false, locale: state.lang, fallbackLocale: "zh-CN", messages: { "zh-CN": { ...messages["zh-CN"], ...journeyMessages["zh-CN"] }, en: { ...messages.en, ...journeyMessages.en } } })
createApp(App).use(router).use(i18n).mount("#app")
