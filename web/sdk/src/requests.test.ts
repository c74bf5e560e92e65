// The page's own requests against a real server.
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, it } from "vitest"
import { watchRequests } from "./requests.ts"

let server: Server
let base = ""
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url?.startsWith("/cut")) return request.socket.destroy()
    response.writeHead(Number(/\/(\d{3})/.exec(request.url ?? "")?.[1] ?? 200)).end("secret body")
  })
  await new Promise<void>((up) => server.listen(0, "127.0.0.1", up))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

it("tells the path without ids, the code and the time of what failed, and lets everything through", async () => {
  const told: [string, string][] = []
  const plain = globalThis.fetch
  const undo = watchRequests(globalThis, base, (url) => url.pathname.startsWith("/api/customer/"), (target, code, ms) => {
    expect(ms).toBeGreaterThanOrEqual(0)
    told.push([target, code])
  })
  expect((await fetch(`${base}/api/loans/L20260815?phone=13800138000`)).status).toBe(200)
  expect(await (await fetch(`${base}/api/loans/L20260815/504?phone=13800138000`)).text()).toBe("secret body")
  await expect(fetch(new Request(`${base}/cut/me`))).rejects.toThrow()
  await fetch(`${base}/api/customer/404`)
  await expect(fetch(`${base}/slow`, { signal: AbortSignal.abort() })).rejects.toThrow()
  undo()
  expect(globalThis.fetch).toBe(plain)
  await fetch(`${base}/500`)
  expect(told).toEqual([["api/loans/_/504", "E504"], ["cut/me", "network"]])
})
