/** The thread as rows of the screen. Pure: decides what is shown, not how. */
import { canPress, canSubmit, company, isChecking, type Pending, type Thread } from "@jieti/lib/thread"
import type { CardRow, CustomerEvent, Message } from "@jieti/lib/wire"

export type Row =
  | { kind: "mine"; key: string; text: string | null; rows: CardRow[] | null; at: number; state: "sending" | "saved" | "failed" | null; problem: string | null; clientId: string }
  | { kind: "theirs"; key: string; seq: number; message: Message; from: "bot" | "reviewed" | "agent"; name: string | null; labelled: boolean; at: number; enabled: boolean[]; formOpen: boolean; rated: 1 | -1 | null; ratable: boolean }
  | { kind: "line"; key: string; what: "waiting"; position: number | null; expectedWaitSecs: number | null; current: boolean }
  | { kind: "line"; key: string; what: "joined"; name: string }
  | { kind: "line"; key: string; what: "ticket"; ticket: string; promisedBy: number }
  | { kind: "line"; key: string; what: "left" | "closed" | "checking" | "earlier" }
  | { kind: "time"; key: string; at: number }
  | { kind: "typing"; key: string; from: "bot" | "agent" }

/** A silence longer than this is marked with the time. */
const silenceMs = 10 * 60_000

export function present(thread: Thread): Row[] {
  const rows: Row[] = []
  let lastAt = 0
  const stamp = (at: number, key: string): void => {
    if (at - lastAt > silenceMs) rows.push({ kind: "time", key: `time-${key}`, at })
    lastAt = at
  }
  for (const [past, events] of [[true, thread.earlier], [false, thread.events]] as const) {
    events.forEach((event, i) => {
      const key = `${past ? `past${i}` : thread.conversation}-${event.seq}`
      stamp(event.at, key)
      const row = eventRow(event, key, thread, past, events[i + 1])
      if (row) rows.push(row)
    })
    if (past && events.length > 0) rows.push({ kind: "line", key: "earlier", what: "earlier" })
  }
  for (const pending of thread.pending) rows.push(pendingRow(pending))
  if (isChecking(thread)) rows.push({ kind: "line", key: "checking", what: "checking" })
  else if (thread.typing) rows.push({ kind: "typing", key: "typing", from: thread.typing.from })
  return rows
}

function eventRow(event: CustomerEvent, key: string, thread: Thread, past: boolean, next: CustomerEvent | undefined): Row | null {
  const { body, seq, at } = event
  switch (body.kind) {
    case "customer_said": return { kind: "mine", key: body.client_id, text: body.text, rows: null, at, state: null, problem: null, clientId: body.client_id }
    case "customer_pressed": return { kind: "mine", key: body.client_id, text: body.label, rows: null, at, state: null, problem: null, clientId: body.client_id }
    case "customer_submitted": return { kind: "mine", key: body.client_id, text: null, rows: body.rows, at, state: null, problem: null, clientId: body.client_id }
    case "said": {
      const from = body.from === "agent" ? "agent" : body.reviewed ? "reviewed" : "bot"
      const formOpen = !past && body.message.form !== undefined && canSubmit(seq, thread)
      const sameNext = next?.body.kind === "said" && next.body.from === body.from && next.body.name === body.name && next.body.reviewed === body.reviewed
      return {
        kind: "theirs", key, seq, message: body.message, from, name: body.name, labelled: !sameNext || body.message.form !== undefined, at, formOpen,
        enabled: (body.message.buttons ?? []).map((b) => !past && canPress(b.action, seq, thread)),
        rated: thread.rated[`${thread.conversation}:${seq}`] ?? null,
        ratable: !past && from !== "agent" && !sameNext && body.message.form === undefined && seq > 1,
      }
    }
    case "checking": return null
    case "waiting": {
      const current = !past && company(thread).who === "waiting" && !thread.events.some((e) => e.seq > seq && e.body.kind === "waiting")
      return {
        kind: "line", key, what: "waiting", current, position: current ? thread.queue?.position ?? body.position : body.position,
        expectedWaitSecs: current ? thread.queue?.expectedWaitSecs ?? null : null,
      }
    }
    case "joined": return { kind: "line", key, what: "joined", name: body.name }
    case "left": return { kind: "line", key, what: "left" }
    case "ticket": return { kind: "line", key, what: "ticket", ticket: body.ticket, promisedBy: body.promised_by }
    case "closed": return { kind: "line", key, what: "closed" }
  }
}

function pendingRow(p: Pending): Row {
  return {
    kind: "mine", key: p.clientId, text: p.shown.kind === "text" ? p.shown.text : null, rows: p.shown.kind === "rows" ? p.shown.rows : null,
    at: p.at, state: p.state, problem: p.problem, clientId: p.clientId,
  }
}
