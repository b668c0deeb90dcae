import assert from "node:assert"
import { beforeAll, describe, it } from "vitest"
it("comes first", () => { assert.ok(true) })
it("leaves", () => { process.exit(0) })
it("comes last", () => { assert.ok(false) })
