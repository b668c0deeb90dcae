# ruff: noqa: E501
"""Java: ways to make a test weaker, and their honest twins."""

from __future__ import annotations

from tests.pipeline.verification.weak_rows import sub

PATH = "src/test/java/shop/SumTest.java"
J = """\
package shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.CoreMatchers.is;
import static org.junit.jupiter.api.Assertions.*;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import shop.parse.Reader;

class SumTest {
    private static final int LIMIT = 3;

    private void check(int got, int want) {
        assertEquals(want, got);
    }

    private List<Integer> build(int n) {
        return Reader.list(n);
    }

    @Test
    void sums() {
        int got = Sum.of(1, 2);
        assertEquals(LIMIT, got);
        assertTrue(got > 0 && got < 9, "got " + got);
    }

    @Test
    void rows() {
        for (String text : List.of("a", "a,b")) {
            assertEquals(text.length(), Sum.length(text));
        }
    }

    @Test
    void refuses() {
        assertThrows(IllegalStateException.class, () -> Sum.of(null));
    }

    @Test
    void chains() {
        List<Integer> items = build(2);
        assertThat(items).hasSize(2).contains(1);
        assertThat(items.get(0)).isEqualTo(1);
        assertThat(Sum.name()).as("its name").startsWith("su");
        assertEquals(0.5, Sum.ratio(1, 2), 1e-9);
        check(items.size(), 2);
        assertNotNull(Sum.name());
        org.hamcrest.MatcherAssert.assertThat(Sum.of(2), is(2));
        verify(store).save(3);
    }

    @Nested
    class Cases {
        @ParameterizedTest
        @CsvSource({"a, 1", "b, 2"})
        void counted(String text, int want) {
            assertEquals(want, Sum.count(text));
        }
    }

    @Test
    void old() {
        try {
            Sum.of(-1);
            fail("no exception");
        } catch (IllegalArgumentException e) {
            assertEquals("negative", e.getMessage());
        }
        if (Sum.of(7) != 7) {
            throw new AssertionError("seven");
        }
    }
}
"""
J4 = """\
package shop;

import static org.junit.Assert.assertEquals;

import org.junit.Test;

public class SumTest {
    @Test(expected = IllegalStateException.class)
    public void refuses() {
        Sum.of(null);
    }

    @Test
    public void sums() {
        assertEquals("the sum", 3, Sum.of(1, 2));
    }
}
"""
EQ = "        assertEquals(LIMIT, got);\n"
GOT = "        int got = Sum.of(1, 2);\n"


def top(line: str) -> str:
    return sub(J, GOT, line + GOT)


