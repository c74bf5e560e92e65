/** Watches the page's own requests and tells those that failed: path without ids, code, milliseconds. Never a body, header or query. */
import { nameOf, pathName } from "./names.ts"

export type Failed = (target: string, code: string, ms: number) => void

/** Begins to watch; the function given back ends it. `mine` are addresses that are not the app's. */
export function watchRequests(scope: typeof globalThis, base: string, mine: (url: URL) => boolean, failed: Failed): () => void {
  const tell = (address: string, code: string, since: number): void => {
    const url = new URL(address, base)
    if (url.origin === new URL(base).origin && !mine(url)) failed(pathName(url.pathname), nameOf(code), Math.round(performance.now() - since))
  }
  const plain = scope.fetch
  scope.fetch = async (input, init) => {
    const since = performance.now()
    const address = input instanceof Request ? input.url : String(input)
    try {
      const response = await plain.call(scope, input, init)
      if (response.status >= 400) tell(address, `E${response.status}`, since)
      return response
    } catch (e) {
      if (!(e instanceof Error && e.name === "AbortError")) tell(address, "network", since)
      throw e
    }
  }
  const undoXhr = scope.XMLHttpRequest ? watchXhr(scope.XMLHttpRequest.prototype, tell) : () => undefined
  return () => {
    scope.fetch = plain
    undoXhr()
  }
}

function watchXhr(proto: XMLHttpRequest, tell: (address: string, code: string, since: number) => void): () => void {
  const { open, send } = proto
  const addresses = new WeakMap<XMLHttpRequest, string>()
  proto.open = function opened(this: XMLHttpRequest, ...args: Parameters<typeof open>): void {
    addresses.set(this, String(args[1]))
    open.apply(this, args)
  } as typeof open
  proto.send = function sent(this: XMLHttpRequest, body): void {
    const since = performance.now()
    const address = addresses.get(this)
    if (address !== undefined) {
      this.addEventListener("load", () => { if (this.status >= 400) tell(address, `E${this.status}`, since) })
      this.addEventListener("error", () => tell(address, "network", since))
      this.addEventListener("timeout", () => tell(address, "timeout", since))
    }
    send.call(this, body)
  }
  return () => { Object.assign(proto, { open, send }) }
}
