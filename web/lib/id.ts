/** A fresh random id. `crypto.randomUUID` is missing on plain http, where demos on a local network live. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")
}
