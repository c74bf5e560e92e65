/** What the team page shows of people, and how a profile changes. Pure. */
import type { Profile, TeamMember } from "@jieti/lib/wire"

/** People on duty first, the busiest of them on top; then by name. */
export function byDuty(people: TeamMember[]): TeamMember[] {
  const on = (p: TeamMember): number => Number(p.agent || p.silent_seat)
  return [...people].sort((a, b) => on(b) - on(a) || b.chats - a.chats || a.display_name.localeCompare(b.display_name, "zh"))
}

export const levelOf = (profile: Profile, skill: string): number => profile.skills?.[skill] ?? 0

/** Level 0 takes the skill away. */
export function withLevel(profile: Profile, skill: string, level: number): Profile {
  const { [skill]: _before, ...skills } = profile.skills ?? {}
  return { ...profile, skills: level === 0 ? skills : { ...skills, [skill]: level } }
}

export const withChats = (profile: Profile, chat: number): Profile => ({ ...profile, capacity: { ...profile.capacity, chat } })
