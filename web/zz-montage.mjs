import { chromium } from "playwright-core"
import { readFileSync } from "node:fs"
const [out, ...fs] = process.argv.slice(2)
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] })
const p = await b.newPage({ viewport: { width: 100, height: 100 } })
await p.setContent(`<body style="margin:0;background:#888;display:inline-flex;gap:8px">${fs.map((f) => `<img src="data:image/png;base64,${readFileSync(f).toString("base64")}">`).join("")}</body>`)
await p.waitForTimeout(200)
await p.locator("body").screenshot({ path: out }); await b.close()
