"""Go, Rust and Java, taken apart."""

from __future__ import annotations

import pytest

from harness.proof import compiled
from harness.proof.groups import Group, groups_of, undone

GO = """package shop

import "fmt"

const Most = 3

func Price(count int) (int, error) {
	if count < 0 {
		return 0, fmt.Errorf("count %d", count)
	}
	return count * 5, nil
}
"""
RUST = """use std::fmt;

pub struct Shop { price: u32 }

impl Shop {
    pub fn total(&self, count: u32) -> u32 {
        info!("asked {}", count);
        self.price * count
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_counts() { assert_eq!(4, 4); }
}
"""
JAVA = """package shop;

import java.util.List;

public class Shop {
    private final int price = 5;

    public int total(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("count");
        }
        return price * count;
    }
}
"""
SAME = {
    "a comment": ("shop.go", GO, "return count * 5, nil", "return count * 5, nil // each"),
    "the words of an error": ("shop.go", GO, '"count %d"', '"no count %d"'),
    "an import": ("shop.go", GO, 'import "fmt"', 'import (\n\t"fmt"\n\t_ "embed"\n)'),
    "a log of Go": ("shop.go", GO, "\treturn count", '\tlog.Printf("%d", count)\n\treturn count'),
    "slog": ("shop.go", GO, "\treturn count", '\tslog.Info("x", "n", count)\n\treturn count'),
    "a log of Rust": ("lib.rs", RUST, '"asked {}"', '"asked for {}"'),
    "log by path": ("lib.rs", RUST, "info!", "log::debug!"),
    "a test beside": ("lib.rs", RUST, "assert_eq!(4, 4)", "assert_eq!(5, 5)"),
    "a doc attribute": ("lib.rs", RUST, "pub struct", '#[doc = "a shop"]\npub struct'),
    "the words of a panic": (
        *("lib.rs", RUST.replace("self.price * count", 'panic!("no")')),
        *('"no"', '"not at all"'),
    ),
    "the words of expect": (
        *("lib.rs", RUST.replace("self.price * count", 'f().expect("no")')),
        *('"no"', '"never"'),
    ),
    "an exception's words": ("Shop.java", JAVA, '"count"', '"below zero"'),
    "Override": ("Shop.java", JAVA, "    public int total", "    @Override\n    public int total"),
    "a log of Java": (
        "Shop.java",
        JAVA,
        "        return",
        '        logger.info("x");\n        return',
    ),
}
OTHER = {
    "a constant": ("shop.go", GO, "Most = 3", "Most = 4"),
    "a type": ("shop.go", GO, "count int)", "count int64)"),
    "a condition": ("shop.go", GO, "count < 0", "count <= 0"),
    "text that is no message": ("shop.go", GO, "Most = 3", 'Most = "3"'),
    "a call named log": ("shop.go", GO, "\treturn count", "\tmath.Log(count)\n\treturn count"),
    "a derive": ("lib.rs", RUST, "pub struct", "#[derive(Clone)]\npub struct"),
    "an attribute that chooses docs": ("lib.rs", RUST, "pub struct", "#[cfg(doc)]\npub struct"),
    "a derive that has doc in it": ("lib.rs", RUST, "pub struct", "#[derive(Xdoc)]\npub struct"),
    "an attribute that chooses": ("lib.rs", RUST, "pub struct", "#[cfg(unix)]\npub struct"),
    "a test's name in a product": ("lib.rs", RUST, "pub fn total", "pub fn test_total"),
    "an annotation that works": (
        *("Shop.java", JAVA, "    public int total", "    @Transactional\n    public int total"),
    ),
    "another exception": ("Shop.java", JAVA, "IllegalArgument", "IllegalState"),
    "what is thrown at all": ("Shop.java", JAVA, 'throw new IllegalArgumentException("count")', ""),
}


@pytest.mark.parametrize("case", SAME)
def test_what_no_test_is_asked_to_notice(case: str) -> None:
    path, text, old, new = SAME[case]
    changed = text.replace(old, new)
    assert changed != text
    assert compiled.meaning(changed, path) == compiled.meaning(text, path)


@pytest.mark.parametrize("case", OTHER)
def test_what_a_test_may_notice(case: str) -> None:
    path, text, old, new = OTHER[case]
    changed = text.replace(old, new)
    assert changed != text
    assert compiled.meaning(changed, path) not in (None, compiled.meaning(text, path))


@pytest.mark.parametrize("path", ["shop.go", "lib.rs", "Shop.java"])
def test_what_cannot_be_read_has_no_meaning(path: str) -> None:
    assert compiled.meaning("func (( {", path) is None
    assert compiled.bound("func (( {", path) == {}


def test_a_go_helper_goes_with_what_uses_it_and_its_import() -> None:
    helper = "\nfunc half(n int) int {\n\treturn strings.Count(x, n) / 2\n}\n"
    new = GO.replace('"fmt"', '(\n\t"fmt"\n\t"strings"\n)').replace("count * 5", "half(count)")
    groups = _groups("shop.go", GO, new + helper)
    assert len(groups) == 1
    assert undone({"shop.go": (GO, new + helper)}, groups[0]) == {"shop.go": GO}


def test_independent_parts_of_each_language_stand_alone() -> None:
    for path, text, old, new, added in (
        ("shop.go", GO, "count < 0", "count < 1", "\nfunc Other() int {\n\treturn 7\n}\n"),
        ("lib.rs", RUST, "self.price * count", "self.price + count", "\nfn other() -> u32 { 7 }\n"),
        (
            "Shop.java",
            JAVA,
            "price * count",
            "price + count",
            "\nclass Other { int b() { return 7; } }\n",
        ),
    ):
        groups = _groups(path, text, text.replace(old, new) + added)
        assert [group.exempt for group in groups] == [False, False], path
        assert all(group.read for group in groups)


def test_a_rust_test_in_the_file_is_no_part_that_must_be_noticed() -> None:
    more = RUST.replace(
        "    #[test]", "    #[test]\n    fn more() { assert!(true); }\n\n    #[test]"
    )
    assert [group.exempt for group in _groups("lib.rs", RUST, more)] == [True]


def _groups(path: str, old: str, new: str) -> tuple[Group, ...]:
    return groups_of({path: (old, new)})
