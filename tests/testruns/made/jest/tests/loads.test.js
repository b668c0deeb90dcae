const assert = require("node:assert")
import_no_such_function_of_ours()
it("never", () => {})
