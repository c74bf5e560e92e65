/** `jieti demo` as a child process: its own folder, its own free ports, gone with the test. Waits on what it prints. */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "../..")
/** The binary under test: JIETI_BIN, or what `cargo build -p jieti` made. */
const debug = process.env["JIETI_BIN"] ?? join(root, "target/debug/jieti")
/** The first start reads the pack and trains on it; a debug build on two busy cores takes the longest. */
const startsWithinMs = 60_000

/** A release binary carries the pages it was built with; one older than `npm run build` would show yesterday's. */
function fastest(): string {
  const [release, pages] = [join(root, "target/release/jieti"), join(root, "web/dist/console/index.html")]
  const fresh = existsSync(release) && existsSync(pages) && statSync(release).mtimeMs > statSync(pages).mtimeMs
  return process.env["JIETI_BIN"] ?? (fresh ? release : debug)
}
export const binary = { debug, fastest: fastest() }

export class Demo {
  readonly data = mkdtempSync(join(tmpdir(), "jieti-demo-"))
  url = ""
  private child: ChildProcess | null = null
  private constructor(private readonly bin: string) {}

  static async start(bin = binary.debug): Promise<Demo> {
    const demo = new Demo(bin)
    await demo.run(0)
    return demo
  }

  private run(port: number): Promise<void> {
    const child = spawn(this.bin, ["demo", "--data", this.data, "--port", String(port), "--lender-port", "0", "--messages-per-minute", "600", "--no-crowd"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
    this.child = child
    let said = ""
    return new Promise((ready, failed) => {
      const late = setTimeout(() => { child.kill("SIGKILL"); failed(new Error(`${this.bin} was not up after ${startsWithinMs / 1000} s:\n${said}`)) }, startsWithinMs)
      const hear = (chunk: Buffer): void => {
        said = (said + chunk.toString()).slice(-8_000)
        const found = /loan app\s+(http:\/\/[\d.:]+)\/demo\//.exec(said)
        if (!found?.[1] || !/log in as/.test(said)) return
        clearTimeout(late)
        this.url = found[1]
        ready()
      }
      child.stdout?.on("data", hear)
      child.stderr?.on("data", hear)
      child.once("error", (e) => { clearTimeout(late); failed(new Error(`${this.bin} does not start (${e.message}); build it with cargo build -p jieti, or set JIETI_BIN`)) })
      child.once("exit", (code) => { clearTimeout(late); failed(new Error(`${this.bin} ended with ${code}:\n${said}`)) })
    })
  }

  /** kill -9: no goodbye, no flush. */
  async kill(): Promise<void> {
    const child = this.child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise<void>((done) => child.once("exit", () => done()))
    child.kill("SIGKILL")
    await gone
    this.child = null
  }

  /** The same data on the same port. */
  async restart(): Promise<void> { await this.run(Number(new URL(this.url).port)) }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.data, { recursive: true, force: true })
  }

  async json<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path)
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
}
