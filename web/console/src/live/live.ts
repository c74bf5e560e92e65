/** The staff's one WebSocket, and the state it feeds. Every area reads from here; nothing else opens a socket. */
import { backoff } from "@jieti/lib/backoff"
import type { ConversationDetail, Presence, ServerToStaff, Staff, StaffToServer } from "@jieti/lib/wire"
import { defineStore } from "pinia"
import { computed, ref, shallowRef, watch as watchRef } from "vue"
import { alertsOf, type Alert } from "./alerts.ts"
import { call, get, post } from "./api.ts"
import { prefs } from "./prefs.ts"
import { emptyLive, forget, mergeEvents, reduceLive, type LiveState } from "./reducer.ts"

/** The server counts a person as present for three missed heartbeats. */
const heartbeatMs = 15_000

export const useLive = defineStore("live", () => {
  const state = shallowRef<LiveState>(emptyLive)
  const link = ref<"off" | "connecting" | "open" | "offline">("off")
  const me = ref<Staff | null>(null)
  const watched = new Map<string, number>()
  let socket: WebSocket | null = null
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let beat: ReturnType<typeof setInterval> | undefined

  function connect(): void {
    clearTimeout(timer)
    if (!me.value || socket) return
    link.value = link.value === "offline" ? "offline" : "connecting"
    const mine = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/staff/live?lang=${prefs.lang}`)
    socket = mine
    mine.onopen = () => {
      for (const [conversation] of watched) watchNow(conversation)
      clearInterval(beat)
      beat = setInterval(() => send({ type: "heartbeat" }), heartbeatMs)
      send({ type: "heartbeat" })
    }
    mine.onmessage = (m: MessageEvent<string>) => {
      const frame = JSON.parse(m.data) as ServerToStaff
      const before = state.value
      state.value = reduceLive(before, frame)
      if (frame.type === "hello") {
        attempt = 0
        link.value = "open"
        if (before.epoch !== null && before.epoch !== frame.epoch) for (const [conversation] of watched) watchNow(conversation)
      }
      const who = me.value
      if (who) for (const alert of alertsOf(before, frame, { id: who.id, supervisor: who.roles.some((r) => r === "supervisor" || r === "admin") })) dispatchEvent(new CustomEvent<Alert>("jieti:alert", { detail: alert }))
      if (frame.type === "error") dispatchEvent(new CustomEvent("jieti:live-error", { detail: frame.message }))
    }
    mine.onclose = () => {
      if (socket !== mine) return
      socket = null
      clearInterval(beat)
      if (!me.value) return
      link.value = "offline"
      timer = setTimeout(() => void reconnect(), backoff(attempt++, Math.random()))
    }
  }

  async function reconnect(): Promise<void> {
    // A closed socket does not say why: ask whether the session still is.
    try { await get("/api/staff/me") } catch (e) {
      if (e instanceof Error && "status" in e && e.status === 401) return signedOut()
    }
    connect()
  }

  function send(frame: StaffToServer): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
  }

  function watchNow(conversation: string): void {
    send({ type: "watch", conversation, after_seq: state.value.events[conversation]?.at(-1)?.seq ?? 0 })
  }

  /** Loads a conversation and keeps it up to date until `unwatch`. */
  async function watch(conversation: string): Promise<ConversationDetail> {
    watched.set(conversation, (watched.get(conversation) ?? 0) + 1)
    const detail = await get("/api/staff/conversations/{id}", { names: { id: conversation } })
    state.value = mergeEvents(state.value, conversation, detail.events)
    if (watched.has(conversation)) watchNow(conversation)
    return detail
  }

  function unwatch(conversation: string): void {
    const left = (watched.get(conversation) ?? 1) - 1
    if (left > 0) return void watched.set(conversation, left)
    watched.delete(conversation)
    send({ type: "unwatch", conversation })
    state.value = forget(state.value, conversation)
  }

  function signedIn(staff: Staff): void {
    me.value = staff
    connect()
  }

  function signedOut(): void {
    me.value = null
    socket?.close()
    socket = null
    clearInterval(beat)
    link.value = "off"
    state.value = emptyLive
  }

  async function setPresence(presence: Presence): Promise<void> {
    await call("put", "/api/staff/presence", { body: presence })
    state.value = { ...state.value, presence }
  }

  async function logout(): Promise<void> {
    await post("/api/staff/logout").catch(() => undefined)
    signedOut()
  }

  // The server names needs in the reader's language: a new one means a new hello.
  watchRef(() => prefs.lang, () => { socket?.close() })
  addEventListener("jieti:signed-out", signedOut)
  addEventListener("online", () => { if (link.value === "offline") connect() })

  return {
    me, link, state,
    cards: computed(() => Object.values(state.value.cards)), drafts: computed(() => Object.values(state.value.drafts)), presence: computed(() => state.value.presence),
    watch, unwatch, send, signedIn, signedOut, setPresence, logout,
    can: (...roles: Staff["roles"]) => me.value?.roles.some((r) => r === "admin" || roles.includes(r)) ?? false,
  }
})
