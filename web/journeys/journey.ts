/** What every journey begins and ends with: a server, a browser, and no error in any page. */
import type { Browser } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect } from "vitest"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Demo } from "./demo.ts"
import { Stage, openBrowser } from "./people.ts"

/** Failed journeys leave pictures of every page here. */
export const pictures = process.env["JOURNEY_PICTURES"] ?? join(tmpdir(), "jieti-journeys")

export function journey(): Stage {
  let demo: Demo | undefined
  let browser: Browser | undefined
  const stage = new Stage()
  beforeAll(async () => {
    ;[demo, browser] = await Promise.all([Demo.start(), openBrowser()])
    stage.begin(browser, demo)
  })
  afterEach(async (test) => {
    if (test.task.result?.state === "fail") await stage.pictures(pictures, test.task.name.replaceAll(/\W+/g, "-"))
    const wrong = stage.wrong.splice(0)
    await stage.end()
    expect(wrong, "errors in the pages").toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await demo?.stop()
  })
  return stage
}
