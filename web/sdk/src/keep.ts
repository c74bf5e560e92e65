/** Queues in the browser's storage: what one page could not send, the next one does. Storage may be forbidden: then nothing outlives the page. */
import type { Kept } from "./queue.ts"

const prefix = "jieti.behaviour."
/** A page that has not touched its queue for so long is gone; background tabs are woken once a minute. */
const goneMs = 180_000
const oldestMs = 7 * 86_400_000

export function keep(kept: Kept): void {
  if (kept.numbered.length + kept.waiting.length === 0) return drop(kept.stream)
  try { localStorage.setItem(prefix + kept.stream, JSON.stringify(kept)) } catch { /* full or forbidden: see above */ }
}

export function drop(stream: string): void {
  try { localStorage.removeItem(prefix + stream) } catch { /* forbidden: see above */ }
}

/** The queues of this customer that no page holds any more, now held by this one. */
export function adopt(who: string, now: number): Kept[] {
  const found: Kept[] = []
  try {
    for (const key of Object.keys(localStorage).filter((k) => k.startsWith(prefix))) {
      const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Kept | null
      if (!kept || now - kept.touched > oldestMs) localStorage.removeItem(key)
      else if (kept.who === who && (kept.closed || now - kept.touched > goneMs)) found.push({ ...kept, touched: now, closed: false })
    }
  } catch { /* forbidden, or not ours: see above */ }
  found.forEach(keep)
  return found.sort((a, b) => a.touched - b.touched)
}

export function visitor(fresh: string): string {
  try {
    const known = localStorage.getItem("jieti.visitor")
    if (known) return known
    localStorage.setItem("jieti.visitor", fresh)
  } catch { /* forbidden: a visitor of one page */ }
  return fresh
}