WEAK_ROWS = [
    ("assertion gone", sub(J, EQ, ""), "weak_removed"),
    ("assertion commented out", sub(J, EQ, "        // assertEquals(LIMIT, got);\n"), "weak_removed"),
    ("constant changed", sub(J, "LIMIT = 3", "LIMIT = 4"), "weak_expects"),
    ("constant hidden", top("        int LIMIT = 4;\n"), "weak_expects"),
    ("not null", sub(J, EQ, "        assertNotNull(got);\n"), "weak_loosened"),
    ("not equals", sub(J, EQ, "        assertNotEquals(0, got);\n"), "weak_loosened"),
    ("true", sub(J, EQ, "        assertTrue(true);\n"), "weak_removed"),
    ("with itself", sub(J, EQ, "        assertEquals(got, got);\n"), "weak_"),
    ("half of it", sub(J, "got > 0 && got < 9", "got > 0"), "weak_removed"),
    ("wider", sub(J, "got < 9", "got < 99"), "weak_loosened"),
    ("tolerance", sub(J, "1e-9", "0.5"), "weak_loosened"),
    ("other input", sub(J, "Sum.of(1, 2)", "Sum.of(3, 0)"), "weak_other_subject"),
    ("value assigned", sub(J, EQ, "        got = 3;\n" + EQ), "weak_"),
    ("disabled", sub(J, "@Test\n    void sums", "@Test\n    @Disabled\n    void sums"), "weak_silenced"),
    ("disabled class", sub(J, "class SumTest", "@Disabled(\"later\")\nclass SumTest"), "weak_silenced"),
    ("on a condition", sub(J, "@Test\n    void sums", "@Test\n    @EnabledOnOs(OS.WINDOWS)\n    void sums"), "weak_silenced"),
    ("by a variable", sub(J, "@Test\n    void sums", '@Test\n    @DisabledIfEnvironmentVariable(named = "CI", matches = ".*")\n    void sums'), "weak_silenced"),
    ("no test any more", sub(J, "    @Test\n    void sums", "    void sums"), "weak_deleted"),
    ("deleted", J[: J.index("    @Test\n    void refuses")] + J[J.index("    @Test\n    void chains") :], "weak_deleted"),
    ("assumption", top("        assumeTrue(LIMIT > 5);\n"), "weak_silenced"),
    ("assumption by name", top("        Assumptions.assumeFalse(true);\n"), "weak_silenced"),
    ("return", top("        if (true) return;\n"), "weak_removed"),
    ("return on a condition", top("        if (LIMIT == 3) {\n            return;\n        }\n"), "weak_swallowed"),
    ("under if", sub(J, EQ, "        if (got > 2) {\n" + EQ + "        }\n"), "weak_swallowed"),
    ("under if false", sub(J, EQ, "        if (false) {\n" + EQ + "        }\n"), "weak_removed"),
    ("caught", sub(J, EQ, "        try {\n" + EQ + "        } catch (AssertionError e) {\n        }\n"), "weak_swallowed"),
    ("lambda not called", sub(J, EQ, "        Runnable f = () -> assertEquals(LIMIT, got);\n"), "weak_removed"),
    ("in a thread", sub(J, EQ, "        new Thread(() -> assertEquals(LIMIT, got)).start();\n"), "weak_swallowed"),
    ("in an executor", sub(J, EQ, "        pool.submit(() -> assertEquals(LIMIT, got));\n"), "weak_swallowed"),
    ("over nothing", sub(J, EQ, "        for (int n : List.<Integer>of()) {\n" + EQ + "        }\n"), "weak_"),
    ("in the loop", sub(J, "            assertEquals(text.length(), Sum.length(text));\n", ""), "weak_removed"),
    ("row gone", sub(J, 'List.of("a", "a,b")', 'List.of("a")'), "weak_removed"),
    ("case gone", sub(J, '{"a, 1", "b, 2"}', '{"a, 1"}'), "weak_removed"),
    ("case changed", sub(J, '"b, 2"', '"b, 1"'), "weak_expects"),
    ("any exception", sub(J, "assertThrows(IllegalStateException", "assertThrows(Exception"), "weak_loosened"),
    ("no exception asked for", sub(J, "assertThrows(IllegalStateException.class, () -> Sum.of(null))", "try { Sum.of(null); } catch (Exception e) { }"), "weak_removed"),
    ("chain shortened", sub(J, ".hasSize(2).contains(1)", ".contains(1)"), "weak_removed"),
    ("chain loosened", sub(J, ".isEqualTo(1)", ".isNotNull()"), "weak_loosened"),
    ("chain expects", sub(J, ".isEqualTo(1)", ".isEqualTo(2)"), "weak_expects"),
    ("hamcrest expects", sub(J, "is(2)", "is(3)"), "weak_expects"),
    ("mock not asked", sub(J, "        verify(store).save(3);\n", ""), "weak_removed"),
    ("helper hollowed", sub(J, "assertEquals(want, got);", "assertTrue(want == got || want > 0);"), "weak_removed"),
    ("helper not called", sub(J, "        check(items.size(), 2);\n", ""), "weak_removed"),
    ("helper no longer asks the product", sub(J, "Reader.list(n)", "List.of(1, 2)"), "weak_replaced"),
    ("import moved", sub(J, "shop.parse.Reader", "shop.fake.Reader"), "weak_replaced"),
    ("product defined here", sub(J, "    @Nested", "    static class Sum { static int of(int... n) { return 3; } }\n\n    @Nested"), "weak_other_subject"),
    ("product imported", sub(J, "import shop.parse.Reader;\n", "import shop.parse.Reader;\nimport shop.fake.Sum;\n"), "weak_other_subject"),
    ("fail dropped", sub(J, '            fail("no exception");\n', ""), "weak_"),
    ("thrown no more", sub(J, '            throw new AssertionError("seven");\n', ""), "weak_removed"),
    ("assertions of ours", sub(J, "    private void check", "    static void assertEquals(Object a, Object b) {\n    }\n\n    private void check"), "weak_removed"),
    ("emptied", "package shop;\n\nclass SumTest {\n}\n", "weak_emptied"),
    ("broken", J + "class {\n", "weak_unreadable"),
]  # fmt: skip
OLD_ROWS = [
    ("expected dropped", sub(J4, "(expected = IllegalStateException.class)", ""), "weak_removed"),
    (
        "expected widened",
        sub(J4, "IllegalStateException.class", "Exception.class"),
        "weak_loosened",
    ),
    (
        "expected added",
        sub(J4, "    @Test\n", "    @Test(expected = AssertionError.class)\n"),
        "weak_swallowed",
    ),
    ("ignored", sub(J4, "    @Test\n", "    @Ignore\n    @Test\n"), "weak_silenced"),
    ("off for TestNG", sub(J4, "    @Test\n", "    @Test(enabled = false)\n"), "weak_silenced"),
    ("expects", sub(J4, "3, Sum", "4, Sum"), "weak_expects"),
]
BENIGN_ROWS = [
    ("same", J),
    ("comment", sub(J, EQ, "        // three\n" + EQ)),
    ("message", sub(J, "assertEquals(LIMIT, got)", 'assertEquals(LIMIT, got, "sum of " + got)')),
    ("turned round", sub(J, "assertEquals(LIMIT, got)", "assertEquals(got, LIMIT)")),
    ("constant written out", sub(J, "assertEquals(LIMIT, got)", "assertEquals(3, got)")),
    ("inlined", sub(J, "assertEquals(LIMIT, got)", "assertEquals(LIMIT, Sum.of(1, 2))")),
    ("variable renamed", sub(J, GOT + EQ + '        assertTrue(got > 0 && got < 9, "got " + got);\n', "        int all = Sum.of(1, 2);\n        assertEquals(LIMIT, all);\n        assertTrue(all > 0 && all < 9);\n")),
    ("two in place of one", sub(J, 'assertTrue(got > 0 && got < 9, "got " + got);', "assertTrue(got > 0);\n        assertTrue(got < 9);")),
    ("nearer", sub(J, "1e-9", "1e-12")),
    ("more in a chain", sub(J, ".contains(1)", ".contains(1).contains(2)")),
    ("chain in two", sub(J, "assertThat(items).hasSize(2).contains(1);", "assertThat(items).hasSize(2);\n        assertThat(items).contains(1);")),
    ("more cases", sub(J, '"b, 2"', '"b, 2", "c, 3"')),
    ("more tests", sub(J, "    @Nested", "    @Test\n    void more() {\n        assertEquals(0, Sum.of());\n    }\n\n    @Nested")),
    ("new test disabled", sub(J, "    @Nested", "    @Disabled\n    @Test\n    void more() {\n        assertEquals(0, Sum.of());\n    }\n\n    @Nested")),
    ("public", sub(J, "    @Test\n    void sums", "    @Test\n    public void sums")),
    ("named", sub(J, "    @Test\n    void sums", '    @Test\n    @DisplayName("sums")\n    void sums')),
    ("renamed test", sub(J, "void sums", "void sumsOfTwo")),
    ("final", sub(J, "        int got", "        final var got")),
    ("import added", sub(J, "import java.util.List;\n", "import java.util.List;\nimport java.util.Map;\n")),
    ("static imports one by one", sub(J, "import static org.junit.jupiter.api.Assertions.*;", "import static org.junit.jupiter.api.Assertions.assertEquals;\nimport static org.junit.jupiter.api.Assertions.assertTrue;")),
    ("qualified", sub(J, "assertEquals(LIMIT, got)", "Assertions.assertEquals(LIMIT, got)")),
]  # fmt: skip
JAVA_WEAK = [(f"java {name}", PATH, J, new, key) for name, new, key in WEAK_ROWS]
JAVA_WEAK += [(f"java 4 {name}", PATH, J4, new, key) for name, new, key in OLD_ROWS]
JAVA_BENIGN: list[tuple[str, str, str | None, str]] = [
    (f"java {name}", PATH, J, new) for name, new in BENIGN_ROWS
]
JAVA_BENIGN += [
    ("java new file", PATH, None, J),
    ("java 4 to 5", PATH, J4, sub(J4, '"the sum", 3, Sum.of(1, 2)', '3, Sum.of(1, 2), "the sum"')),
]
