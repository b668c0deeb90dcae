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
    # ------------------------------------------------ who may start work
    "guard.held_bot": (
        "Held: {login} is a bot, and bots may not start work here.",
        "보류: {login}은(는) 봇이며, 봇은 작업을 시작할 수 없습니다.",
    ),
    "guard.held_permission": (
        "Held: {login} has the permission {permission}; starting work needs {needed}.",
        "보류: {login}의 권한은 {permission}인데, 작업을 시작하려면 {needed} 권한이 필요합니다.",
    ),
    "guard.held_closed": (
        "Held: issue #{issue} is closed.",
        "보류: 이슈 #{issue}은(는) 닫혀 있습니다.",
    ),
    "guard.held_skip": (
        "Held: the label {label} keeps this issue out.",
        "보류: {label} 레이블이 붙은 이슈는 처리하지 않습니다.",
    ),
    "guard.held_label": (
        "Held: none of the labels that let work start is there: {labels}.",
        "보류: 작업을 시작하게 하는 레이블이 없습니다: {labels}.",
    ),
    "guard.held_milestone": (
        "Held: it belongs to none of the milestones that are worked on: {milestones}.",
        "보류: 작업 대상 마일스톤에 속하지 않습니다: {milestones}.",
    ),
    "guard.held_author": (
        "Held: issues opened by {login} are not taken up here.",
        "보류: {login}이(가) 연 이슈는 처리하지 않습니다.",
    ),
    "guard.held_unknown": (
        "Held: the forge does not tell who asked for work. Take the label or the assignment off "
        "and put it on again.",
        "보류: 누가 작업을 요청했는지 포지가 알려 주지 않습니다. 레이블이나 담당자를 뗐다가 다시 "
        "지정하세요.",
    ),
    "guard.held_waiting": (
        "Held: nobody asked for work on it. Somebody who may puts the label {label} on it, assigns "
        "it to harness or comments {word} go.",
        "보류: 작업을 요청한 사람이 없습니다. 권한이 있는 사람이 {label} 레이블을 붙이거나 harness를 "
        "담당자로 지정하거나 {word} go 댓글을 남기면 됩니다.",
    ),
    "guard.held_edited": (
        "Held: the text was edited after {login} asked for work, by someone unknown. Read it and "
        "ask again.",
        "보류: {login}이(가) 작업을 요청한 뒤에 누군가 본문을 고쳤습니다. 내용을 확인하고 다시 "
        "요청하세요.",
    ),
    # ------------------------------------------------ what may not leave
    "guard.too_many_files": (
        "The change touches {count} files; at most {most} may leave without a person.",
        "변경된 파일이 {count}개입니다. 사람의 승인 없이는 {most}개까지만 내보냅니다.",
    ),
    "guard.too_many_lines": (
        "The change has {count} lines; at most {most} may leave without a person.",
        "변경된 줄이 {count}줄입니다. 사람의 승인 없이는 {most}줄까지만 내보냅니다.",
    ),
    "guard.too_many_bytes": (
        "The changed files hold {count} bytes; at most {most} may leave without a person.",
        "변경된 파일이 모두 {count}바이트입니다. 사람의 승인 없이는 {most}바이트까지만 내보냅니다.",
    ),
    "guard.too_many_binaries": (
        "The change holds {count} binary files; at most {most} may leave without a person.",
        "변경에 바이너리 파일이 {count}개 있습니다. 사람의 승인 없이는 {most}개까지만 내보냅니다.",
    ),
    "guard.odd_name": (
        "The file name {name} holds characters that must not be in one.",
        "파일 이름 {name}에 쓸 수 없는 문자가 들어 있습니다.",
    ),
    "guard.nested_git": (
        "{name} reaches into a git directory.",
        "{name}은(는) git 디렉터리 안을 가리킵니다.",
    ),
    "guard.gitlink": (
        "{name} is a link to another repository.",
        "{name}은(는) 다른 저장소로 이어지는 링크입니다.",
    ),
    "guard.odd_mode": (
        "{name} has the file mode {mode}.",
        "{name}의 파일 모드가 {mode}입니다.",
    ),
    "guard.link_leaves": (
        "The link {name} leads out of the repository: {target}",
        "링크 {name}이(가) 저장소 밖을 가리킵니다: {target}",
    ),
    "guard.made_executable": (
        "{name} was made executable.",
        "{name}에 실행 권한이 추가되었습니다.",
    ),
    "guard.protected": (
        "{name} is protected: a change there needs a plan that a person approved.",
        "{name}은(는) 보호된 경로입니다. 바꾸려면 사람이 승인한 계획이 필요합니다.",
    ),
    "guard.manifest": (
        "{name} decides which packages are installed: a change there needs a person.",
        "{name}은(는) 설치할 패키지를 정하는 파일이므로 바꾸려면 사람의 승인이 필요합니다.",
    ),
    "guard.own_secret": (
        "{name} holds one of harness's own secrets.",
        "{name}에 harness가 쓰는 비밀 값이 들어 있습니다.",
    ),
    "guard.secret_shape": (
        "{name} holds what looks like a secret: {what}.",
        "{name}에 비밀 값으로 보이는 내용이 있습니다: {what}.",
    ),
    # ------------------------------------------------ the form of a pull request
    "guard.lint_no_title": (
        "The pull request has no title.",
        "풀 리퀘스트에 제목이 없습니다.",
    ),
    "guard.lint_long_title": (
        "The pull request's title has {length} characters; at most {most}.",
        "풀 리퀘스트 제목이 {length}자입니다. 최대 {most}자까지 쓸 수 있습니다.",
    ),
    "guard.lint_odd_title": (
        "The pull request's title holds characters that nobody sees.",
        "풀 리퀘스트 제목에 보이지 않는 문자가 있습니다.",
    ),
    "guard.lint_long_body": (
        "The pull request's text has {length} characters; at most {most}.",
        "풀 리퀘스트 본문이 {length}자입니다. 최대 {most}자까지 쓸 수 있습니다.",
    ),
    "guard.lint_no_section": (
        'The pull request lacks the section "{section}".',
        '풀 리퀘스트에 "{section}" 절이 없습니다.',
    ),
    "guard.lint_no_evidence": (
        'Under "{section}" there is neither a table nor a log.',
        '"{section}" 절에 표나 실행 기록이 없습니다.',
    ),
    "guard.lint_not_closing": (
        "The pull request does not say that it closes #{issue}.",
        "풀 리퀘스트에 #{issue}을(를) 닫는다는 말이 없습니다.",
    ),
    "guard.lint_closes_other": (
        "The pull request would close #{issue}, which is not its own.",
        "풀 리퀘스트가 자기 것이 아닌 #{issue}을(를) 닫게 됩니다.",
    ),
    "guard.lint_html": (
        "The pull request holds an image or HTML.",
        "풀 리퀘스트에 이미지나 HTML이 들어 있습니다.",
    ),
}
