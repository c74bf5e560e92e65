/** Builds elements. Text is always text: there is no way to give it markup. */

type Child = Node | string | null | false
type Attributes = Record<string, string | number | boolean | EventListener | null | undefined>

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag)
  apply(node, attributes)
  node.append(...children.filter((c): c is Node | string => c !== null && c !== false))
  return node
}

export function icon(path: string, size = 20): SVGSVGElement {
  const ns = "http://www.w3.org/2000/svg"
  const svg = document.createElementNS(ns, "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("width", String(size))
  svg.setAttribute("height", String(size))
  svg.setAttribute("aria-hidden", "true")
  svg.setAttribute("class", "icon")
  for (const d of path.split("|")) {
    const line = document.createElementNS(ns, "path")
    line.setAttribute("d", d)
    svg.append(line)
  }
  return svg
}

function apply(node: HTMLElement, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === "function") node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? "" : String(value))
  }
}

export interface Keyed { key: string; signature: string; build: () => HTMLElement }

/** Makes `parent` hold exactly `items` in order, rebuilding only what changed, so focus, typing and animation survive. */
export function reconcile(parent: HTMLElement, items: Keyed[]): void {
  const old = new Map<string, HTMLElement>()
  for (const child of Array.from(parent.children)) {
    if (child instanceof HTMLElement && child.dataset["key"]) old.set(child.dataset["key"], child)
  }
  let at: Element | null = parent.firstElementChild
  for (const item of items) {
    let node = old.get(item.key)
    if (node && node.dataset["signature"] !== item.signature) {
      const rebuilt = mark(item)
      rebuilt.classList.add("still")
      if (at === node) at = rebuilt
      node.replaceWith(rebuilt)
      node = rebuilt
    }
    node ??= mark(item)
    old.delete(item.key)
    if (at === node) at = node.nextElementSibling
    else parent.insertBefore(node, at)
  }
  for (const gone of old.values()) gone.remove()
}

function mark(item: Keyed): HTMLElement {
  const node = item.build()
  node.dataset["key"] = item.key
  node.dataset["signature"] = item.signature
  return node
}
