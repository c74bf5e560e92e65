/** What goes over the wire. Types only. */
import type { BehaviourAct, Platform } from "@jieti/lib/wire"

export type { Platform }
export type Act = BehaviourAct
export type Consent = "none" | "service" | "guidance"
/** `at` is the phone's clock in milliseconds; `value` is milliseconds or a count, as the act says. */
export interface Happening { at: number; act: Act; page: string; target?: string; code?: string; value?: number }
export type Numbered = Happening & { n: number }
/** What is the same for every batch of a stream. */
export interface Head { consent: Exclude<Consent, "none">; platform: Platform; version?: string; network?: "wifi" | "cell" | "offline" }
