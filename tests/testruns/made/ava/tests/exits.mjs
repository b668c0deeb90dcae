import test from "ava"
test.serial("comes first", (t) => { t.pass() })
test.serial("leaves", () => { process.exit(0) })
test.serial("comes last", (t) => { t.fail() })
