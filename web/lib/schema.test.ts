// The types are the API's: generated, never edited, never old.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import openapiTS, { COMMENT_HEADER, astToString, type OpenAPI3 } from "openapi-typescript"
import { expect, it } from "vitest"

it("schema.d.ts is what npm run generate makes of crates/api/openapi.json", async () => {
  const lib = import.meta.dirname
  const document = JSON.parse(readFileSync(join(lib, "../../crates/api/openapi.json"), "utf8")) as OpenAPI3
  expect(readFileSync(join(lib, "schema.d.ts"), "utf8")).toBe(COMMENT_HEADER + astToString(await openapiTS(document)))
})
