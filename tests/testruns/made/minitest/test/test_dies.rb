require "minitest/autorun"
class TestDies < Minitest::Test
  i_suck_and_my_tests_are_order_dependent!
  def test_a_first = assert(true)
  def test_b_leaves = exit!(0)
  def test_c_last = assert(false)
end
