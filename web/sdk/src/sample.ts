/** The visitor's place between 0 and 1, always the same (FNV-1a). */
export function share(visitor: string): number {
  let hash = 0x811c9dc5
  for (const c of visitor) hash = Math.imul(hash ^ (c.codePointAt(0) ?? 0), 0x01000193)
  // The last digits of ids that differ little hardly reach the upper bits: mix once more.
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}
