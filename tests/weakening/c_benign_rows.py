"""C and C++: honest work on the tests of c_rows.py."""

from __future__ import annotations

from tests.pipeline.verification.weak_rows import sub
from tests.weakening.c_rows import CATCH, GTEST, PLAIN, UNITY, C, G, P, U

MORE = "\nTEST(Sum, More) {\n  EXPECT_EQ(add(2, 3), 5);\n}\n"
C_BENIGN = [
    ("c: one more", GTEST, G, G + MORE),
    ("c: one more assertion", GTEST, G, sub(G, "  EXPECT_LT", "  EXPECT_GT(got, 2);\n  EXPECT_LT")),
    ("c: another name", GTEST, G, sub(G, "Sum, Adds", "Sum, AddsTwo")),
    ("c: another name of a value", GTEST, G, G.replace("got", "found")),
    ("c: turned round", GTEST, G, sub(G, "EXPECT_EQ(EXPECTED, got)", "EXPECT_EQ(got, EXPECTED)")),
    ("c: fatal", GTEST, G, sub(G, "EXPECT_EQ(EXPECTED, got)", "ASSERT_EQ(EXPECTED, got)")),
    ("c: another message", GTEST, G, sub(G, '<< "why"', '<< "because " << got')),
    (
        "c: without the constant's name",
        GTEST,
        G,
        sub(G, "EXPECT_EQ(EXPECTED, got)", "EXPECT_EQ(3, got)"),
    ),
    ("c: nearer", GTEST, G, sub(G, "EXPECT_LT(got, 9)", "EXPECT_LT(got, 4)")),
    (
        "c: true becomes equal",
        CATCH,
        C,
        sub(C, 'CHECK(show(3) == "3");', 'CHECK(show(3) == "3");\n  CHECK(show(4) == "4");'),
    ),
    ("c: one more row", GTEST, G, sub(G, "{2, 2, 4}", "{2, 2, 4}, {0, 0, 0}")),
    ("c: one more value", GTEST, G, sub(G, "Values(2, 4)", "Values(2, 4, 6)")),
    (
        "c: the helper moves down",
        GTEST,
        G,
        sub(
            sub(
                G,
                'static void check(int got, int want) { ASSERT_EQ(got, want) << "no"; }\n',
                "void check(int got, int want);\n",
            ),
            "INSTANTIATE",
            'static void check(int got, int want) { ASSERT_EQ(got, want) << "no"; }\n\nINSTANTIATE',
        ),
    ),
    (
        "c: comments and lines",
        GTEST,
        G,
        G.replace("  EXPECT_LT(got, 9);", "  // not too much\n  EXPECT_LT(got,\n            9);"),
    ),
    ("c: another include", GTEST, G, '#include "more.h"\n' + G),
    ("c: enabled", GTEST, sub(G, "Sum, Adds", "Sum, DISABLED_Adds"), G),
    (
        "c: a section more",
        CATCH,
        C,
        sub(
            C,
            '  SECTION("of two")',
            '  SECTION("of none") {\n    CHECK(sum.count() == 0);\n  }\n  SECTION("of two")',
        ),
    ),
    (
        "c: checked becomes required",
        CATCH,
        C,
        sub(C, "CHECK(sum.count() < 10)", "REQUIRE(sum.count() < 10)"),
    ),
    ("c: another tag", CATCH, C, sub(C, "[sum]", "[sum][fast]")),
    ("c: visible", CATCH, sub(C, "[sum]", "[.sum]"), C),
    ("c: another name of a case", CATCH, C, sub(C, '"sums are shown"', '"sums are printed"')),
    (
        "c: Unity, one more",
        UNITY,
        U,
        sub(
            sub(
                U,
                "int main",
                "void test_more(void) {\n  TEST_ASSERT_TRUE(add(0, 0) == 0);\n}\n\nint main",
            ),
            "  return UNITY",
            "  RUN_TEST(test_more);\n  return UNITY",
        ),
    ),
    ("c: Unity, another name", UNITY, U, U.replace("test_adds", "test_adds_two")),
    (
        "c: Unity, another order",
        UNITY,
        U,
        sub(
            U,
            "  RUN_TEST(test_adds);\n  RUN_TEST(test_nothing);\n",
            "  RUN_TEST(test_nothing);\n  RUN_TEST(test_adds);\n",
        ),
    ),
    (
        "c: a plain program, one more",
        PLAIN,
        P,
        sub(P, "  MINE(", "  assert(add(0, 0) == 0);\n  MINE("),
    ),
    (
        "c: a plain program, one more way to fail",
        PLAIN,
        P,
        sub(P, "  MINE(", "  if (add(5, 5) != 10) {\n    return 2;\n  }\n  MINE("),
    ),
    (
        "c: a message in an assert",
        PLAIN,
        P,
        sub(P, "assert(add(1, 2) == 3)", 'assert(add(1, 2) == 3 && "sums")'),
    ),
    ("c: a new file", "tests/new.c", None, P),
]
