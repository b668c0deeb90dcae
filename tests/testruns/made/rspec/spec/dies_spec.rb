RSpec.describe "Dies" do
  it("comes first") { expect(1).to eq(1) }
  it("dies") { exit!(0) }
  it("comes last") { expect(1).to eq(2) }
end
