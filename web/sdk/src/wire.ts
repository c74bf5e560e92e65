/** What goes over the wire. Types only. */
import type { Guidance } from "@jieti/lib/guidance"

export type Act = "page" | "step" | "click" | "field_error" | "api_error" | "rage_click" | "back" | "hidden" | "visible" | "leave" | "outcome"
export type Platform = "h5" | "ios" | "android" | "mini_program"
export type Consent = "none" | "service" | "guidance"
/** `at` is the phone's clock in milliseconds; `value` is milliseconds or a count, as the act says. */
export interface Happening { at: number; act: Act; page: string; target?: string; code?: string; value?: number }
export type Numbered = Happening & { n: number }
/** What is the same for every batch of a stream. */
export interface Head { consent: Exclude<Consent, "none">; platform: Platform; version?: string; network?: "wifi" | "cell" | "offline" }
export interface Answer { stored: number; doubled: number; refused: { n: number; field: string; why: string }[]; guidance: Guidance[] }
