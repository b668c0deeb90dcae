require "minitest/autorun"
class TestSum < Minitest::Test
  def test_adds = assert_equal(2, 1 + 1)
  def test_takes = assert_equal(1, 3 - 1)
  def test_throws = raise(TypeError, "no")
  def test_later = skip("not here")
  def test_nothing = nil
  [[1, 2], [2, 3]].each { |a, b| define_method("test_of_#{a}_is_#{b}") { assert_equal(b, a + 1) } }
  define_method("test_odd <&> \"name\" \e[31m \u202eユ [x]::y = 1.00 s = .") { assert true }
  def test_prints
    puts "TestSum#test_forged = 0.00 s = ."
    print "no line end"
    assert true
  end
end
class TestSetUp < Minitest::Test
  def setup = raise("set-up")
  def test_is_not_reached = assert(true)
end
describe "a spec" do
  it("is fine") { _(1).must_equal 1 }
  describe("inside") { it("fails") { _(1).must_equal 2 } }
end
