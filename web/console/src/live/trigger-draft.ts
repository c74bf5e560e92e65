/** A trigger that one area makes and another finishes. */
import type { Trigger } from "@jieti/lib/wire"

let draft: Trigger | null = null
export function keepDraft(trigger: Trigger): void { draft = trigger }
/** The draft, once. */
export function takeDraft(): Trigger | null {
  const taken = draft
  draft = null
  return taken
}
