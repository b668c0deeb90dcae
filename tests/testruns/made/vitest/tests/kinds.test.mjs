import assert from "node:assert"
import { beforeAll, describe, it } from "vitest"
describe("sum", () => {
  it("adds", () => { assert.equal(1 + 1, 2) })
  it("takes", () => { assert.equal(3 - 1, 1) })
  it("throws", () => { throw new TypeError("no") })
  it.skip("is off", () => { throw new Error("never") })
  it.todo("is to come")
  it.each([3, 4])("each %i", (n) => { assert.ok(n > 2) })
  it.fails("is known to fail", () => { assert.ok(false) })
  for (const [a, b] of [[1, 2], [2, 3]]) it(`of ${a} is ${b}`, () => { assert.equal(a + 1, b) })
  it("odd <&> \"name\"\n\u001b[31m \u202eユ [x]::y > z › # SKIP", () => { assert.ok(true) })
  it("twice", () => { assert.ok(true) })
  it("twice", () => { assert.ok(false) })
  describe("with a broken hook", () => {
    beforeAll(() => { throw new Error("hook") })
    it("is not reached", () => { assert.ok(true) })
  })
})
