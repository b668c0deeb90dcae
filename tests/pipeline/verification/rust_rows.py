# ruff: noqa: E501
"""Rust: ways to make a test weaker, and their honest twins."""

from __future__ import annotations

from tests.pipeline.verification.weak_rows import sub

PATH = "tests/sum.rs"
R = """\
use shop::{count, parse::list, sum, Error};

const LIMIT: u32 = 3;

fn check(got: u32, want: u32) {
    assert_eq!(got, want, "not what it should be");
}

fn build(n: usize) -> Vec<u32> {
    list(n)
}

#[test]
fn sums() {
    let got = sum(1, 2).unwrap();
    assert_eq!(got, LIMIT);
    assert!(got > 0 && got < 9, "got {}", got);
}

#[test]
fn rows() {
    for (text, want) in [("a", 1), ("a,b", 2)] {
        assert_eq!(count(text), want);
    }
}

#[test]
#[should_panic(expected = "empty")]
fn refuses() {
    count_all(&[]);
}

#[test]
fn helped() {
    let items = build(2);
    check(items.len() as u32, 2);
    assert!(items.contains(&1));
    assert!(!items.is_empty());
    assert_ne!(items[0], 9);
    assert!((ratio(1, 2) - 0.5).abs() < 1e-9);
}

#[test]
fn errors() -> Result<(), Error> {
    match sum(0, 0) {
        Ok(v) => assert_eq!(v, 0),
        Err(e) => panic!("{e}"),
    }
    let Err(e) = sum(9, 9) else { panic!("no error") };
    assert!(matches!(e, Error::TooMuch(_)));
    if let Ok(v) = sum(2, 2) {
        assert_eq!(v, 4);
    }
    store(1)?;
    save(2).unwrap();
    Ok(())
}

mod cases {
    use super::*;

    #[rstest]
    #[case("a", 1)]
    #[case("a,b", 2)]
    fn counted(#[case] text: &str, #[case] want: usize) {
        assert_eq!(count(text), want);
    }
}

proptest! {
    #[test]
    fn always(a in 0..100u32, b in 0..100u32) {
        prop_assert_eq!(sum(a, b).unwrap(), a + b);
    }
}

macro_rules! same {
    ($a:expr, $b:expr) => {
        assert_eq!($a, $b)
    };
}

#[test]
fn by_macro() {
    same!(count("x"), 1);
}
"""
EQ = "    assert_eq!(got, LIMIT);\n"
GOT = "    let got = sum(1, 2).unwrap();\n"


def top(line: str) -> str:
    return sub(R, GOT, line + GOT)


