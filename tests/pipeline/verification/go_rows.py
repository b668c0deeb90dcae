# ruff: noqa: E501
"""Go: ways to make a test weaker, and their honest twins."""

from __future__ import annotations

from tests.pipeline.verification.weak_rows import sub

PATH = "sum/sum_test.go"
G = """\
package sum

import (
	"errors"
	"testing"

	"example.com/sum/parse"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const limit = 3

func check(t *testing.T, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

func build(n int) []int {
	return parse.List(n)
}

func TestSum(t *testing.T) {
	got, err := Sum(1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got != limit {
		t.Errorf("no: %d", got)
	}
}

func TestTable(t *testing.T) {
	tests := []struct {
		in   string
		want int
	}{
		{"a", 1},
		{"a,b", 2},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			if got := Count(tt.in); got != tt.want {
				t.Errorf("%q: %d", tt.in, got)
			}
		})
	}
}

func TestTestify(t *testing.T) {
	items := build(2)
	require.NoError(t, Check(items))
	assert.Equal(t, 2, len(items), "two of them")
	assert.True(t, errors.Is(Check(nil), ErrEmpty))
	assert.InDelta(t, 0.5, Ratio(1, 2), 1e-9)
	assert.ErrorContains(t, Check(nil), "empty")
}

func TestPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Must(nil)
}

func TestHelped(t *testing.T) {
	check(t, Double(2), 4)
}

func TestAsync(t *testing.T) {
	select {
	case v := <-Start():
		if v != 1 {
			t.Fatal(v)
		}
	case <-After(1):
		t.Fatal("late")
	}
}

func ExampleSum() {
	fmt.Println(Sum(1, 2))
	// Output: 3 <nil>
}

func TestElsewhere(t *testing.T) {
	testList{
		{"11", Ordinal(11), "11th"},
		{"101", Ordinal(101), "101st"},
	}.validate(t)
	golden.Same(t, Render(1), "one.txt")
}

func TestLater(t *testing.T) {
	for _, one := range laterRows {
		if got := Join(one.in...); got != one.out {
			t.Errorf("%q", got)
		}
	}
}

var laterRows = []struct {
	in  []string
	out string
}{
	{[]string{"test"}, "test"},
	{[]string{"a", "b"}, "a b"},
}

func FuzzCount(f *testing.F) {
	f.Add("a,b")
	f.Fuzz(func(t *testing.T, text string) {
		if Count(text) < 0 {
			t.Error(text)
		}
	})
}
"""
S = """\
package sum

import (
	"testing"

	"github.com/stretchr/testify/suite"
)

type SumSuite struct{ suite.Suite }

func (s *SumSuite) TestSum() {
	s.Equal(3, Sum(1, 2))
	s.Require().NoError(Check(nil))
}

func TestSuite(t *testing.T) {
	suite.Run(t, new(SumSuite))
}
"""
IF = '	if got != limit {\n		t.Errorf("no: %d", got)\n	}\n'
SUM = "	got, err := Sum(1, 2)\n"
EQUAL = '	assert.Equal(t, 2, len(items), "two of them")\n'


def top(line: str) -> str:
    return sub(G, SUM, line + SUM)


