"""Catalogue: forge."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "forge.bad_check": (
        "A check cannot be {status} with the conclusion {conclusion}: completed needs one, the "
        "other states have none.",
        "검사는 {status} 상태에서 결론이 {conclusion}일 수 없습니다. completed에는 결론이 있어야 "
        "하고 다른 상태에는 없어야 합니다.",
    ),
    "forge.bad_label": (
        '"{label}" cannot be a label: use one line of 1 to 50 characters.',
        '"{label}"은(는) 라벨로 쓸 수 없습니다. 1~50자의 한 줄로 적어 주세요.',
    ),
    "forge.bad_login": (
        '"{login}" cannot be a user name: use letters, digits and hyphens, at most 39.',
        '"{login}"은(는) 사용자 이름으로 쓸 수 없습니다. 영문자, 숫자, 하이픈만 39자까지 '
        "쓸 수 있습니다.",
    ),
    "forge.bad_repository_name": (
        '"{name}" cannot be a repository name: it must read owner/name in letters, digits, '
        "dots, hyphens and underscores.",
        '"{name}"은(는) 저장소 이름으로 쓸 수 없습니다. 영문자, 숫자, 점, 하이픈, 밑줄로 '
        "owner/name처럼 적어 주세요.",
    ),
    "forge.conflicts": (
        "Pull request #{number} cannot be merged: it conflicts with its base in {paths}.",
        "풀 리퀘스트 #{number}을(를) 병합할 수 없습니다. 다음 파일이 기준 브랜치와 충돌합니다: "
        "{paths}.",
    ),
    "forge.database": (
        "The local forge's database {path} cannot be used: {detail}.",
        "로컬 포지의 데이터베이스 {path}을(를) 사용할 수 없습니다: {detail}.",
    ),
    "forge.default_branch": (
        "The default branch {branch} is not deleted.",
        "기본 브랜치 {branch}은(는) 삭제하지 않습니다.",
    ),
    "forge.draft": (
        "Pull request #{number} is a draft: mark it ready before merging it.",
        "풀 리퀘스트 #{number}은(는) 초안입니다. 병합하기 전에 검토 준비 상태로 바꿔 주세요.",
    ),
    "forge.empty_comment": (
        "The comment is empty: give it some text.",
        "댓글이 비어 있습니다. 내용을 적어 주세요.",
    ),
    "forge.empty_title": (
        "The title is empty: give it at least one visible character.",
        "제목이 비어 있습니다. 보이는 글자를 한 자 이상 적어 주세요.",
    ),
    "forge.forbidden": (
        "{login} may not do this: it needs the permission {needed}, and {login} has {permission}.",
        "{login}에게는 권한이 없습니다. {needed} 권한이 필요하지만 현재 권한은 {permission}입니다.",
    ),
    "forge.git": (
        "git failed in the local forge: {detail}.",
        "로컬 포지에서 git이 실패했습니다: {detail}.",
    ),
    "forge.head_moved": (
        "Pull request #{number} was not merged: its branch {head} has moved since it was looked "
        "at. Look at it again.",
        "풀 리퀘스트 #{number}을(를) 병합하지 않았습니다. 확인한 뒤에 {head} 브랜치가 "
        "바뀌었습니다. 다시 확인해 주세요.",
    ),
    "forge.long_body": (
        "The text is {size} bytes long; at most {limit} bytes are taken. Shorten it or link to "
        "the rest.",
        "내용이 {size}바이트입니다. {limit}바이트까지만 받습니다. 줄이거나 나머지는 링크로 "
        "적어 주세요.",
    ),
    "forge.long_title": (
        "The title has {length} characters; at most {limit} are taken. Put the rest into the body.",
        "제목이 {length}자입니다. {limit}자까지만 받습니다. 나머지는 본문에 적어 주세요.",
    ),
    "forge.newer_database": (
        "The local forge's database {path} was written by a newer harness: upgrade harness to "
        "use it.",
        "로컬 포지의 데이터베이스 {path}은(는) 더 새로운 harness가 만든 것입니다. harness를 "
        "업그레이드해 주세요.",
    ),
    "forge.no_branch": (
        "There is no branch {branch} on the forge: push it first.",
        "포지에 {branch} 브랜치가 없습니다. 먼저 푸시해 주세요.",
    ),
    "forge.no_check": (
        "There is no check number {check}.",
        "{check}번 검사가 없습니다.",
    ),
    "forge.no_comment": (
        "#{number} has no comment {comment}.",
        "#{number}에는 댓글 {comment}이(가) 없습니다.",
    ),
    "forge.no_diff": (
        "There is nothing to merge: {head} changes nothing against {base}.",
        "병합할 내용이 없습니다. {head}은(는) {base}와(과) 비교해 바뀐 것이 없습니다.",
    ),
    "forge.no_file": (
        "There is no file {path} in pull request #{number}.",
        "풀 리퀘스트 #{number}에 {path} 파일이 없습니다.",
    ),
    "forge.no_git": (
        "git is not installed: install git 2.38 or newer.",
        "git이 설치되어 있지 않습니다. git 2.38 이상을 설치해 주세요.",
    ),
    "forge.no_issue": (
        "There is no issue #{number} in {repository}: `harness issue list` shows those there are.",
        "{repository}에 이슈 #{number}이(가) 없습니다. `harness issue list`로 목록을 볼 수 "
        "있습니다.",
    ),
    "forge.no_line": (
        "{path} has no line {line}: it has {lines} lines.",
        "{path}에 {line}번째 줄이 없습니다. 전체 {lines}줄입니다.",
    ),
    "forge.no_pr": (
        "There is no pull request #{number} in {repository}: `harness pr list` shows those there "
        "are.",
        "{repository}에 풀 리퀘스트 #{number}이(가) 없습니다. `harness pr list`로 목록을 볼 수 "
        "있습니다.",
    ),
    "forge.no_ref": (
        "The forge has no branch, tag or commit {ref}.",
        "포지에 {ref}이라는 브랜치, 태그, 커밋이 없습니다.",
    ),
    "forge.no_repository": (
        "The local forge has no repository {repository}: run `harness init` in your project.",
        "로컬 포지에 {repository} 저장소가 없습니다. 프로젝트에서 `harness init`을 실행해 주세요.",
    ),
    "forge.no_thread": (
        "Pull request #{number} has no review thread {thread}.",
        "풀 리퀘스트 #{number}에 리뷰 대화 {thread}이(가) 없습니다.",
    ),
    "forge.no_user": (
        "The local forge knows no user {login}; it knows: {known}.",
        "로컬 포지에 사용자 {login}이(가) 없습니다. 있는 사용자: {known}.",
    ),
    "forge.not_holder": (
        "The lease on issue #{number} is nobody's.",
        "이슈 #{number}의 작업 권리는 아무도 갖고 있지 않습니다.",
    ),
    "forge.not_rebaseable": (
        "Pull request #{number} cannot be rebased commit by commit: merge or squash it instead.",
        "풀 리퀘스트 #{number}은(는) 커밋별로 리베이스할 수 없습니다. merge나 squash 방식으로 "
        "병합해 주세요.",
    ),
    "forge.own_review": (
        "The author of pull request #{number} cannot review it: someone else must.",
        "풀 리퀘스트 #{number}의 작성자는 직접 리뷰할 수 없습니다. 다른 사람이 해야 합니다.",
    ),
    "forge.pr_exists": (
        "Pull request #{number} is open already for the branch {head}.",
        "{head} 브랜치의 풀 리퀘스트 #{number}이(가) 이미 열려 있습니다.",
    ),
    "forge.pr_not_open": (
        "Pull request #{number} is {state}, not open.",
        "풀 리퀘스트 #{number}은(는) 열려 있지 않습니다(상태: {state}).",
    ),
    "forge.ref_moved": (
        "The branch {ref} moved in the meantime: look again and repeat.",
        "그사이에 {ref} 브랜치가 바뀌었습니다. 다시 확인하고 시도해 주세요.",
    ),
}
