"""Planted bugs in Go, Rust, Java and C: two public libraries, two small projects of our own."""

from __future__ import annotations

from tests.real.packages import Ours, Package
from tests.real.projects import Bug, Real

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>purse</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.source>8</maven.compiler.source>
    <maven.compiler.target>8</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>junit</groupId>
      <artifactId>junit</artifactId>
      <version>4.x</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-resources-plugin</artifactId>
        <version>{maven-resources-plugin}</version>
      </plugin>
      <plugin>
        <artifactId>maven-compiler-plugin</artifactId>
        <version>{maven-compiler-plugin}</version>
      </plugin>
      <plugin>
        <artifactId>maven-surefire-plugin</artifactId>
        <version>{maven-surefire-plugin}</version>
      </plugin>
    </plugins>
  </build>
</project>
"""
MIRROR = """\
<settings>
  <mirrors>
    <mirror>
      <id>debian</id>
      <mirrorOf>*</mirrorOf>
      <url>file:///usr/share/maven-repo</url>
    </mirror>
  </mirrors>
</settings>
"""
PURSE = """\
package example;

/** Amounts in cents, as people write them. */
public final class Purse {
    private Purse() {
    }

    public static String show(long cents) {
        String sign = cents < 0 ? "-" : "";
        long whole = Math.abs(cents);
        return sign + whole / 100 + "." + String.format("%02d", whole % 100);
    }

    public static long parse(String text) {
        String[] parts = text.trim().split("\\\\.");
        long whole = Long.parseLong(parts[0]) * 100;
        return parts.length < 2 ? whole : whole + Long.parseLong(parts[1]);
    }
}
"""
PURSE_TEST = """\
package example;

import static org.junit.Assert.assertEquals;

import org.junit.Test;

public class PurseTest {
    @Test
    public void showsCents() {
        assertEquals("1.23", Purse.show(123));
    }

    @Test
    public void readsCents() {
        assertEquals(123, Purse.parse("1.23"));
    }

