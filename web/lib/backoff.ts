/** Milliseconds before try `attempt` (0-based): doubles from 0.5 s to 20 s, then ± 30 % so that clients do not come back together. `random` is in 0..1. */
export function backoff(attempt: number, random: number): number {
  const base = Math.min(20_000, 500 * 2 ** Math.min(attempt, 10))
  return Math.round(base * (0.7 + 0.6 * random))
}
