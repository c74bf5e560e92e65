/** A flow as a vertical graph: rows by distance from the start, lanes within a row, arrows that go back on the side. Pure. */
import type { FlowStep } from "@jieti/lib/wire"

export interface Placed { step: FlowStep; x: number; y: number }
export interface Arrow { from: string; to: string; back: boolean; path: string }
export interface Drawing { nodes: Placed[]; arrows: Arrow[]; width: number; height: number }

export const box = { width: 172, height: 66, gapX: 20, gapY: 42 } as const

export function layout(steps: FlowStep[]): Drawing {
  const byId = new Map(steps.map((s) => [s.id, s]))
  const row = new Map<string, number>()
  const onPath = new Set<string>()
  const backs = new Set<string>()
  // Longest distance from the start over arrows that go on; an arrow to a step we are inside of goes back.
  const visit = (id: string, depth: number): void => {
    const known = row.get(id)
    if (known !== undefined && known >= depth) return
    row.set(id, depth)
    onPath.add(id)
    for (const next of byId.get(id)?.next ?? []) {
      if (!byId.has(next)) continue
      if (onPath.has(next)) backs.add(`${id}>${next}`)
      else visit(next, depth + 1)
    }
    onPath.delete(id)
  }
  for (const s of steps) if (!row.has(s.id)) visit(s.id, row.size === 0 ? 0 : Math.max(...row.values()) + 1)
  const rows: FlowStep[][] = []
  for (const s of steps) (rows[row.get(s.id) ?? 0] ??= []).push(s)
  // Steps stand below those that lead to them, so that arrows cross as little as possible.
  const offset = new Map<string, number>()
  rows.forEach((r) => {
    const from = new Map(r.map((s, j) => {
      const above = steps.filter((p) => p.next.includes(s.id) && offset.has(p.id) && !backs.has(`${p.id}>${s.id}`)).map((p) => offset.get(p.id) ?? 0)
      return [s.id, above.length > 0 ? above.reduce((a, b) => a + b, 0) / above.length : j] as const
    }))
    r.sort((a, b) => (from.get(a.id) ?? 0) - (from.get(b.id) ?? 0))
    r.forEach((s, j) => offset.set(s.id, j - (r.length - 1) / 2))
  })
  const wide = Math.max(1, ...rows.map((r) => r?.length ?? 0))
  const side = 48
  const inner = wide * box.width + (wide - 1) * box.gapX
  const nodes: Placed[] = []
  rows.forEach((r, i) => {
    const width = r.length * box.width + (r.length - 1) * box.gapX
    r.forEach((step, j) => nodes.push({ step, x: side + (inner - width) / 2 + j * (box.width + box.gapX), y: 16 + i * (box.height + box.gapY) }))
  })
  const at = new Map(nodes.map((n) => [n.step.id, n]))
  const arrows: Arrow[] = []
  let lane = 0
  for (const n of nodes) {
    n.step.next.forEach((next, k) => {
      const target = at.get(next)
      if (!target) return
      const back = backs.has(`${n.step.id}>${next}`) || target.y <= n.y
      const spread = (k - (n.step.next.length - 1) / 2) * 36
      const x1 = n.x + box.width / 2 + spread
      const x2 = target.x + box.width / 2
      const far = target.y - n.y > box.height + box.gapY + 1
      let path: string
      if (back || (far && blocked(nodes, n, target))) {
        // Around the outside, and only through the gaps between rows: no arrow runs behind a step.
        const step = lane++ % 4
        const x = back ? side - 12 - step * 9 : side + inner + 12 + step * 9
        const [out, into] = [n.y + box.height + 8 + step * 3, target.y - 10 - step * 3]
        const x3 = x2 + (back ? -24 : 24)
        path = `M${x1} ${n.y + box.height}V${out}H${x}V${into}H${x3}V${target.y}`
      } else {
        const [y1, y2] = [n.y + box.height, target.y]
        path = `M${x1} ${y1}C${x1} ${y1 + 24} ${x2} ${y2 - 24} ${x2} ${y2}`
      }
      arrows.push({ from: n.step.id, to: next, back, path })
    })
  }
  return { nodes, arrows, width: inner + side * 2, height: rows.length * (box.height + box.gapY) + 8 }
}

function blocked(nodes: Placed[], from: Placed, to: Placed): boolean {
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x) + box.width]
  return nodes.some((o) => o.y > from.y && o.y < to.y && o.x < right && o.x + box.width > left)
}
