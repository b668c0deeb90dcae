"""The reader of catalogues: what other tools read, a language that is dropped in, plural forms."""

from __future__ import annotations

import gettext
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from harness.i18n.catalogue import LOCALE, TEMPLATE, Catalogue, language_of, languages
from harness.i18n.po import PoFile, read
from scripts.words import in_line
from tests.i18n.catalogues import FILES, english, messages, texts

HARNESS = "from harness.cli.entry import main; raise SystemExit(main())"
HEAD = 'msgid ""\nmsgstr "Language: pl\\nPlural-Forms: {rule};\\nContent-Type: text/plain\\n"\n\n'
POLISH = HEAD.format(
    rule="nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The template, and beside it a Polish file of three sentences, one of them fuzzy."""
    template = (LOCALE / TEMPLATE).read_text(encoding="utf-8")
    (tmp_path / TEMPLATE).write_text(template, encoding="utf-8")
    polish = in_line(template, POLISH)
    for key, forms in {
        "forge.pulled_files": ("{count:n} plik", "{count:n} pliki", "{count:n} plików"),
        "view.value": ("Wartość",),
        "view.fact": ("Fakt",),
    }.items():
        head, entry, rest = _cut(polish, key)
        if len(forms) == 1:
            entry = entry.replace('msgstr ""', f'msgstr "{forms[0]}"')
        for n, form in enumerate(forms):
            entry = entry.replace(f'msgstr[{n}] ""', f'msgstr[{n}] "{form}"')
        fuzzy = "#, fuzzy\n" if key == "view.fact" else ""
        polish = f"{head}{fuzzy}{entry}{rest}"
    (tmp_path / "pl.po").write_text(polish, encoding="utf-8")
    return tmp_path


def _cut(text: str, key: str) -> tuple[str, str, str]:
    """What stands before an entry, the entry, what stands after it."""
    place = text.index(f'\nmsgctxt "{key}"\n')
    begin = text.rindex("\n\n", 0, place + 1) + 2
    end = text.find("\n\n", place)
    end = len(text) if end < 0 else end
    return text[:begin], text[begin:end], text[end:]


def test_a_language_is_a_file(folder: Path) -> None:
    assert languages(folder) == ("en", "pl")
    assert language_of("pl_PL.UTF-8", folder) == "pl"
    assert language_of("de_DE", folder) == ""
    assert language_of("", folder) == ""
    assert Catalogue("pl", folder)("view.value") == "Wartość"


def test_a_language_that_is_dropped_in_can_be_chosen(folder: Path, tmp_path: Path) -> None:
    installed, config = tmp_path / "site", tmp_path / "config" / "harness"
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(LOCALE.parent.parent, installed / "harness", ignore=skipped)
    shutil.copy(folder / "pl.po", installed / "harness" / "i18n" / "locale")
    config.mkdir(parents=True)
    env = {"PYTHONPATH": str(installed), "XDG_CONFIG_HOME": str(config.parent), "HOME": str(config)}
    for language, code in (("pl", 0), ("xx", 3)):
        (config / "config.toml").write_text(f"language = '{language}'\n")
        done = subprocess.run(
            [sys.executable, "-c", HARNESS, "config", "show"],
            env=env,
            cwd=config,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        known = ", ".join(f"'{one}'" for one in sorted({*languages(), "pl"}))
        assert (known in done.stderr) == (code == 3)


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 plików"), (1, "1 plik"), (2, "2 pliki"), (5, "5 plików"), (22, "22 pliki")],
)
def test_the_rule_of_a_language_picks_the_form(folder: Path, count: int, said: str) -> None:
    assert Catalogue("pl", folder)("forge.pulled_files", count=count) == said


def test_what_is_empty_fuzzy_or_not_there_is_said_in_english(folder: Path) -> None:
    polish = Catalogue("pl", folder)
    assert polish("view.fact") == "Fact"
    assert polish("view.project") == "Project"
    assert polish("page.times", count=1) == "1 time"
    assert polish("page.times", count=2) == "2 times"
    head, _, rest = _cut((folder / "pl.po").read_text(encoding="utf-8"), "view.value")
    (folder / "old.po").write_text(head + rest.lstrip("\n"), encoding="utf-8")
    assert Catalogue("old", folder)("view.value") == "Value"


def test_english_and_korean_count() -> None:
    en, ko = Catalogue("en"), Catalogue("ko")
    key = "pipeline.attempts_used"
    assert en(key, attempts=1, why="x") == "1 attempt did not pass the checks; last: x"
    assert en(key, attempts=2, why="x") == "2 attempts did not pass the checks; last: x"
    assert "1" in ko(key, attempts=1, why="x")
    totals = {"merged": 1, "waiting": 0, "cost": "0", "tokens": "1"}
    assert en("view.totals", runs=1, **totals).startswith("1 run, 1 merged")
    assert en("view.totals", runs=0, **totals).startswith("0 runs, ")
    # what is no number is never one
    assert en("page.times", count="some") == "some times"


def test_an_unknown_key_or_a_missing_fact_is_an_error() -> None:
    for language in languages():
        with pytest.raises(KeyError):
            Catalogue(language)("cli.no_such_key")
        with pytest.raises(KeyError):
            Catalogue(language)("page.times")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_file_says_to_us_what_it_says_to_babel_and_to_gettext(file: Path) -> None:
    compiled = BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text))
    compiled.seek(0)
    said = gettext.GNUTranslations(compiled)
    own, template = read(file), read(LOCALE / TEMPLATE)
    assert own.keys == tuple(messages(file))
    assert template.keys == tuple(english())
    for key, message in messages(file).items():
        found = own.message(key)
        assert found is not None
        source = texts(message.id)
        if not all(texts(message.string)):  # not said yet: in English, by the rule of English
            assert found.forms == tuple(text.replace(":n}", "}") for text in source), key
            assert [found.rule(number) for number in (0, 1, 2)] == [1, 0, 1]
            continue
        for number in range(25):
            theirs = (
                said.npgettext(key, source[0], source[1], number)
                if len(source) > 1
                else said.pgettext(key, source[0])
            )
            ours = found.forms[found.rule(number) if found.counted else -1]
            assert ours == theirs.replace(":n}", "}"), key
        unsaid = template.message(key)
        assert unsaid is not None
        assert unsaid.forms == tuple(text.replace(":n}", "}") for text in source), key


