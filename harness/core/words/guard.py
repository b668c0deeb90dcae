"""Catalogue: guard."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    # ------------------------------------------------ tests that got weaker
    "guard.weak_deleted": (
        "The test {test} was deleted.",
        "테스트 {test}이(가) 삭제되었습니다.",
    ),
    "guard.weak_hidden": (
        "The test {test} is still written down, but no test runner finds it any more.",
        "테스트 {test}이(가) 코드에는 남아 있지만 테스트 실행기가 더는 찾지 못합니다.",
    ),
    "guard.weak_emptied": (
        "All tests of this file are gone ({count}).",
        "이 파일의 테스트가 모두 사라졌습니다({count}개).",
    ),
    "guard.weak_file_silenced": (
        "All tests of this file are kept from counting ({how}): {count}.",
        "이 파일의 테스트 {count}개가 모두 무력화되었습니다({how}).",
    ),
    "guard.weak_silenced": (
        "The test {test} is kept from running or from failing: {how}.",
        "테스트 {test}이(가) 실행되지 않거나 실패할 수 없게 되었습니다: {how}.",
    ),
    "guard.weak_hollow": (
        "The test {test} does nothing any more.",
        "테스트 {test}이(가) 이제 아무 일도 하지 않습니다.",
    ),
    "guard.weak_removed": (
        "{test}: an assertion is gone: {what}",
        "{test}: 검증 하나가 사라졌습니다: {what}",
    ),
    "guard.weak_loosened": (
        "{test}: an assertion was loosened: {old} -> {new}",
        "{test}: 검증이 느슨해졌습니다: {old} -> {new}",
    ),
    "guard.weak_expects": (
        "{test}: the expectation was changed: {old} -> {new}",
        "{test}: 기대값이 바뀌었습니다: {old} -> {new}",
    ),
    "guard.weak_other_subject": (
        "{test}: an assertion now looks at something else: {old} -> {new}",
        "{test}: 검증 대상이 바뀌었습니다: {old} -> {new}",
    ),
    "guard.weak_swallowed": (
        "{test}: an assertion may now be skipped or its failure caught: {what}",
        "{test}: 검증이 건너뛰어지거나 실패가 무시될 수 있게 되었습니다: {what}",
    ),
    "guard.weak_snapshot": (
        "The stored snapshot {test} was changed.",
        "저장된 스냅샷 {test}이(가) 바뀌었습니다.",
    ),
    "guard.weak_only": (
        "A test is marked to run alone, so the others of its file do not run.",
        "한 테스트만 단독으로 실행되도록 표시되어 같은 파일의 나머지 테스트가 실행되지 않습니다.",
    ),
    "guard.weak_unreadable": (
        "This file cannot be read any more, so its tests cannot be compared.",
        "이 파일을 더는 해석할 수 없어 테스트를 비교할 수 없습니다.",
    ),
    "guard.weak_hook": (
        "{name} can drop, skip or rewrite tests, and it was added or changed.",
        "{name}은(는) 테스트를 빼거나 건너뛰거나 고쳐 쓸 수 있는데, 추가되거나 변경되었습니다.",
    ),
    "guard.weak_option": (
        "A test option was added that leaves tests out: {option}",
        "테스트를 제외하는 옵션이 추가되었습니다: {option}",
    ),
    "guard.weak_config": (
        "A setting that decides which tests count was changed: {what}",
        "어떤 테스트를 반영할지 정하는 설정이 바뀌었습니다: {what}",
    ),
    "guard.weak_command": (
        "The test command was changed: {what}",
        "테스트 명령이 바뀌었습니다: {what}",
    ),
    "guard.weak_ci": (
        "The continuous integration's checks were changed.",
        "지속적 통합(CI) 검사가 바뀌었습니다.",
    ),
    "guard.weak_frozen": (
        "The reproduction is frozen and must not be changed.",
        "재현 테스트는 고정되어 있어 바꿀 수 없습니다.",
    ),
}
