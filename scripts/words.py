"""Brings every language in line with the template: `make words`, after an English sentence changed.

What is new stands there empty, what was said of another English sentence is marked fuzzy, what the
template no longer has goes. Both are said in English until someone fills them in and takes the
mark away. The files come out in one form, so that a difference in git is one of words.
"""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

LOCALE = Path(__file__).resolve().parent.parent / "harness" / "i18n" / "locale"
TEMPLATE = "harness.pot"


def in_line(template: str, own: str) -> str:
    """The text of a language's file, `own`, by the template's; the head stays as it is."""
    head = own.partition("\n\n")[0]
    wanted, said = read_po(StringIO(template)), read_po(StringIO(own))
    before = {message.context: message for message in said}
    # the head says how many forms a plural has
    made = read_po(StringIO(f"{head}\n"))
    for message in wanted:
        if message.context:
            _add(made, message, before.get(message.context), made.num_plurals)
    out = BytesIO()
    write_po(out, made, width=76, omit_header=True, no_location=True)
    return f"{head}\n\n{out.getvalue().decode()}"


def _add(made: Catalog, wanted: Message, old: Message | None, forms: int) -> None:
    empty = ("",) * forms if wanted.pluralizable else ""
    kept = old is not None and old.pluralizable == wanted.pluralizable and bool(_filled(old))
    fuzzy = old is not None and kept and (old.id != wanted.id or "fuzzy" in old.flags)
    new = made.add(
        wanted.id,
        old.string if old is not None and kept else empty,
        flags=("fuzzy",) if fuzzy else (),
        auto_comments=wanted.auto_comments,
        user_comments=old.user_comments if old is not None else (),
        context=wanted.context,
    )
    # `{share} % of` looks like a fact of another kind
    new.flags.discard("python-format")


def _filled(message: Message) -> str:
    return "".join(message.string or "")


def main() -> None:
    template = (LOCALE / TEMPLATE).read_text(encoding="utf-8")
    for file in (LOCALE / TEMPLATE, *sorted(LOCALE.glob("*.po"))):
        own = file.read_text(encoding="utf-8")
        file.write_text(in_line(template, own), encoding="utf-8")


if __name__ == "__main__":
    main()
