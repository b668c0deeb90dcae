"""Small projects in Go, Rust, Java and C that need nothing fetched: amounts of money, and a bug in
how they are shown."""

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
C_MONEY = """#include <stdio.h>
#include "till.h"

void till_show(int cents, char *into) {
    sprintf(into, "%d.%d", cents / 100, cents % 100);
}

int till_first_half(int cents) {
    return cents - cents / 2;
}
"""
C_TEST = """#include <assert.h>
#include <string.h>
#include "till.h"

int main(void) {
    char shown[32];
    till_show(123, shown);
    assert(strcmp(shown, "1.23") == 0);
    assert(till_first_half(11) == 6);
    return 0;
}
"""
C = {
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(till C)\nenable_testing()\n"
    'file(GLOB tests "${CMAKE_SOURCE_DIR}/tests/*.c")\nforeach(test ${tests})\n'
    "  get_filename_component(name ${test} NAME_WE)\n  add_executable(${name} ${test} till.c)\n"
    "  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})\n"
    "  add_test(NAME ${name} COMMAND ${name})\nendforeach()\n",
    ".gitignore": "build/\n",
    "till.h": "void till_show(int cents, char *into);\nint till_first_half(int cents);\n",
    "till.c": C_MONEY,
    "tests/money.c": C_TEST,
}
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
C_CENTS = Bug(
    project="c",
    title="Few cents are shown with one digit",
    body="till_show(105, s) gives 1.5 where it should give 1.05. 1.50 is shown well.",
    path="till.c",
    wrong='"%d.%d"',
    right='"%d.%02d"',
    test_path="tests/cents.c",
    test='#include <assert.h>\n#include <string.h>\n#include "till.h"\n\nint main(void) {\n'
    "    char shown[32];\n    till_show(105, shown);\n"
    '    assert(strcmp(shown, "1.05") == 0);\n    return 0;\n}\n',
    name="cents",
    cosmetic="int till_first_half(int cents) {",
    command="cmake -S . -B build && cmake --build build && ctest --test-dir build -R cents",
)
