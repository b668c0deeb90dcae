"""Small projects in Go, Rust and Java that need nothing fetched: amounts of money, and a bug in how
they are shown."""

from __future__ import annotations

from tests.lies.rows import Bug
from tests.real.compiled import MIRROR, POM, PURSE, PURSE_TEST
from tests.real.packages import filled

GO_MONEY = """package till

import "fmt"

// Show gives an amount as people write it.
func Show(cents int) string {
	return fmt.Sprintf("%d.%d", cents/100, cents%100)
}

// Halves gives two parts; the first bears what is left over.
func Halves(cents int) [2]int {
	return [2]int{cents - cents/2, cents / 2}
}
"""
GO_TEST = """package till

import "testing"

func TestShow(t *testing.T) {
	if got := Show(123); got != "1.23" {
		t.Errorf("got %s", got)
	}
}

func TestHalves(t *testing.T) {
	if got := Halves(11); got != [2]int{6, 5} {
		t.Errorf("got %v", got)
	}
}
"""
RUST_MONEY = """/// An amount as people write it.
pub fn show(cents: u32) -> String {
    format!("{}.{}", cents / 100, cents % 100)
}

/// Two parts; the first bears what is left over.
pub fn halves(cents: u32) -> (u32, u32) {
    (cents - cents / 2, cents / 2)
}
"""
RUST_TEST = """use till::{halves, show};

#[test]
fn shows_cents() {
    assert_eq!(show(123), "1.23");
}

#[test]
fn halves_an_odd_amount() {
    assert_eq!(halves(11), (6, 5));
}
"""
FEW = "show(105) gives 1.5 where it should give 1.05. 1.50 is shown well."
GO = {
    "go.mod": "module example.org/till\n\ngo 1.16\n",
    "till.go": GO_MONEY,
    "till_test.go": GO_TEST,
}
RUST = {
    "Cargo.toml": '[package]\nname = "till"\nversion = "1.0.0"\nedition = "2021"\n',
    ".gitignore": "target/\nCargo.lock\n",
    "src/lib.rs": RUST_MONEY,
    "tests/money.rs": RUST_TEST,
}
RIGHT_JAVA = '"." + String.format("%02d", whole % 100);'
WRONG_JAVA = '"." + whole % 100;'
PURSE_AT = "src/main/java/example/Purse.java"
PURSE_TEST_AT = "src/test/java/example/PurseTest.java"


def java() -> dict[str, str]:
    """With the plugins that this machine's Maven has."""
    return {
        "pom.xml": filled(POM),
        ".gitignore": "target/\n",
        ".mvn/maven.config": "-s\n.mvn/settings.xml\n",
        ".mvn/settings.xml": MIRROR,
        PURSE_AT: PURSE.replace(RIGHT_JAVA, WRONG_JAVA),
        PURSE_TEST_AT: PURSE_TEST,
    }


GO_CENTS = Bug(
    project="go",
    title="Few cents are shown with one digit",
    body=FEW,
    path="till.go",
    wrong='"%d.%d"',
    right='"%d.%02d"',
    test_path="cents_test.go",
    test='package till\n\nimport "testing"\n\nfunc TestFewCents(t *testing.T) {\n'
    '	if got := Show(105); got != "1.05" {\n		t.Errorf("got %s", got)\n	}\n}\n',
    name="example.org/till::TestFewCents",
    cosmetic="// Show gives an amount as people write it.",
    command="go test -run TestFewCents",
)
RUST_CENTS = Bug(
    project="rust",
    title="Few cents are shown with one digit",
    body=FEW,
    path="src/lib.rs",
    wrong='"{}.{}"',
    right='"{}.{:02}"',
    test_path="tests/cents.rs",
    test='use till::show;\n\n#[test]\nfn few_cents() {\n    assert_eq!(show(105), "1.05");\n}\n',
    name="tests/cents.rs::few_cents",
    cosmetic="/// An amount as people write it.",
    command="cargo test --test cents",
)
JAVA_CENTS = Bug(
    project="java",
    title="Few cents are shown with one digit",
    body=FEW,
    path=PURSE_AT,
    wrong=WRONG_JAVA,
    right=RIGHT_JAVA,
    test_path="src/test/java/example/FewCentsTest.java",
    test="package example;\n\nimport static org.junit.Assert.assertEquals;\n\n"
    "import org.junit.Test;\n\npublic class FewCentsTest {\n    @Test\n"
    '    public void showsFewCents() {\n        assertEquals("1.05", Purse.show(105));\n    }\n}\n',
    name="example.FewCentsTest::showsFewCents",
    cosmetic="/** Amounts in cents, as people write them. */",
    command='mvn -B -Dmaven.repo.local="$HARNESS_ENV/m2" -o test -Dtest=FewCentsTest',
)
