"""C and C++: ways to make a test weaker."""

from __future__ import annotations

from tests.pipeline.verification.weak_rows import sub

GTEST, CATCH, UNITY, PLAIN = "tests/sum_test.cc", "tests/sum.cpp", "test/test_sum.c", "tests/sum.c"
G = """\
#include <gtest/gtest.h>
#include "sum.h"

#define EXPECTED 3

static const double CLOSE = 1e-9;
struct Row {
  int a, b, sum;
};
static const Row ROWS[] = {{1, 2, 3}, {2, 2, 4}};

static void check(int got, int want) { ASSERT_EQ(got, want) << "no"; }

class Sums : public ::testing::Test {
 protected:
  void SetUp() override { sum = make(2); }
  Sum sum;
};

TEST(Sum, Adds) {
  auto got = add(1, 2);
  EXPECT_EQ(EXPECTED, got) << "why";
  EXPECT_LT(got, 9);
  EXPECT_NEAR(ratio(1, 2), 0.5, CLOSE);
  EXPECT_THROW(add(0, -1), std::invalid_argument);
  EXPECT_STREQ("a", name());
  EXPECT_TRUE(is_even(2) && !is_even(3));
}

TEST_F(Sums, Rows) {
  for (const auto& row : ROWS) {
    EXPECT_EQ(add(row.a, row.b), row.sum);
  }
  check(sum.total(), 4);
}

TEST_P(Each, Works) {
  if (!is_even(GetParam())) {
    FAIL() << "odd";
  }
}

INSTANTIATE_TEST_SUITE_P(All, Each, ::testing::Values(2, 4));
"""
C = """\
#include <catch2/catch_test_macros.hpp>
#include "sum.hpp"

TEST_CASE("sums are made", "[sum]") {
  Sum sum;
  SECTION("of two") {
    REQUIRE(sum.add(1, 2) == 3);
    CHECK_FALSE(sum.add(1, 2) == 4);
  }
  SECTION("of wrong ones") {
    CHECK_THROWS_AS(sum.add(0, -1), std::invalid_argument);
    CHECK(sum.count() < 10);
  }
}

TEST_CASE("sums are shown") {
  CHECK(show(3) == "3");
}
"""
U = """\
#include "unity.h"
#include "sum.h"

void setUp(void) {}
void tearDown(void) {}

static int twice(int n) { return add(n, n); }

void test_adds(void) {
  TEST_ASSERT_EQUAL_INT(3, add(1, 2));
  TEST_ASSERT_FLOAT_WITHIN(0.01, 0.5, ratio(1, 2));
  TEST_ASSERT_EQUAL_INT_MESSAGE(4, twice(2), "twice");
}

void test_nothing(void) {
  TEST_ASSERT_NULL(find(9));
  TEST_ASSERT_GREATER_THAN(2, count());
}

int main(void) {
  UNITY_BEGIN();
  RUN_TEST(test_adds);
  RUN_TEST(test_nothing);
  return UNITY_END();
}
"""
P = """\
#include <assert.h>
#include <stdio.h>
#include "sum.h"

static int failures;
#define MINE(x) do { if (!(x)) { failures++; } } while (0)

static int goes_round(int new) {
  if (back(there(new)) != new) {
    return 1;
  }
  return 0;
}

int main(void) {
  assert(add(1, 2) == 3);
  MINE(add(2, 2) == 4);
  if (take(3, 1) != 2) {
    puts("no");
    return 1;
  }
  failures += goes_round(5);
  return failures;
}
"""
C_WEAK = [
    ("c: an assertion goes", GTEST, G, sub(G, "  EXPECT_LT(got, 9);\n", ""), "weak_removed"),
    ("c: a test goes", GTEST, G, G[: G.index("TEST_F")] + G[G.index("TEST_P") :], "weak_deleted"),
    ("c: disabled", GTEST, G, sub(G, "Sum, Adds", "Sum, DISABLED_Adds"), "weak_silenced"),
    (
        "c: a suite that is disabled",
        GTEST,
        G,
        sub(G, "Sum, Adds", "DISABLED_Sum, Adds"),
        "weak_silenced",
    ),
    (
        "c: skipped",
        GTEST,
        G,
        sub(G, "  auto got", "  GTEST_SKIP() << 1;\n  auto got"),
        "weak_silenced",
    ),
    (
        "c: #if 0",
        GTEST,
        G,
        sub(G, "TEST(Sum", "#if 0\nTEST(Sum").replace("TEST_F(", "#endif\nTEST_F("),
        "weak_deleted",
    ),
    (
        "c: the other side",
        GTEST,
        G,
        sub(G, "TEST(Sum", "#if 1\n#else\nTEST(Sum").replace("TEST_F(", "#endif\nTEST_F("),
        "weak_deleted",
    ),
    (
        "c: #ifdef",
        GTEST,
        G,
        sub(G, "TEST(Sum", "#ifdef SLOW\nTEST(Sum").replace("TEST_F(", "#endif\nTEST_F("),
        "weak_silenced",
    ),
    (
        "c: #if 0 inside",
        GTEST,
        G,
        sub(G, "  EXPECT_LT(got, 9);\n", "#if 0\n  EXPECT_LT(got, 9);\n#endif\n"),
        "weak_removed",
    ),
    (
        "c: #ifdef inside",
        GTEST,
        G,
        sub(G, "  EXPECT_LT(got, 9);\n", "#ifdef X\n  EXPECT_LT(got, 9);\n#endif\n"),
        "weak_swallowed",
    ),
    (
        "c: commented out",
        GTEST,
        G,
        sub(G, "  EXPECT_LT(got, 9);", "  // EXPECT_LT(got, 9);"),
        "weak_removed",
    ),
    (
        "c: returns before",
        GTEST,
        G,
        sub(G, "  EXPECT_LT", "  return;\n  EXPECT_LT"),
        "weak_removed",
    ),
    (
        "c: returns perhaps",
        GTEST,
        G,
        sub(G, "  EXPECT_LT", "  if (got) return;\n  EXPECT_LT"),
        "weak_swallowed",
    ),
    (
        "c: under a condition",
        GTEST,
        G,
        sub(G, "  EXPECT_LT", "  if (got == 3) EXPECT_LT"),
        "weak_swallowed",
    ),
    ("c: never", GTEST, G, sub(G, "  EXPECT_LT", "  while (false) EXPECT_LT"), "weak_removed"),
    (
        "c: short circuit",
        GTEST,
        G,
        sub(
            G,
            "  EXPECT_TRUE(is_even(2) && !is_even(3))",
            "  EXPECT_TRUE(is_even(2) || !is_even(3))",
        ),
        "weak_",
    ),
    ("c: another constant", GTEST, G, sub(G, "EXPECTED 3", "EXPECTED 4"), "weak_expects"),
    (
        "c: wider bound",
        GTEST,
        G,
        sub(G, "EXPECT_LT(got, 9)", "EXPECT_LT(got, 99)"),
        "weak_loosened",
    ),
    ("c: wider tolerance", GTEST, G, sub(G, "CLOSE = 1e-9", "CLOSE = 1e-1"), "weak_loosened"),
    (
        "c: equal becomes near",
        GTEST,
        G,
        sub(G, "EXPECT_EQ(EXPECTED, got)", "EXPECT_NEAR(EXPECTED, got, 1)"),
        "weak_loosened",
    ),
    (
        "c: equal becomes true",
        GTEST,
        G,
        sub(G, "EXPECT_EQ(EXPECTED, got)", "EXPECT_TRUE(got)"),
        "weak_loosened",
    ),
    (
        "c: any exception",
        GTEST,
        G,
        sub(G, "EXPECT_THROW(add(0, -1), std::invalid_argument)", "EXPECT_ANY_THROW(add(0, -1))"),
        "weak_loosened",
    ),
    (
        "c: std::exception",
        GTEST,
        G,
        sub(G, "std::invalid_argument", "std::exception"),
        "weak_loosened",
    ),
    ("c: another input", GTEST, G, sub(G, "add(1, 2)", "add(0, 3)"), "weak_other_subject"),
    (
        "c: caught",
        GTEST,
        G,
        sub(G, "  EXPECT_STREQ", "  try { add(0, 0); } catch (...) { return; }\n  EXPECT_STREQ"),
        "weak_swallowed",
    ),
    ("c: a row goes", GTEST, G, sub(G, ", {2, 2, 4}", ""), "weak_removed"),
    ("c: a row changes", GTEST, G, sub(G, "{2, 2, 4}", "{2, 2, 5}"), "weak_"),
    ("c: a value of a suite goes", GTEST, G, sub(G, "Values(2, 4)", "Values(2)"), "weak_removed"),
    ("c: a suite is run for nothing", GTEST, G, G[: G.index("INSTANTIATE")], "weak_deleted"),
    (
        "c: no failure any more",
        GTEST,
        G,
        sub(G, '    FAIL() << "odd";\n', '    std::cerr << "odd";\n'),
        "weak_",
    ),
    (
        "c: a helper asserts less",
        GTEST,
        G,
        sub(G, "ASSERT_EQ(got, want)", "ASSERT_GE(got, want)"),
        "weak_loosened",
    ),
    (
        "c: the word means nothing",
        GTEST,
        G,
        sub(
            G,
            "#define EXPECTED 3",
            "#define EXPECTED 3\n#undef EXPECT_EQ\n#define EXPECT_EQ(a, b) std::cerr",
        ),
        "weak_file_silenced",
    ),
    ("c: a hidden tag", CATCH, C, sub(C, "[sum]", "[sum][.]"), "weak_silenced"),
    ("c: a test that may fail", CATCH, C, sub(C, "[sum]", "[sum][!mayfail]"), "weak_silenced"),
    (
        "c: doctest's decorator",
        CATCH,
        C,
        sub(C, '"sums are shown"', '"sums are shown" * doctest::skip()'),
        "weak_silenced",
    ),
    (
        "c: a section goes",
        CATCH,
        C,
        C[: C.index('  SECTION("of wrong')] + C[C.index("}\n\nTEST_CASE") :],
        "weak_removed",
    ),
    ("c: required becomes warned", CATCH, C, sub(C, "REQUIRE(sum", "WARN(sum"), "weak_removed"),
    (
        "c: a comparison is loosened",
        CATCH,
        C,
        sub(C, "REQUIRE(sum.add(1, 2) == 3)", "REQUIRE(sum.add(1, 2) >= 3)"),
        "weak_loosened",
    ),
    (
        "c: Catch2 skips",
        CATCH,
        C,
        sub(C, "  Sum sum;", '  SKIP("later");\n  Sum sum;'),
        "weak_silenced",
    ),
    ("c: a case goes", CATCH, C, C[: C.index('TEST_CASE("sums are shown')], "weak_deleted"),
    ("c: not run any more", UNITY, U, sub(U, "  RUN_TEST(test_adds);\n", ""), "weak_silenced"),
    (
        "c: ignored",
        UNITY,
        U,
        sub(U, "  TEST_ASSERT_NULL", "  TEST_IGNORE();\n  TEST_ASSERT_NULL"),
        "weak_silenced",
    ),
    ("c: Unity's tolerance", UNITY, U, sub(U, "WITHIN(0.01,", "WITHIN(0.5,"), "weak_loosened"),
    ("c: Unity's bound", UNITY, U, sub(U, "GREATER_THAN(2", "GREATER_THAN(0"), "weak_loosened"),
    ("c: Unity's other value", UNITY, U, sub(U, "EQUAL_INT(3,", "EQUAL_INT(4,"), "weak_expects"),
    (
        "c: the code is thrown away",
        UNITY,
        U,
        sub(U, "return UNITY_END();", "UNITY_END();\n  return 0;"),
        "weak_deleted",
    ),
    ("c: assert goes", PLAIN, P, sub(P, "  assert(add(1, 2) == 3);\n", ""), "weak_removed"),
    ("c: NDEBUG", PLAIN, P, f"#define NDEBUG\n{P}", "weak_file_silenced"),
    (
        "c: leaves well",
        PLAIN,
        P,
        sub(P, "    return 1;\n  }\n  failures", "    return 0;\n  }\n  failures"),
        "weak_",
    ),
    ("c: an exit before", PLAIN, P, sub(P, "  MINE(", "  exit(0);\n  MINE("), "weak_"),
    ("c: their own macro does nothing", PLAIN, P, sub(P, "{ failures++; }", "{ }"), "weak_"),
    ("c: nothing is counted", PLAIN, P, sub(P, "return failures;", "return 0;"), "weak_"),
    (
        "c: a function that tells by a number",
        PLAIN,
        P,
        sub(P, "    return 1;\n  }\n  return 0;", "    return 0;\n  }\n  return 0;"),
        "weak_",
    ),
    ("c: code 77 is a skip", PLAIN, P, sub(P, "  MINE(", "  return 77;\n  MINE("), "weak_silenced"),
    ("c: it cannot be read any more", PLAIN, P, f"{P}\nint main( {{", "weak_unreadable"),
    ("c: a directive of nobody", PLAIN, P, f"#i\\\nf 0\n{P}#endif\n", "weak_"),
    ("c: emptied", UNITY, U, "int main(void) { return 0; }\n", "weak_emptied"),
]
