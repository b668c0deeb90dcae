require "no_such_library_of_ours"
RSpec.describe("Load") { it("never") { } }