WEAK_ROWS = [
    ("assertion gone", sub(R, EQ, ""), "weak_removed"),
    ("assertion commented out", sub(R, EQ, "    // assert_eq!(got, LIMIT);\n"), "weak_removed"),
    ("only printed", sub(R, EQ, '    println!("{}", got == LIMIT);\n'), "weak_removed"),
    ("constant changed", sub(R, "u32 = 3", "u32 = 4"), "weak_expects"),
    ("constant hidden", top("    const LIMIT: u32 = 4;\n"), "weak_expects"),
    ("constant by let", sub(R, "assert_eq!(got, LIMIT)", "let want = 4;\n    assert_eq!(got, want)"), "weak_expects"),
    ("to assert", sub(R, EQ, "    assert!(got >= 1);\n"), "weak_loosened"),
    ("to ne", sub(R, EQ, "    assert_ne!(got, 0);\n"), "weak_loosened"),
    ("or true", sub(R, EQ, "    assert!(got == LIMIT || true);\n"), "weak_removed"),
    ("assert true", sub(R, EQ, "    assert!(true);\n"), "weak_removed"),
    ("with itself", sub(R, EQ, "    assert_eq!(got, got);\n"), "weak_"),
    ("half of it", sub(R, "got > 0 && got < 9", "got > 0"), "weak_removed"),
    ("wider", sub(R, "got < 9", "got < 99"), "weak_loosened"),
    ("tolerance", sub(R, "1e-9", "0.5"), "weak_loosened"),
    ("other input", sub(R, "sum(1, 2)", "sum(3, 0)"), "weak_other_subject"),
    ("unwrap_or", sub(R, "sum(1, 2).unwrap()", "sum(1, 2).unwrap_or(3)"), "weak_other_subject"),
    ("value assigned", sub(R, "let got = sum(1, 2).unwrap();\n", "let mut got = sum(1, 2).unwrap();\n    got = 3;\n"), "weak_"),
    ("value shadowed", sub(R, EQ, "    let got = 3;\n" + EQ), "weak_"),
    ("ignored", sub(R, "#[test]\nfn sums", "#[test]\n#[ignore]\nfn sums"), "weak_silenced"),
    ("ignored with a reason", sub(R, "#[test]\nfn sums", '#[test]\n#[ignore = "slow"]\nfn sums'), "weak_silenced"),
    ("ignored by cfg_attr", sub(R, "#[test]\nfn sums", '#[test]\n#[cfg_attr(not(miri), ignore)]\nfn sums'), "weak_silenced"),
    ("cfg", sub(R, "#[test]\nfn sums", '#[cfg(feature = "slow")]\n#[test]\nfn sums'), "weak_silenced"),
    ("cfg of the module", sub(R, "mod cases", "#[cfg(windows)]\nmod cases"), "weak_silenced"),
    ("cfg of the file", "#![cfg(windows)]\n" + R, "weak_silenced"),
    ("no test any more", sub(R, "#[test]\nfn sums", "fn sums"), "weak_deleted"),
    ("dead code allowed", sub(R, "#[test]\nfn sums", "#[allow(dead_code)]\nfn sums"), "weak_deleted"),
    ("deleted", R[: R.index("#[test]\n#[should")] + R[R.index("#[test]\nfn helped") :], "weak_deleted"),
    ("should panic", sub(R, "#[test]\nfn sums", "#[test]\n#[should_panic]\nfn sums"), "weak_"),
    ("panic no longer asked for", sub(R, '#[should_panic(expected = "empty")]\n', ""), "weak_removed"),
    ("any panic", sub(R, '(expected = "empty")', ""), "weak_loosened"),
    ("another panic", sub(R, 'expected = "empty"', 'expected = "e"'), "weak_expects"),
    ("return", top("    return;\n"), "weak_removed"),
    ("return on a condition", top("    if LIMIT == 3 {\n        return;\n    }\n"), "weak_swallowed"),
    ("under if", sub(R, EQ, "    if got > 2 {\n    " + EQ + "    }\n"), "weak_swallowed"),
    ("under if let", sub(R, GOT + EQ, "    if let Ok(got) = sum(1, 2) {\n    " + EQ + "    }\n    let got = 1;\n"), "weak_"),
    ("under if false", sub(R, EQ, "    if false {\n    " + EQ + "    }\n"), "weak_removed"),
    ("closure not called", sub(R, EQ, "    let f = || {\n    " + EQ + "    };\n"), "weak_removed"),
    ("function not called", sub(R, EQ, "    fn f(got: u32) {\n    " + EQ + "    }\n"), "weak_removed"),
    ("panic caught", sub(R, EQ, "    let _ = std::panic::catch_unwind(|| {\n    " + EQ + "    });\n"), "weak_swallowed"),
    ("in a thread", sub(R, EQ, "    std::thread::spawn(move || {\n    " + EQ + "    });\n"), "weak_swallowed"),
    ("over nothing", sub(R, EQ, "    for _ in [] {\n    " + EQ + "    }\n"), "weak_removed"),
    ("debug only", sub(R, "assert_eq!(got, LIMIT)", "if cfg!(debug_assertions) { assert_eq!(got, LIMIT) }"), "weak_swallowed"),
    ("in a macro of ours", sub(R, EQ, "    never! {\n    " + EQ + "    }\n"), "weak_removed"),
    ("in the loop", sub(R, "        assert_eq!(count(text), want);\n    }\n}\n\n#[test]\n#[should", "        let _ = (count(text), want);\n    }\n}\n\n#[test]\n#[should"), "weak_removed"),
    ("row gone", sub(R, '[("a", 1), ("a,b", 2)]', '[("a", 1)]'), "weak_removed"),
    ("row changed", sub(R, '[("a", 1), ("a,b", 2)]', '[("a", 1), ("a,b", 1)]'), "weak_expects"),
    ("case gone", sub(R, '    #[case("a,b", 2)]\n', ""), "weak_removed"),
    ("case changed", sub(R, '#[case("a,b", 2)]', '#[case("a,b", 1)]'), "weak_expects"),
    ("helper hollowed", sub(R, 'assert_eq!(got, want, "not', 'assert!(got == want || want > 0, "not'), "weak_removed"),
    ("helper not called", sub(R, "    check(items.len() as u32, 2);\n", ""), "weak_removed"),
    ("helper expects another", sub(R, "u32, 2);", "u32, 3);"), "weak_expects"),
    ("helper no longer asks the product", sub(R, "    list(n)\n", "    vec![1; n]\n"), "weak_replaced"),
    ("import moved", sub(R, "parse::list", "fake::list"), "weak_"),
    ("import of another name", sub(R, "sum, Error", "count as sum, Error"), "weak_other_subject"),
    ("product defined here", sub(sub(R, "sum, Error", "Error"), "const LIMIT", "fn sum(a: u32, b: u32) -> Result<u32, Error> {\n    Ok(a + b)\n}\n\nconst LIMIT"), "weak_other_subject"),
    ("glob of a fake", sub(R, "    use super::*;\n", "    use crate::fake::*;\n"), "weak_replaced"),
    ("match arm says nothing", sub(R, 'Err(e) => panic!("{e}")', "Err(_) => {}"), "weak_"),
    ("question mark dropped", sub(R, "store(1)?;", "let _ = store(1);"), "weak_removed"),
    ("unwrap dropped", sub(R, "save(2).unwrap();", "let _ = save(2);"), "weak_removed"),
    ("else that leaves", sub(R, 'else { panic!("no error") }', "else { return Ok(()) }"), "weak_swallowed"),
    ("property narrower", sub(R, "a in 0..100u32", "a in 0..1u32"), "weak_expects"),
    ("property loosened", sub(R, "prop_assert_eq!(sum(a, b).unwrap(), a + b)", "prop_assert!(sum(a, b).is_ok())"), "weak_expects"),
    ("property gone", R[: R.index("proptest!")] + R[R.index("macro_rules!") :], "weak_deleted"),
    ("macro hollowed", sub(R, "        assert_eq!($a, $b)\n", "        assert!($a == $b || true)\n"), "weak_expects"),
    ("macro not called", sub(R, '    same!(count("x"), 1);\n', '    let _ = count("x");\n'), "weak_removed"),
    ("assert_eq of ours", R + "\nmacro_rules! assert_eq {\n    ($($t:tt)*) => {};\n}\n", "weak_removed"),
    ("emptied", "fn main() {}\n", "weak_emptied"),
    ("broken", R + "fn (\n", "weak_unreadable"),
]  # fmt: skip
BENIGN_ROWS = [
    ("same", R),
    ("comment", sub(R, EQ, "    // three\n" + EQ)),
    ("message", sub(R, "assert_eq!(got, LIMIT)", 'assert_eq!(got, LIMIT, "sum is {}", got)')),
    ("turned round", sub(R, "assert_eq!(got, LIMIT)", "assert_eq!(LIMIT, got)")),
    ("in lines", sub(R, "assert_eq!(got, LIMIT)", "assert_eq!(\n        got,\n        LIMIT,\n    )")),
    ("constant written out", sub(R, "assert_eq!(got, LIMIT)", "assert_eq!(got, 3)")),
    ("inlined", sub(R, "assert_eq!(got, LIMIT)", "assert_eq!(sum(1, 2).unwrap(), LIMIT)")),
    ("variable renamed", sub(R, GOT + EQ + '    assert!(got > 0 && got < 9, "got {}", got);\n', "    let all = sum(1, 2).unwrap();\n    assert_eq!(all, LIMIT);\n    assert!(all > 0 && all < 9);\n")),
    ("two in place of one", sub(R, 'assert!(got > 0 && got < 9, "got {}", got);', "assert!(got > 0);\n    assert!(got < 9);")),
    ("nearer", sub(R, "1e-9", "1e-12")),
    ("stronger", sub(R, "    assert_ne!(items[0], 9);\n", "    assert_eq!(items[0], 1);\n")),
    ("more rows", sub(R, '("a,b", 2)]', '("a,b", 2), ("", 0)]')),
    ("more cases", sub(R, '    #[case("a,b", 2)]\n', '    #[case("a,b", 2)]\n    #[case("", 0)]\n')),
    ("more tests", R + "\n#[test]\nfn more() {\n    assert_eq!(count(\"\"), 0);\n}\n"),
    ("new test ignored", R + "\n#[test]\n#[ignore]\nfn more() {\n    assert_eq!(count(\"\"), 0);\n}\n"),
    ("more asserted", sub(R, EQ, EQ + "    assert!(got != 7);\n")),
    ("import added", sub(R, "use shop::{", "use std::collections::HashMap;\nuse shop::{")),
    ("import in two", sub(R, "use shop::{count, parse::list, sum, Error};", "use shop::parse::list;\nuse shop::{count, sum, Error};")),
    ("import renamed", sub(R, "sum, Error", "sum as add, Error").replace("= sum(1", "= add(1").replace("match sum(", "match add(").replace("= sum(", "= add(").replace("(sum(", "(add(")),
    ("renamed test", sub(R, "fn sums(", "fn sums_of_two(")),
    ("async test", sub(R, "#[test]\nfn sums()", "#[tokio::test]\nasync fn sums()")),
    ("lint allowed", sub(R, "#[test]\nfn sums", "#[test]\n#[allow(clippy::all)]\nfn sums")),
    ("else that fails", sub(R, EQ, "    if got > 0 {\n    " + EQ + '    } else {\n        panic!("none");\n    }\n')),
    ("called closure", sub(R, EQ, "    let f = || {\n    " + EQ + "    };\n    f();\n")),
    ("ignore removed", R),
    ("documented", sub(R, "#[test]\nfn sums", "/// Adds.\n#[test]\nfn sums")),
]  # fmt: skip
RUST_WEAK = [(f"rust {name}", PATH, R, new, key) for name, new, key in WEAK_ROWS]
RUST_BENIGN: list[tuple[str, str, str | None, str]] = [
    (f"rust {name}", PATH, R, new) for name, new in BENIGN_ROWS
]
RUST_BENIGN += [
    ("rust new file", PATH, None, R),
    ("rust from nothing", PATH, "fn helper() {}\n", R),
]