WEAK_ROWS = [
    ("assertion gone", sub(G, IF, ""), "weak_removed"),
    ("assertion commented out", sub(G, IF, "	// if got != limit { t.Error() }\n"), "weak_removed"),
    ("message only logged", sub(G, 't.Errorf("no', 't.Logf("no'), "weak_removed"),
    ("error dropped", sub(G, "	if err != nil {\n		t.Fatal(err)\n	}\n", "	_ = err\n"), "weak_removed"),
    ("constant changed", sub(G, "limit = 3", "limit = 4"), "weak_expects"),
    ("constant hidden", top("	limit := 4\n"), "weak_expects"),
    ("constant by var", top("	var limit int = 4\n"), "weak_expects"),
    ("equal to bound", sub(G, "got != limit", "got > limit"), "weak_loosened"),
    ("equal and another", sub(G, "got != limit", "got != limit && got != 4"), "weak_removed"),
    ("never", sub(G, "got != limit", "false"), "weak_removed"),
    ("compared with itself", sub(G, "got != limit", "got != got"), "weak_removed"),
    ("other input", sub(G, "Sum(1, 2)\n	if", "Sum(0, 3)\n	if"), "weak_other_subject"),
    ("value assigned", sub(G, IF, "	got = 3\n" + IF), "weak_"),
    ("value assigned on a condition", sub(G, IF, "	if err == nil {\n		got = 3\n	}\n" + IF), "weak_other_subject"),
    ("skip", top('	t.Skip("later")\n'), "weak_silenced"),
    ("skipnow", top("	t.SkipNow()\n"), "weak_silenced"),
    ("skip in short runs", top("	if testing.Short() {\n		t.Skip()\n	}\n"), "weak_silenced"),
    ("skip of a subtest", sub(G, "			if got := Count", "			t.Skip()\n			if got := Count"), "weak_removed"),
    ("return", top("	return\n"), "weak_removed"),
    ("return on a condition", top("	if limit == 3 {\n		return\n	}\n"), "weak_swallowed"),
    ("return between", sub(G, IF, "	if got == 0 {\n		return\n	}\n" + IF), "weak_swallowed"),
    ("goto", sub(G, IF, "	goto end\n" + IF), "weak_removed"),
    ("under if", sub(G, IF, "	if got > 0 {\n	" + IF + "	}\n"), "weak_swallowed"),
    ("under if false", sub(G, IF, "	if false {\n	" + IF + "	}\n"), "weak_removed"),
    ("in a goroutine", sub(G, IF, "	go func() {\n	" + IF + "	}()\n"), "weak_swallowed"),
    ("closure not called", sub(G, IF, "	f := func() {\n	" + IF + "	}\n"), "weak_"),
    ("over nothing", sub(G, IF, "	for range []int{} {\n	" + IF + "	}\n"), "weak_removed"),
    ("row gone", sub(G, '		{"a,b", 2},\n', ""), "weak_removed"),
    ("row changed", sub(G, '{"a,b", 2}', '{"a,b", 1}'), "weak_expects"),
    ("row passed over", sub(G, "		t.Run(tt.in", '		if tt.in == "a" {\n			continue\n		}\n		t.Run(tt.in'), "weak_swallowed"),
    ("subtest not run", sub(G, "		t.Run(tt.in, func(t *testing.T) {", "		_ = (func(t *testing.T) {"), "weak_"),
    ("testify loosened", sub(G, EQUAL, "	assert.NotNil(t, len(items))\n"), "weak_loosened"),
    ("testify expected", sub(G, EQUAL, "	assert.Equal(t, 1, len(items))\n"), "weak_expects"),
    ("testify gone", sub(G, EQUAL, ""), "weak_removed"),
    ("testify tolerance", sub(G, "1e-9", "0.5"), "weak_loosened"),
    ("testify message", sub(G, '"empty")', '"")'), "weak_expects"),
    ("testify error", sub(G, "	require.NoError(t, Check(items))\n", "	_ = Check(items)\n"), "weak_removed"),
    ("testify of ours", sub(G, "github.com/stretchr/testify/assert", "example.com/sum/quiet"), "weak_removed"),
    ("product from elsewhere", sub(G, "example.com/sum/parse", "example.com/sum/fake/parse"), "weak_"),
    ("helper hollowed", sub(G, "	if got != want {\n", "	if got != want && false {\n"), "weak_removed"),
    ("helper says nothing", sub(G, '		t.Errorf("got %d, want %d", got, want)\n', ""), "weak_"),
    ("helper no longer asks the product", sub(G, "parse.List(n)", "[]int{1, 2}[:n]"), "weak_replaced"),
    ("helper not called", sub(G, "	check(t, Double(2), 4)\n", "	_ = Double(2)\n"), "weak_removed"),
    ("helper expects another", sub(G, "Double(2), 4)", "Double(2), 5)"), "weak_expects"),
    ("product defined here", G + "\nfunc Double(n int) int {\n	return 4\n}\n", "weak_"),
    ("panic not asked for", sub(G, "		if recover() == nil {\n			t.Error(\"no panic\")\n		}\n", "		recover()\n"), "weak_"),
    ("late is well", sub(G, '		t.Fatal("late")\n', "		return\n"), "weak_"),
    ("example without output", sub(G, "	// Output: 3 <nil>\n", ""), "weak_"),
    ("example of another output", sub(G, "Output: 3", "Output: 4"), "weak_expects"),
    ("row of another's table gone", sub(G, '		{"101", Ordinal(101), "101st"},\n', ""), "weak_removed"),
    ("row of another's table", sub(G, '"11th"', '"11st"'), "weak_"),
    ("another's table not asked", sub(G, "	}.validate(t)\n", "	}.show()\n"), "weak_removed"),
    ("another's assertion gone", sub(G, '	golden.Same(t, Render(1), "one.txt")\n', ""), "weak_removed"),
    ("another's assertion expects", sub(G, '"one.txt"', '"two.txt"'), "weak_expects"),
    ("row of a later table gone", sub(G, '	{[]string{"a", "b"}, "a b"},\n', ""), "weak_removed"),
    ("row of a later table changed", sub(G, '"a b"', '"ab"'), "weak_expects"),
    ("corpus gone", sub(G, '	f.Add("a,b")\n', ""), "weak_removed"),
    ("fuzz expects less", sub(G, "Count(text) < 0", "Count(text) < -9"), "weak_loosened"),
    ("renamed", sub(G, "func TestSum(", "func testSum("), "weak_deleted"),
    ("renamed to what is not found", sub(G, "func TestSum(", "func Testsum("), "weak_deleted"),
    ("deleted", G[: G.index("func TestHelped")] + G[G.index("func TestAsync") :], "weak_deleted"),
    ("build tag", "//go:build ignore\n\n" + G, "weak_silenced"),
    ("build tag of old", "// +build integration\n\n" + G, "weak_silenced"),
    ("main that runs nothing", G + "\nfunc TestMain(m *testing.M) {\n	os.Exit(0)\n}\n", "weak_file_silenced"),
    ("emptied", "package sum\n", "weak_emptied"),
    ("broken", G + "func (\n", "weak_unreadable"),
]  # fmt: skip
SUITE_ROWS = [
    ("suite loosened", sub(S, "s.Equal(3, Sum(1, 2))", "s.NotNil(Sum(1, 2))"), "weak_loosened"),
    ("suite skipped", sub(S, "	s.Equal", "	s.T().Skip()\n	s.Equal"), "weak_silenced"),
    ("suite not run", sub(S, "	suite.Run(t, new(SumSuite))\n", ""), "weak_"),
    ("method hidden", sub(S, "TestSum()", "checkSum()"), "weak_"),
]
BENIGN_ROWS = [
    ("same", G),
    ("comment", sub(G, IF, "	// three\n" + IF)),
    ("message", sub(G, '"no: %d", got', '"sum: %d", got')),
    ("fatal in place of error", sub(G, 't.Errorf("no', 't.Fatalf("no')),
    ("turned round", sub(G, "got != limit", "limit != got")),
    ("constant written out", sub(G, "got != limit", "got != 3")),
    ("variable renamed", sub(sub(G, SUM, "	sum, err := Sum(1, 2)\n"), IF, IF.replace("got", "sum"))),
    ("both in one", sub(sub(G, "	if err != nil {\n		t.Fatal(err)\n	}\n", ""), "got != limit", "err != nil || got != limit")),
    ("to testify", sub(G, IF, "	assert.Equal(t, limit, got)\n")),
    ("stronger", sub(G, "	assert.InDelta(t, 0.5, Ratio(1, 2), 1e-9)\n", "	assert.Equal(t, 0.5, Ratio(1, 2))\n")),
    ("nearer", sub(G, "1e-9", "1e-12")),
    ("more rows", sub(G, '		{"a,b", 2},\n', '		{"a,b", 2},\n		{"", 0},\n')),
    ("rows in lines", sub(G, '{"a,b", 2},', '{\n			"a,b",\n			2,\n		},')),
    ("more tests", G + "\nfunc TestMore(t *testing.T) {\n	if Sum2() != 1 {\n		t.Error()\n	}\n}\n"),
    ("new test that is skipped", G + "\nfunc TestMore(t *testing.T) {\n	t.Skip()\n}\n"),
    ("more asserted", sub(G, IF, IF + "	if got < 0 {\n		t.Error(got)\n	}\n")),
    ("parallel", top("	t.Parallel()\n")),
    ("cleanup", top("	t.Cleanup(Close)\n")),
    ("return after a failure", sub(G, '		t.Errorf("no: %d", got)\n', '		t.Errorf("no: %d", got)\n		return\n')),
    ("a closure with a return", top("	f := func() int { return 1 }\n	_ = f()\n")),
    ("else that fails", sub(G, IF, '	if err == nil {\n	' + IF + '	} else {\n		t.Fatal(err)\n	}\n')),
    ("renamed test", sub(G, "func TestSum(", "func TestSumOfTwo(")),
    ("alias", sub(sub(G, '"github.com/stretchr/testify/assert"', 'is "github.com/stretchr/testify/assert"'), "", "").replace("assert.", "is.")),
    ("import added", sub(G, '	"errors"\n', '	"errors"\n	"strings"\n')),
    ("main that runs them", G + "\nfunc TestMain(m *testing.M) {\n	os.Exit(m.Run())\n}\n"),
    ("skip removed", sub(sub(G, "", ""), "	t.Helper()\n", "")),
]  # fmt: skip
GO_WEAK = [(f"go {name}", PATH, G, new, key) for name, new, key in WEAK_ROWS]
GO_WEAK += [(f"go {name}", PATH, S, new, key) for name, new, key in SUITE_ROWS]
GO_BENIGN: list[tuple[str, str, str | None, str]] = [
    (f"go {name}", PATH, G, new) for name, new in BENIGN_ROWS
]
GO_BENIGN += [("go new file", PATH, None, G), ("go suite more", PATH, S, sub(S, "	s.Equal(3", "	s.True(Ready())\n	s.Equal(3"))]  # fmt: skip
