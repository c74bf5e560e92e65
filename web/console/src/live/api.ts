/** HTTP calls of the staff, typed by the API's document. One place turns a refusal into something a person can act on. */
import type { ApiError, paths } from "@jieti/lib/wire"
import { prefs } from "./prefs.ts"

type Method = "get" | "post" | "put" | "delete"
type With<M extends Method> = { [P in keyof paths]: paths[P][M] extends { responses: unknown } ? P : never }[keyof paths]
type Names<O> = O extends { parameters: { path: infer N } } ? N : undefined
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B : undefined
type Answer<O> = O extends { responses: { 200: { content: { "application/json": infer A } } } } ? A : null
type Query<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never
/** What goes in: names for the `{…}` of the path, and a body; neither may be left out where the document has it. */
type Given<O> = { query?: Query<O> } & (Names<O> extends undefined ? { names?: undefined } : { names: Names<O> }) & (Body<O> extends undefined ? { body?: undefined } : { body: Body<O> })
type Args<O> = Names<O> extends undefined ? (Body<O> extends undefined ? [given?: Given<O>] : [given: Given<O>]) : [given: Given<O>]

export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly problems: string[] = []) { super(message) }
}

export async function call<M extends Method, P extends With<M>>(method: M, path: P, ...[given]: Args<paths[P][M]>): Promise<Answer<paths[P][M]>> {
  const names: Record<string, string | number> = given?.names ?? {}
  const query = new URLSearchParams(Object.entries(given?.query ?? {}).map(([name, value]) => [name, String(value)])).toString()
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? "")) + (query && `?${query}`)
  let response: Response
  try {
    response = await fetch(url, {
      method: method.toUpperCase(), credentials: "same-origin",
      headers: { "accept-language": prefs.lang, ...(given?.body === undefined ? {} : { "content-type": "application/json" }) },
      ...(given?.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    })
  } catch {
    throw new Refused(0, "network", prefs.lang === "zh-CN" ? "网络不通，请检查连接后重试" : "no connection; check the network and try again")
  }
  const text = await response.text()
  const json: unknown = text === "" ? null : parse(text)
  if (response.ok) return json as Answer<paths[P][M]>
  const said = (json ?? {}) as Partial<ApiError>
  if (response.status === 401 && url !== "/api/staff/login" && url !== "/api/staff/me") dispatchEvent(new Event("jieti:signed-out"))
  throw new Refused(response.status, said.code ?? `http.${response.status}`, said.message ?? `HTTP ${response.status}`, said.problems)
}

function parse(text: string): unknown {
  try { return JSON.parse(text) } catch { return null }
}

export const get = <P extends With<"get">>(path: P, ...args: Args<paths[P]["get"]>): Promise<Answer<paths[P]["get"]>> => call("get", path, ...args)
export const post = <P extends With<"post">>(path: P, ...args: Args<paths[P]["post"]>): Promise<Answer<paths[P]["post"]>> => call("post", path, ...args)
export const why = (e: unknown): string => (e instanceof Error ? e.message : String(e))
