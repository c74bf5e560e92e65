/** Help offered to a customer before they ask, as the server sends it. */
import type { Message } from "./wire.ts"

export interface Guidance {
  /** The exposure: shown once, reported by this id. */
  id: string
  kind: "prompt" | "checklist" | "link" | "chat"
  title: string
  text: string
  items?: string[]
  /** A path of the app, as `app://cards`. */
  link?: string
  label?: string
  need?: string
  /** What the customer probably wants to ask, and the answer to it. */
  question?: string
  answer?: Message
}
export type GuidanceAct = "shown" | "clicked" | "dismissed"
