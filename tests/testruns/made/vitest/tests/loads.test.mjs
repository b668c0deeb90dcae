import assert from "node:assert"
import { beforeAll, describe, it } from "vitest"
import_no_such_function_of_ours()
it("never", () => {})
