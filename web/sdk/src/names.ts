/** Makes names that the server takes of what a page has: its paths, attributes and codes. Pure. What a customer typed never comes here. */

const longest = 64
/** So many digits in a path's segment are an id; the app's own names do with fewer. */
const digitsOfId = 4
/** So many digits in a row may be part of a phone or card number: the server refuses them. */
const digitsRefused = 6

/** A developer's own name of an element, field or code: what is not of the grammar becomes `_`. */
export function nameOf(raw: string): string {
  const legal = raw.trim().replace(/[^A-Za-z0-9/_.:-]+/g, "_").slice(0, longest)
  return hasNumber(legal) ? legal.replace(/\d/g, "_") : legal || "_"
}

/** A path without its ids: `/loans/L20260815/plan` is `loans/_/plan`. Query and fragment are cut off. */
export function pathName(path: string): string {
  const clean = (path.split(/[?#]/)[0] ?? "").split("/").filter((s) => s !== "").map(segment)
  let name = clean.join("/")
  while (name.length > longest) {
    clean.pop()
    name = clean.join("/")
  }
  if (name === "") return "index"
  return hasNumber(name) ? name.replace(/\d/g, "_") : name
}

function segment(s: string): string {
  const digits = s.replace(/\D/g, "").length
  return /^[A-Za-z0-9_.:-]{1,32}$/.test(s) && digits < digitsOfId ? s : "_"
}

/** As the server counts: separators inside a number do not end it. */
function hasNumber(name: string): boolean {
  return new RegExp(`\\d([-.:]*\\d){${digitsRefused - 1}}`).test(name)
}
