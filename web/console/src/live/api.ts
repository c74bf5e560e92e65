/** HTTP calls of the staff. One place turns a refusal into something a person can act on. */
export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly problems: string[] = []) { super(message) }
}

export async function call<T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/api${path}`, {
      method, credentials: "same-origin",
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    })
  } catch {
    throw new Refused(0, "network", navigator.language.startsWith("zh") ? "网络不通，请检查连接后重试" : "no connection; check the network and try again")
  }
  const text = await response.text()
  const json: unknown = text === "" ? null : parse(text)
  if (response.ok) return json as T
  const said = (json ?? {}) as { code?: string; message?: string; problems?: string[] }
  if (response.status === 401 && !path.startsWith("/staff/login") && !path.startsWith("/staff/me")) dispatchEvent(new Event("jieti:signed-out"))
  throw new Refused(response.status, said.code ?? `http.${response.status}`, said.message ?? `HTTP ${response.status}`, said.problems)
}

function parse(text: string): unknown {
  try { return JSON.parse(text) } catch { return null }
}

export const get = <T>(path: string): Promise<T> => call<T>("GET", path)
export const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>("POST", path, body)
export const why = (e: unknown): string => (e instanceof Error ? e.message : String(e))
