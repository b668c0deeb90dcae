const assert = require("node:assert")
it("comes first", () => { assert.ok(true) })
it("leaves", () => { process.exit(0) })
it("comes last", () => { assert.ok(false) })