    @Test
    public void readsWhole() {
        assertEquals(700, Purse.parse("7"));
    }
}
"""
CMAKE = """\
cmake_minimum_required(VERSION 3.21)
project(words C)
add_library(words words.c)
target_include_directories(words PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
enable_testing()
file(GLOB programs CONFIGURE_DEPENDS tests/*.c)
foreach(program ${programs})
  get_filename_component(name ${program} NAME_WE)
  add_executable(${name} ${program})
  target_link_libraries(${name} words)
  add_test(NAME ${name} COMMAND ${name})
endforeach()
"""
WORDS_H = """\
#ifndef WORDS_H
#define WORDS_H

/* How many words a text has: runs of what is no space. */
int words_count(const char *text);
/* How long its longest word is. */
int words_longest(const char *text);

#endif
"""
WORDS_C = """\
#include "words.h"

#include <ctype.h>

int words_count(const char *text) {
    int count = 0, inside = 0;
    for (; *text; text++) {
        int space = isspace((unsigned char)*text);
        if (!space && !inside)
            count++;
        inside = !space;
    }
    return count;
}

int words_longest(const char *text) {
    int longest = 0, length = 0;
    for (; *text; text++) {
        length = isspace((unsigned char)*text) ? 0 : length + 1;
        if (length > longest)
            longest = length;
    }
    return longest;
}
"""


def c_test(name: str, *checks: str) -> str:
    lines = "\n".join(f"    if (!({check}))\n        return 1;" for check in checks)
    return f'#include "words.h"\n\n/* {name} */\nint main(void) {{\n{lines}\n    return 0;\n}}\n'


GO = Real(
    source=Package(
        name="go-humanize",
        package="golang-github-dustin-go-humanize-dev",
        inside="usr/share/gocode/src/github.com/dustin/go-humanize",
        files={"go.mod": "module github.com/dustin/go-humanize\n\ngo 1.16\n"},
    ),
    bugs=(
        Bug(
            title="Ordinal says 111st",
            body="Ordinal(11) is 11th, but Ordinal(111) is 111st and Ordinal(1012) is 1012nd.",
            path="ordinals.go",
            right="		if x%100 != 11 {",
            wrong="		if x != 11 {",
            test_path="ordinal_teens_test.go",
            test_text='package humanize\n\nimport "testing"\n\n'
            "func TestTeensOfEveryHundred(t *testing.T) {\n"
            '	if got := Ordinal(111); got != "111th" {\n'
            '		t.Errorf("got %s", got)\n	}\n}\n',
            tests=("github.com/dustin/go-humanize::TestTeensOfEveryHundred",),
            command="go test -run TestTeensOfEveryHundred .",
            summary="Say th for the teens of every hundred",
            noticed=False,
        ),
    ),
    least=30,
    check=("go", "test", "./..."),
)
SHELLQUOTE = Real(
    source=Package(
        name="go-shellquote",
        package="golang-github-kballard-go-shellquote-dev",
        inside="usr/share/gocode/src/github.com/kballard/go-shellquote",
        files={"go.mod": "module github.com/kballard/go-shellquote\n\ngo 1.16\n"},
    ),
    bugs=(
        Bug(
            title="Join lets a tilde through",
            body='Join("~ada") gives ~ada, and a shell makes the home of ada of it. It used to be '
            "\\~ada.",
            path="quote.go",
            right='	prefixChars       = "~"',
            wrong='	prefixChars       = ""',
            test_path="tilde_test.go",
            test_text='package shellquote\n\nimport "testing"\n\n'
            "func TestTildeIsQuoted(t *testing.T) {\n"
            '	if got := Join("~ada"); got != "\\\\~ada" {\n'
            '		t.Errorf("got %s", got)\n	}\n}\n',
            tests=("github.com/kballard/go-shellquote::TestTildeIsQuoted",),
            command="go test -run TestTildeIsQuoted .",
            summary="Quote a tilde at the start of a word",
            noticed=True,
        ),
    ),
    least=3,
    check=("go", "test", "./..."),
)
RUST = Real(
    source=Package(
        name="semver",
        package="librust-semver-dev",
        inside="usr/share/cargo/registry/semver-*",
        without=r"\[dependencies\.serde\]\n(?:[^\[\n].*\n|\n)*",
    ),
    bugs=(
        Bug(
            title="`<=1.2.3` does not match 1.2.3",
            body='VersionReq::parse("<=1.2.3") refuses the version 1.2.3 itself, and `<=1.2` '
            "refuses 1.2.9. Less or equal should match what is equal.",
            path="src/eval.rs",
            right="Op::LessEq => matches_exact(cmp, ver) || matches_less(cmp, ver),",
            wrong="Op::LessEq => matches_less(cmp, ver),",
            test_path="tests/test_equal.rs",
            test_text="use semver::{Version, VersionReq};\n\n#[test]\n"
            "fn less_or_equal_matches_equal() {\n"
            '    let req = VersionReq::parse("<=1.2.3").unwrap();\n'
            "    assert!(req.matches(&Version::new(1, 2, 3)));\n}\n",
            tests=("tests/test_equal.rs::less_or_equal_matches_equal",),
            command="cargo test --test test_equal",
            summary="Let <= match the version itself",
            noticed=True,
        ),
    ),
    least=20,
    check=("cargo", "test", "--offline"),
)
JAVA = Real(
    source=Ours(
        name="purse",
        files={
            "pom.xml": POM,
            ".gitignore": "target/\n",
            ".mvn/maven.config": "-s\n.mvn/settings.xml\n",
            ".mvn/settings.xml": MIRROR,
            "src/main/java/example/Purse.java": PURSE,
            "src/test/java/example/PurseTest.java": PURSE_TEST,
        },
    ),
    bugs=(
        Bug(
            title="1.05 is shown as 1.5",
            body='Purse.show(105) gives "1.5" where it should give "1.05". 1.50 is shown well.',
            path="src/main/java/example/Purse.java",
            right='"." + String.format("%02d", whole % 100);',
            wrong='"." + whole % 100;',
            test_path="src/test/java/example/FewCentsTest.java",
            test_text="package example;\n\nimport static org.junit.Assert.assertEquals;\n\n"
            "import org.junit.Test;\n\npublic class FewCentsTest {\n    @Test\n"
            "    public void showsFewCents() {\n"
            '        assertEquals("1.05", Purse.show(105));\n    }\n}\n',
            tests=("example.FewCentsTest::showsFewCents",),
            command="mvn -o -B test -Dtest=FewCentsTest",
            summary="Show cents with two digits",
            noticed=False,
        ),
    ),
    least=3,
    settings='[environment]\nsetup = ["mvn -B test"]\n\n'
    '[test]\ncommand = "mvn -o -B test"\nreporter = "maven"\n',
    check=("mvn", "-B", "-Dmaven.repo.local=.m2", "test"),
)
C = Real(
    source=Ours(
        name="words-c",
        files={
            "CMakeLists.txt": CMAKE,
            ".gitignore": "build/\n",
            "words.h": WORDS_H,
            "words.c": WORDS_C,
            "tests/count.c": c_test("count", 'words_count("a b") == 2', 'words_count("") == 0'),
            "tests/longest.c": c_test("longest", 'words_longest("ab c") == 2'),
        },
    ),
    bugs=(
        Bug(
            title="A tab does not end a word",
            body='words_count("a\\tb") is 1 and should be 2. With spaces it is right.',
            path="words.c",
            right="int space = isspace((unsigned char)*text);",
            wrong="int space = *text == ' ';",
            test_path="tests/tabs.c",
            test_text=c_test("tabs", 'words_count("a\\tb") == 2'),
            tests=("tabs",),
            command="cmake -S . -B build && cmake --build build && ctest --test-dir build",
            summary="Count words between tabs",
            noticed=False,
        ),
    ),
    least=2,
    settings='[test]\ncommand = "cmake -S . -B build && cmake --build build && '
    'ctest --test-dir build"\nreporter = "ctest"\n',
    check=("sh", "-c", "cmake -S . -B b && cmake --build b && ctest --test-dir b"),
)
COMPILED = (GO, RUST, C, SHELLQUOTE, JAVA)
IN_CI = COMPILED[:3]
"""Those that take seconds each; HARNESS_REAL=all is the whole."""
