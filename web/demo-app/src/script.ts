/** Scripts of Jieti's, each loaded once. */
const loading = new Map<string, Promise<void>>()

export function loadScript(path: string): Promise<void> {
  const known = loading.get(path)
  if (known) return known
  const loaded = new Promise<void>((done, failed) => {
    const script = document.createElement("script")
    script.src = path
    script.onload = () => done()
    script.onerror = () => failed(new Error(`${path} did not load; check the server`))
    document.head.append(script)
  })
  loading.set(path, loaded)
  return loaded
}
