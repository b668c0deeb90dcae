const test = require("tape")
test("comes first", (t) => { t.ok(true); t.end() })
test("throws", () => { throw new TypeError("no") })
test("comes last", (t) => { t.ok(false); t.end() })
