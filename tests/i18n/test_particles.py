"""Korean particles: the form that is spoken, and both where the sound cannot be told."""

from __future__ import annotations

import pytest

from harness.i18n.catalogue import Catalogue
from harness.i18n.particles import choose_particles


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("이슈 #12이(가)", "이슈 #12가"),
        ("이슈 #13이(가)", "이슈 #13이"),
        ("#10은(는) #20을(를)", "#10은 #20을"),
        ("#1(으)로 #7(으)로 #6(으)로 #4(으)로", "#1로 #7로 #6으로 #4로"),
        ("policy이(가)", "policy가"),
        ("model을(를)", "model을"),
        ("model(으)로", "model로"),
        ("plan(으)로", "plan으로"),
        ("main을(를)", "main을"),
        ("`harness approve 1`을(를)", "`harness approve 1`을"),
        ("`harness init --github NEW/NAME`을(를)", "`harness init --github NEW/NAME`을(를)"),
        ("버그(으)로", "버그로"),
        ("파일(으)로", "파일로"),
        ("질문(으)로", "질문으로"),
        ('"계획"과(와)', '"계획"과'),
        ("(사람)와(과)", "(사람)과"),
        ("3ff229adadc325aa을(를)", "3ff229adadc325aa를"),
        ("3ff229adadc325al을(를)", "3ff229adadc325al을"),
        ("PR을(를)", "PR을"),
        ("CI이(가)", "CI가"),
        ("git이(가)", "git이(가)"),
        ("…을(를)", "…을(를)"),
        ("을(를)", "을(를)"),
        ("책(이)라", "책이라"),
        ("호출(call)을 씀", "호출(call)을 씀"),
    ],
)
def test_the_form_follows_the_sound(text: str, said: str) -> None:
    assert choose_particles(text) == said


def test_a_sentence_of_the_catalogue_is_said_so() -> None:
    words = Catalogue("ko")
    assert words("daemon.will_start", issue=12).startswith("이슈 #12는 ")
    assert words("daemon.will_start", issue=13).startswith("이슈 #13은 ")
