/** From an inspection to what the eye follows: marked words, and where to look next. Pure. */
import type { Finding, InspectionCard, Severity } from "@jieti/lib/wire"

export interface Piece { text: string; severity: Severity | null }

const rank: Record<Severity, number> = { minor: 0, major: 1, critical: 2 }

/** The worse of two. */
export const worse = (a: Severity | null, b: Severity): Severity => (a !== null && rank[a] >= rank[b] ? a : b)

/** The text cut at the quotes of the findings that count; a quote that is not in it marks nothing. */
export function marked(text: string, findings: Finding[]): Piece[] {
  const marks: (Severity | null)[] = Array.from({ length: text.length }, () => null)
  for (const f of findings.filter((f) => f.counts && f.quote !== "")) {
    const from = text.indexOf(f.quote)
    if (from < 0) continue
    for (let i = 0; i < f.quote.length; i++) marks[from + i] = worse(marks[from + i] ?? null, f.severity)
  }
  const pieces: Piece[] = []
  marks.forEach((severity, i) => {
    const last = pieces.at(-1)
    if (last && last.severity === severity) last.text += text.charAt(i)
    else pieces.push({ text: text.charAt(i), severity })
  })
  return pieces
}

/** One step through a list of ids; stays at the ends, begins at the first. */
export function step(ids: string[], at: string | null, by: 1 | -1): string | null {
  const place = at === null ? -1 : ids.indexOf(at)
  if (place < 0) return ids[0] ?? null
  return ids[Math.max(0, Math.min(ids.length - 1, place + by))] ?? null
}

/** The finding that a reviewer looks at first: the worst that nobody has judged, else the worst. */
export function firstToJudge(findings: Finding[]): string | null {
  const order = [...findings].sort((a, b) => Number(b.verdict === "open") - Number(a.verdict === "open") || rank[b.severity] - rank[a.severity] || a.seq - b.seq)
  return order[0]?.id ?? null
}

export const tone = (c: Pick<InspectionCard, "score" | "critical">): "bad" | "warn" | "good" => (c.critical > 0 || c.score < 60 ? "bad" : c.score < 85 ? "warn" : "good")
