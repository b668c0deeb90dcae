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
    "guard.too_many_links": (
        "The change makes {count} links; at most {most} may leave without a person.",
        "변경으로 링크가 {count}개 생깁니다. 사람의 승인 없이는 {most}개까지만 내보냅니다.",
    ),
    "guard.too_many_executables": (
        "The change makes {count} executable files; at most {most} may leave without a person.",
        "변경으로 실행 파일이 {count}개 생깁니다. 사람의 승인 없이는 {most}개까지만 내보냅니다.",
    ),
    "guard.odd_name": (
        "The file name {name} holds characters that must not be in one.",
        "파일 이름 {name}에 쓸 수 없는 문자가 들어 있습니다.",
    ),
    "guard.reserved_name": (
        "The file name {name} cannot be used on every system.",
        "파일 이름 {name}을(를) 쓸 수 없는 시스템이 있습니다.",
    ),
    "guard.same_name": (
        "{name} and {other} are the same name on a system that does not tell upper from lower case.",
        "대소문자를 구분하지 않는 시스템에서는 {name}과(와) {other}이(가) 같은 이름입니다.",
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
        "{name} decides which packages are installed or what a build runs: a change there needs a "
        "person, or a plan that names it and that a person approved.",
        "{name}은(는) 설치할 패키지나 빌드할 때 실행할 내용을 정하는 파일입니다. 바꾸려면 사람의 승인이 "
        "필요하거나, 이 파일을 명시한 계획을 사람이 승인해야 합니다.",
    ),
    "guard.own_secret": (
        "{name} holds one of harness's own secrets.",
        "{name}에 harness가 쓰는 비밀 값이 들어 있습니다.",
    ),
    "guard.secret_shape": (
        "{name} holds what looks like a secret: {what}.",
        "{name}에 비밀 값으로 보이는 내용이 있습니다: {what}.",
    ),
    "guard.secret_name": (
        "The name of a changed file holds one of harness's own secrets.",
        "바뀐 파일의 이름에 harness가 쓰는 비밀 값이 들어 있습니다.",
    ),
    "guard.unscanned": (
        "{name} is too large to be searched for secrets, so it may not leave.",
        "{name}이(가) 너무 커서 비밀 값이 있는지 검사할 수 없으므로 내보내지 않습니다.",
    ),
    "guard.scan_unfinished": (
        "The search for secrets took too long at {name}; what was not searched may not leave.",
        "{name}에서 비밀 값 검사가 너무 오래 걸렸습니다. 검사하지 못한 내용은 내보내지 않습니다.",
    ),
    "guard.rules_unreadable": (
        "The project's .gitleaks.toml cannot be read: {why}",
        "프로젝트의 .gitleaks.toml을 읽을 수 없습니다: {why}",
    ),
    "guard.text_own_secret": (
        "A text that was to be sent to the forge ({what}) holds one of harness's own secrets.",
        "포지로 보내려던 글({what})에 harness가 쓰는 비밀 값이 들어 있습니다.",
    ),
    "guard.text_secret": (
        "A text that was to be sent to the forge ({what}) holds what looks like a secret: {looks}.",
        "포지로 보내려던 글({what})에 비밀 값으로 보이는 내용이 있습니다: {looks}.",
    ),
    "guard.withheld": (
        "harness had something to say here and did not: the text held what may be a secret. "
        "Somebody who works with harness finds the reason with `harness why`.",
        "harness가 여기에 남기려던 글에 비밀 값일 수 있는 내용이 있어 남기지 않았습니다. harness를 "
        "운영하는 사람은 `harness why`로 이유를 볼 수 있습니다.",
    ),
    "guard.write_unknown": (
        "A write to the forge was refused ({write}): no run makes such a write.",
        "포지에 쓰는 작업({write})을 거부했습니다. 어떤 실행도 하지 않는 작업입니다.",
    ),
    "guard.write_at_work": (
        "A write to the forge was refused ({write}): while an agent is at work only the progress "
        "comment and the lease are written.",
        "포지에 쓰는 작업({write})을 거부했습니다. 에이전트가 작업 중일 때는 진행 댓글과 리스만 씁니다.",
    ),
    "guard.write_foreign": (
        "A write to the forge was refused ({write}): {what} is not this run's own.",
        "포지에 쓰는 작업({write})을 거부했습니다. {what}은(는) 이 실행의 것이 아닙니다.",
    ),
    "guard.write_unapproved": (
        "A merge was refused ({write}): the policy asks for a person's approval of this very head.",
        "병합({write})을 거부했습니다. 정책에 따라 바로 이 커밋에 대한 사람의 승인이 필요합니다.",
    ),
    "guard.secret_rules_missing": (
        "policy.secret_rules names {path}, which cannot be read: {why}. Mend the file or take it "
        "off the list.",
        "policy.secret_rules에 적힌 {path}을(를) 읽을 수 없습니다: {why}. 파일을 고치거나 목록에서 "
        "빼세요.",
    ),
    "guard.probe_rules": (
        "rules of policy.secret_rules that look for secrets, beside the built-in ones",
        "비밀 값을 찾는 policy.secret_rules 규칙(내장 규칙 외)",
    ),
    "guard.probe_rules_skipped": (
        "These rules of policy.secret_rules cannot be used: {rules}. Mend their expressions (Go's "
        "syntax) or leave them out.",
        "policy.secret_rules의 다음 규칙은 쓸 수 없습니다: {rules}. 정규식(Go 문법)을 고치거나 빼세요.",
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
