RSpec.describe "Sum" do
  it("adds") { expect(1 + 1).to eq(2) }
  it("takes") { expect(3 - 1).to eq(1) }
  it("throws") { raise TypeError, "no" }
  it("is off", skip: "not here") { raise "never" }
  it("is to come") { pending("by and by"); expect(1).to eq(2) }
  it("is done early") { pending("by and by"); expect(1).to eq(1) }
  it("has no block")
  it { expect(1).to eq(1) }
  [[1, 2], [2, 3]].each { |a, b| it("of #{a} is #{b}") { expect(a + 1).to eq(b) } }
  it("odd <&> \"name\"\n\e[31m \u202eユ [x]::y#z") { expect(1).to eq(1) }
  it("twice") { expect(1).to eq(1) }
  it("twice") { expect(1).to eq(2) }
  context "with a broken hook" do
    before { raise "hook" }
    it("is not reached") { expect(1).to eq(1) }
  end
  context "with a broken hook of all" do
    before(:all) { raise "hook of all" }
    it("is not reached either") { expect(1).to eq(1) }
  end
  context "after all" do
    after(:all) { raise "late" }
    it("is well") { expect(1).to eq(1) }
  end
end
