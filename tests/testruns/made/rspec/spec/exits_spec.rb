RSpec.describe "Exits" do
  it("comes first") { expect(1).to eq(1) }
  it("leaves") { exit 0 }
  it("comes last") { expect(1).to eq(2) }
end