def test_entries_without_a_line_between_are_refused() -> None:
    text = '\n\nmsgctxt "a.b"\nmsgid "x"\nmsgstr "y"\nmsgctxt "a.c"\nmsgid "x"\nmsgstr "y"\n'
    with pytest.raises(ValueError, match=r"a\.c"):
        PoFile(text.encode()).message("a.c")


@pytest.mark.parametrize("wrong", [b"\xff\xfe", b"\\q"])
def test_an_entry_that_cannot_be_read_is_named(tmp_path: Path, wrong: bytes) -> None:
    entry = b'msgctxt "view.value"\nmsgid "Value"\nmsgstr "' + wrong + b'"\n'
    (tmp_path / "xx.po").write_bytes(b'msgid ""\nmsgstr ""\n\n' + entry)
    with pytest.raises(ValueError, match=r"xx\.po, view\.value"):
        Catalogue("xx", tmp_path)("view.value")


def test_line_ends_of_windows_are_fine(folder: Path) -> None:
    text = (folder / "pl.po").read_bytes()
    (folder / "cr.po").write_bytes(text.replace(b"\n", b"\r\n"))
    assert Catalogue("cr", folder)("view.value") == "Wartość"
    assert Catalogue("cr", folder)("forge.pulled_files", count=3) == "3 pliki"


def test_a_changed_english_sentence_marks_its_translations() -> None:
    template = (LOCALE / TEMPLATE).read_text(encoding="utf-8")
    korean = (LOCALE / "ko.po").read_text(encoding="utf-8")
    head, entry, rest = _cut(template, "view.value")
    renamed = head + entry.replace('"Value"', '"Amount"') + rest
    made = in_line(renamed, korean)
    assert "#, fuzzy" in _cut(made, "view.value")[1]
    assert PoFile(made.encode()).message("view.value") == (
        PoFile(renamed.encode()).message("view.value")
    )
    assert in_line(template, in_line(head + rest.lstrip("\n"), korean)).count('msgstr ""\n') > 0
