const assert = require("node:assert")
const { describe, it, before } = require("node:test")
import_no_such_function_of_ours()
it("never", () => {})
