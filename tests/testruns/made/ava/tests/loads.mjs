import test from "ava"
no_such_function_of_ours()
test("never", (t) => { t.pass() })
