const test = require("tape")
no_such_function_of_ours()
test("never", (t) => { t.end() })
