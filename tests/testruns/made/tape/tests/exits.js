const test = require("tape")
test("comes first", (t) => { t.ok(true); t.end() })
test("leaves", () => { process.exit(0) })
test("comes last", (t) => { t.ok(false); t.end() })
