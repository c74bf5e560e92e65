/** What somebody who looks elsewhere must hear of, from two states of the live service. Pure. */
import type { ConversationCard, ServerToStaff } from "@jieti/lib/wire"
import type { LiveState } from "./reducer.ts"

export type Alert =
  | { kind: "assigned" | "message" | "waiting" | "hand" | "draft" | "taken_away"; conversation: string; who: string | null; text: string }
  | { kind: "mention" | "alarm"; conversation: string; who: string | null; text: string }

export interface Me { id: string; supervisor: boolean }

/** A hello is a refetch, not news. */
export function alertsOf(before: LiveState, frame: ServerToStaff, me: Me): Alert[] {
  switch (frame.type) {
    case "card": return ofCard(before.cards[frame.card.id], frame.card, before.presence.agent, me)
    case "draft": return before.presence.silent_seat && !before.drafts[frame.draft.id] ? [{ kind: "draft", conversation: frame.draft.conversation, who: frame.draft.customer.name, text: frame.draft.question }] : []
    case "mention": return [{ kind: "mention", conversation: frame.conversation, who: frame.by, text: frame.text }]
    case "alarm": return [{ kind: "alarm", conversation: frame.alarm.conversation, who: frame.alarm.staff_name, text: frame.alarm.quote }]
    default: return []
  }
}

function ofCard(before: ConversationCard | undefined, now: ConversationCard, onDuty: boolean, me: Me): Alert[] {
  const mine = (c: ConversationCard | undefined): boolean => c?.stage.kind === "human" && (c.stage.staff === me.id || c.side.guests.some((g) => g.id === me.id))
  const base = { conversation: now.id, who: now.customer.name, text: now.last?.text ?? "" }
  if (mine(now) && !mine(before)) return [{ kind: "assigned", ...base }]
  if (mine(before) && !mine(now) && now.stage.kind === "human") return [{ kind: "taken_away", ...base, who: now.stage.staff_name }]
  if (mine(now) && now.last?.from === "customer" && now.last.at !== before?.last?.at) return [{ kind: "message", ...base }]
  if (me.supervisor && now.side.hand && !before?.side.hand && now.side.hand.staff !== me.id) return [{ kind: "hand", ...base, who: now.side.hand.name, text: now.side.hand.text }]
  if (onDuty && now.stage.kind === "waiting" && before?.stage.kind !== "waiting") return [{ kind: "waiting", ...base }]
  return []
}
