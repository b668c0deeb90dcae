"""Catalogue: forge."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "forge.bad_check": (
        "A check cannot be {status} with the conclusion {conclusion}: completed needs "
        "one, the other states have none.",
        "검사는 {status} 상태에서 결론이 {conclusion}일 수 없습니다. completed에는 결론이 있어야 하고 다른 상태에는 없어야 합니다.",
    ),
    "forge.bad_label": (
        '"{label}" cannot be a label: use one line of 1 to 50 characters.',
        '"{label}"은(는) 라벨로 쓸 수 없습니다. 1~50자의 한 줄로 적어 주세요.',
    ),
    "forge.bad_login": (
        '"{login}" cannot be a user name: use letters, digits and hyphens, at most 39.',
        '"{login}"은(는) 사용자 이름으로 쓸 수 없습니다. 영문자, 숫자, 하이픈만 39자까지 쓸 수 있습니다.',
    ),
    "forge.bad_repository_name": (
        '"{name}" cannot be a repository name: it must read owner/name in letters, '
        "digits, dots, hyphens and underscores.",
        '"{name}"은(는) 저장소 이름으로 쓸 수 없습니다. 영문자, 숫자, 점, 하이픈, 밑줄로 owner/name처럼 적어 주세요.',
    ),
    "forge.body_file_encoding": (
        "{path} is not UTF-8 text: the byte at offset {offset} cannot be read. Save it as UTF-8.",
        "{path}은(는) UTF-8 텍스트가 아닙니다. {offset}번째 바이트를 읽을 수 없습니다. UTF-8로 저장해 주세요.",
    ),
    "forge.body_file_folder": (
        "{path} is a folder: name a text file.",
        "{path}은(는) 폴더입니다. 텍스트 파일을 적어 주세요.",
    ),
    "forge.body_file_long": (
        "{path} is longer than {limit} bytes: shorten it or link to the rest.",
        "{path}이(가) {limit}바이트보다 깁니다. 줄이거나 나머지는 링크로 적어 주세요.",
    ),
    "forge.body_file_missing": (
        "There is no file {path}.",
        "{path} 파일이 없습니다.",
    ),
    "forge.body_file_unreadable": (
        "{path} cannot be read: {detail}.",
        "{path}을(를) 읽을 수 없습니다: {detail}.",
    ),
    "forge.body_twice": (
        "The text was given twice: give it on the command line or in a file, not both.",
        "내용이 두 번 주어졌습니다. 명령줄과 파일 중 하나로만 적어 주세요.",
    ),
    "forge.check_set": (
        "Check {name} of {commit} is now {conclusion}.",
        "커밋 {commit}의 검사 {name} 결과: {conclusion}.",
    ),
    "forge.checks": (
        "Checks",
        "검사",
    ),
    "forge.choice": (
        '{option} cannot be "{value}": choose one of {allowed}.',
        '{option} 값으로 "{value}"은(는) 쓸 수 없습니다. 다음 중에서 고르세요: {allowed}.',
    ),
    "forge.column.assignees": (
        "Assigned to",
        "담당자",
    ),
    "forge.column.author": (
        "Author",
        "작성자",
    ),
    "forge.column.base": (
        "Base",
        "기준",
    ),
    "forge.column.created": (
        "Created",
        "작성",
    ),
    "forge.column.edited": (
        "Edited",
        "수정",
    ),
    "forge.column.head": (
        "Branch",
        "브랜치",
    ),
    "forge.column.kind": (
        "Kind",
        "종류",
    ),
    "forge.column.labels": (
        "Labels",
        "라벨",
    ),
    "forge.column.login": (
        "User",
        "사용자",
    ),
    "forge.column.mergeable": (
        "Merges cleanly",
        "충돌 없이 병합 가능",
    ),
    "forge.column.merged": (
        "Merged as",
        "병합 커밋",
    ),
    "forge.column.milestone": (
        "Milestone",
        "마일스톤",
    ),
    "forge.column.number": (
        "No.",
        "번호",
    ),
    "forge.column.permission": (
        "Permission",
        "권한",
    ),
    "forge.column.state": (
        "State",
        "상태",
    ),
    "forge.column.title": (
        "Title",
        "제목",
    ),
    "forge.column.updated": (
        "Updated (UTC)",
        "변경 시각(UTC)",
    ),
    "forge.commented": (
        "Commented on #{number}.",
        "#{number}에 댓글을 남겼습니다.",
    ),
    "forge.conflicts": (
        "Pull request #{number} cannot be merged: it conflicts with its base in {paths}.",
        "풀 리퀘스트 #{number}을(를) 병합할 수 없습니다. 다음 파일이 기준 브랜치와 충돌합니다: {paths}.",
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
    "forge.edited": (
        "edited",
        "수정됨",
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
        "Pull request #{number} was not merged: its branch {head} has moved since it was "
        "looked at. Look at it again.",
        "풀 리퀘스트 #{number}을(를) 병합하지 않았습니다. 확인한 뒤에 {head} 브랜치가 바뀌었습니다. 다시 확인해 주세요.",
    ),
    "forge.help.issue.assign": (
        "Say who an issue is assigned to.",
        "이슈의 담당자를 정합니다.",
    ),
    "forge.help.issue.close": (
        "Close an issue.",
        "이슈를 닫습니다.",
    ),
    "forge.help.issue.comment": (
        "Comment on an issue.",
        "이슈에 댓글을 답니다.",
    ),
    "forge.help.issue.edit": (
        "Change an issue's title or body.",
        "이슈의 제목이나 본문을 고칩니다.",
    ),
    "forge.help.issue.label": (
        "Put labels on an issue, or take them off.",
        "이슈에 라벨을 붙이거나 뗍니다.",
    ),
    "forge.help.issue.list": (
        "List issues.",
        "이슈 목록을 보여 줍니다.",
    ),
    "forge.help.issue.new": (
        "Open an issue.",
        "이슈를 만듭니다.",
    ),
    "forge.help.issue.reopen": (
        "Open a closed issue again.",
        "닫힌 이슈를 다시 엽니다.",
    ),
    "forge.help.issue.show": (
        "Show an issue and its comments.",
        "이슈와 댓글을 보여 줍니다.",
    ),
    "forge.help.issue.user": (
        "Add a user, or set what one may do.",
        "사용자를 추가하거나 권한을 정합니다.",
    ),
    "forge.help.issue.users": (
        "List users and what they may do.",
        "사용자와 권한을 보여 줍니다.",
    ),
    "forge.help.pr.check": (
        "Report a check's result on the branch's newest commit.",
        "브랜치의 최신 커밋에 검사 결과를 기록합니다.",
    ),
    "forge.help.pr.close": (
        "Close a pull request without merging it.",
        "풀 리퀘스트를 병합하지 않고 닫습니다.",
    ),
    "forge.help.pr.comment": (
        "Comment on a pull request, or answer a review thread.",
        "풀 리퀘스트에 댓글을 달거나 리뷰 대화에 답합니다.",
    ),
    "forge.help.pr.diff": (
        "Print what a pull request changes.",
        "풀 리퀘스트가 바꾸는 내용을 출력합니다.",
    ),
    "forge.help.pr.list": (
        "List pull requests.",
        "풀 리퀘스트 목록을 보여 줍니다.",
    ),
    "forge.help.pr.merge": (
        "Merge a pull request.",
        "풀 리퀘스트를 병합합니다.",
    ),
    "forge.help.pr.ready": (
        "Mark a draft ready for review.",
        "초안을 검토 준비 상태로 바꿉니다.",
    ),
    "forge.help.pr.resolve": (
        "Mark a review thread resolved.",
        "리뷰 대화를 해결된 것으로 표시합니다.",
    ),
    "forge.help.pr.review": (
        "Review a pull request.",
        "풀 리퀘스트를 리뷰합니다.",
    ),
    "forge.help.pr.show": (
        "Show a pull request, its checks, reviews and comments.",
        "풀 리퀘스트와 검사, 리뷰, 댓글을 보여 줍니다.",
    ),
    "forge.is_draft": (
        "draft",
        "초안",
    ),
    "forge.issue_closed": (
        "Closed issue #{number}: {title}",
        "이슈 #{number}을(를) 닫았습니다: {title}",
    ),
    "forge.issue_created": (
        "Opened issue #{number}: {title}",
        "이슈 #{number}을(를) 만들었습니다: {title}",
    ),
    "forge.issue_edited": (
        "Changed issue #{number}: {title}",
        "이슈 #{number}을(를) 고쳤습니다: {title}",
    ),
    "forge.issue_reopened": (
        "Opened issue #{number} again: {title}",
        "이슈 #{number}을(를) 다시 열었습니다: {title}",
    ),
    "forge.line_needs": (
        "A comment on a line needs --path, --line and --comment together.",
        "특정 줄에 댓글을 달려면 --path, --line, --comment가 함께 필요합니다.",
    ),
    "forge.long_body": (
        "The text is {size} bytes long; at most {limit} bytes are taken. Shorten it or "
        "link to the rest.",
        "내용이 {size}바이트입니다. {limit}바이트까지만 받습니다. 줄이거나 나머지는 링크로 적어 주세요.",
    ),
    "forge.long_title": (
        "The title has {length} characters; at most {limit} are taken. Put the rest into the body.",
        "제목이 {length}자입니다. {limit}자까지만 받습니다. 나머지는 본문에 적어 주세요.",
    ),
    "forge.newer_database": (
        "The local forge's database {path} was written by a newer harness: upgrade "
        "harness to use it.",
        "로컬 포지의 데이터베이스 {path}은(는) 더 새로운 harness가 만든 것입니다. harness를 업그레이드해 주세요.",
    ),
    "forge.no": (
        "no",
        "아니요",
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
        "{repository}에 이슈 #{number}이(가) 없습니다. `harness issue list`로 목록을 볼 수 있습니다.",
    ),
    "forge.no_issues": (
        "No issues.",
        "이슈가 없습니다.",
    ),
    "forge.no_line": (
        "{path} has no line {line}: it has {lines} lines.",
        "{path}에 {line}번째 줄이 없습니다. 전체 {lines}줄입니다.",
    ),
    "forge.no_pr": (
        "There is no pull request #{number} in {repository}: `harness pr list` shows "
        "those there are.",
        "{repository}에 풀 리퀘스트 #{number}이(가) 없습니다. `harness pr list`로 목록을 볼 수 있습니다.",
    ),
    "forge.no_prs": (
        "No pull requests.",
        "풀 리퀘스트가 없습니다.",
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
    "forge.no_title": (
        'The issue needs a title: harness issue new "What is wrong", or a file whose '
        "first line is the title.",
        '이슈에는 제목이 필요합니다. harness issue new "무엇이 문제인지"처럼 적거나, 첫 줄이 제목인 파일을 주세요.',
    ),
    "forge.no_user": (
        "The local forge knows no user {login}; it knows: {known}.",
        "로컬 포지에 사용자 {login}이(가) 없습니다. 있는 사용자: {known}.",
    ),
    "forge.not_holder": (
        "The lease on issue #{number} is nobody's.",
        "이슈 #{number}의 작업 권리는 아무도 갖고 있지 않습니다.",
    ),
    "forge.not_local": (
        "The issues and pull requests of {project} are on {kind}: use its web pages or its own "
        "command line (`gh issue`, `gh pr`). This command is for the embedded forge.",
        "{project}의 이슈와 풀 리퀘스트는 {kind}에 있습니다. 그 웹 페이지나 명령줄(`gh issue`, `gh pr`)을 "
        "쓰세요. 이 명령은 내장 포지용입니다.",
    ),
    "forge.pull_elsewhere": (
        "What was merged is on {kind}: `git pull` brings it. This command is for the embedded "
        "forge.",
        "병합된 것은 {kind}에 있으니 `git pull`로 가져오세요. 이 명령은 내장 포지용입니다.",
    ),
    "forge.not_rebaseable": (
        "Pull request #{number} cannot be rebased commit by commit: merge or squash it instead.",
        "풀 리퀘스트 #{number}은(는) 커밋별로 리베이스할 수 없습니다. merge나 squash 방식으로 병합해 주세요.",
    ),
    "forge.nothing_to_edit": (
        "Nothing to change was given: name what should change.",
        "바꿀 내용이 없습니다. 무엇을 바꿀지 적어 주세요.",
    ),
    "forge.opt.approve": (
        "Approve it, or ask for changes.",
        "승인하거나 변경을 요청합니다.",
    ),
    "forge.opt.body": (
        "The text.",
        "본문.",
    ),
    "forge.opt.body_file": (
        "A file that holds the text; - is standard input.",
        "본문이 담긴 파일. -는 표준 입력.",
    ),
    "forge.opt.bot": (
        "It is a bot.",
        "봇입니다.",
    ),
    "forge.opt.comment": (
        "What to say.",
        "남길 말.",
    ),
    "forge.opt.issue_state": (
        "open, closed or all.",
        "open, closed, all 중 하나.",
    ),
    "forge.opt.label": (
        "A label; may be given several times.",
        "라벨. 여러 번 줄 수 있습니다.",
    ),
    "forge.opt.line": (
        "The line in the new file; 0 is the file itself.",
        "새 파일의 줄 번호. 0은 파일 전체.",
    ),
    "forge.opt.log_file": (
        "A file that holds what the check printed.",
        "검사가 출력한 내용이 담긴 파일.",
    ),
    "forge.opt.message": (
        "The commit message.",
        "커밋 메시지.",
    ),
    "forge.opt.method": (
        "merge, squash or rebase.",
        "merge, squash, rebase 중 하나.",
    ),
    "forge.opt.path": (
        "The file that the comment is on.",
        "댓글을 달 파일.",
    ),
    "forge.opt.permission": (
        "none, read, triage, write, maintain or admin.",
        "none, read, triage, write, maintain, admin 중 하나.",
    ),
    "forge.opt.pr_state": (
        "open, closed, merged or all.",
        "open, closed, merged, all 중 하나.",
    ),
    "forge.opt.reason": (
        "completed or not-planned.",
        "completed 또는 not-planned.",
    ),
    "forge.opt.remove": (
        "A label to take off; may be given several times.",
        "뗄 라벨. 여러 번 줄 수 있습니다.",
    ),
    "forge.opt.summary": (
        "One line about the result.",
        "결과에 대한 한 줄.",
    ),
    "forge.opt.thread": (
        "The review thread that this answers.",
        "답할 리뷰 대화.",
    ),
    "forge.opt.title": (
        "One line that says what it is about.",
        "무엇에 관한 것인지 한 줄로.",
    ),
    "forge.outdated": (
        "(of an older commit)",
        "(이전 커밋에 대한 것)",
    ),
    "forge.own_review": (
        "The author of pull request #{number} cannot review it: someone else must.",
        "풀 리퀘스트 #{number}의 작성자는 직접 리뷰할 수 없습니다. 다른 사람이 해야 합니다.",
    ),
    "forge.pr_exists": (
        "Pull request #{number} is open already for the branch {head}.",
        "{head} 브랜치의 풀 리퀘스트 #{number}이(가) 이미 열려 있습니다.",
    ),
    "forge.pr_merged": (
        "Merged pull request #{number} into {base} as {commit}.",
        "풀 리퀘스트 #{number}을(를) {base}에 병합했습니다(커밋 {commit}).",
    ),
    "forge.pr_not_open": (
        "Pull request #{number} is {state}, not open.",
        "풀 리퀘스트 #{number}은(는) 열려 있지 않습니다(상태: {state}).",
    ),
    "forge.pr_ready": (
        "Pull request #{number} is ready for review.",
        "풀 리퀘스트 #{number}이(가) 검토 준비되었습니다.",
    ),
    "forge.pr_state": (
        "Pull request #{number} is {state}.",
        "풀 리퀘스트 #{number}의 상태: {state}.",
    ),
    "forge.pull_ahead": (
        "{branch} has everything that was merged, and {ahead} commits of your own.",
        "{branch}에는 병합된 내용이 모두 있고, 직접 만든 커밋이 {ahead}개 더 있습니다.",
    ),
    "forge.pull_busy": (
        "A merge is under way in this folder: finish it or run `git merge --abort`, then pull.",
        "이 폴더에서 병합이 진행 중입니다. 끝내거나 `git merge --abort`를 실행한 뒤 다시 해 주세요.",
    ),
    "forge.pull_current": (
        "{branch} has everything that was merged.",
        "{branch}에는 병합된 내용이 모두 있습니다.",
    ),
    "forge.pull_detached": (
        "No branch is checked out here: switch to one with `git switch`, then pull.",
        "체크아웃된 브랜치가 없습니다. `git switch`로 브랜치를 고른 뒤 다시 해 주세요.",
    ),
    "forge.pull_dirty": (
        "Nothing was changed: {count} of the files to update have changes of yours that "
        "are not committed ({paths}). Commit or stash them, then pull.",
        "아무것도 바꾸지 않았습니다. 갱신할 파일 중 {count}개에 커밋하지 않은 변경이 있습니다({paths}). 커밋하거나 stash한 뒤 다시 "
        "해 주세요.",
    ),
    "forge.pull_diverged": (
        "Nothing was changed: {branch} has {ahead} commits that were not merged and "
        "lacks {behind} that were. Join them with `git merge {remote}/{branch}` or `git "
        "rebase {remote}/{branch}`.",
        "아무것도 바꾸지 않았습니다. {branch}에는 병합되지 않은 커밋이 {ahead}개 있고, 병합된 커밋 {behind}개가 없습니다. "
        "`git merge {remote}/{branch}` 또는 `git rebase {remote}/{branch}`로 합쳐 주세요.",
    ),
    "forge.pull_failed": (
        "git did not update {branch}, and nothing was changed: {detail}",
        "git이 {branch}을(를) 갱신하지 않았습니다. 아무것도 바뀌지 않았습니다: {detail}",
    ),
    "forge.pull_fetch": (
        "The remote {remote} could not be read: {detail}",
        "원격 {remote}을(를) 읽을 수 없습니다: {detail}",
    ),
    "forge.pull_git": (
        "git failed in your folder: {detail}",
        "이 폴더에서 git이 실패했습니다: {detail}",
    ),
    "forge.pull_no_branch": (
        "The remote {remote} has no branch {branch}; what was merged is on {default}: "
        "`git switch {default}`, then pull.",
        "원격 {remote}에 {branch} 브랜치가 없습니다. 병합된 내용은 {default}에 있습니다. `git switch "
        "{default}` 뒤에 다시 해 주세요.",
    ),
    "forge.pull_no_checkout": (
        "{path} is not in a git work tree: run this in your project's folder.",
        "{path}은(는) git 작업 폴더가 아닙니다. 프로젝트 폴더에서 실행해 주세요.",
    ),
    "forge.pull_no_remote": (
        "This repository has no remote {remote}: run `harness init` here.",
        "이 저장소에 원격 {remote}이(가) 없습니다. 여기서 `harness init`을 실행해 주세요.",
    ),
    "forge.pull_unborn": (
        "{branch} has no commit yet: `git merge harness/{branch}` starts it from what was merged.",
        "{branch}에 아직 커밋이 없습니다. `git merge harness/{branch}`로 병합된 내용에서 시작할 수 있습니다.",
    ),
    "forge.pulled": (
        "{branch} is now at {commit}: {commits} new commit(s), {files} changed file(s).",
        "{branch}을(를) {commit}(으)로 갱신했습니다: 새 커밋 {commits}개, 바뀐 파일 {files}개.",
    ),
    "forge.ref_moved": (
        "The branch {ref} moved in the meantime: look again and repeat.",
        "그사이에 {ref} 브랜치가 바뀌었습니다. 다시 확인하고 시도해 주세요.",
    ),
    "forge.resolved": (
        "(resolved)",
        "(해결됨)",
    ),
    "forge.review_nothing": (
        "A review needs --approve, --request-changes or --comment.",
        "리뷰에는 --approve, --request-changes, --comment 중 하나가 필요합니다.",
    ),
    "forge.reviewed": (
        "Reviewed pull request #{number}.",
        "풀 리퀘스트 #{number}을(를) 리뷰했습니다.",
    ),
    "forge.reviews": (
        "Reviews",
        "리뷰",
    ),
    "forge.thread": (
        "Thread",
        "리뷰 대화",
    ),
    "forge.thread_resolved": (
        "Thread {thread} of pull request #{number} is resolved.",
        "풀 리퀘스트 #{number}의 리뷰 대화 {thread}을(를) 해결했습니다.",
    ),
    "forge.user_set": (
        "{login} has the permission {permission}.",
        "{login}의 권한: {permission}.",
    ),
    "forge.yes": (
        "yes",
        "예",
    ),
    "forge.use_all": (
        "everything: branches, pull requests, comments, labels, checks",
        "브랜치, 풀 리퀘스트, 댓글, 레이블, 검사까지 모든 일",
    ),
    "forge.other_repository": (
        "Another repository has the name {repository} now: nothing is read from or written to it. "
        "Correct forge.repository.",
        "{repository}라는 이름은 이제 다른 저장소의 것이라 읽거나 쓰지 않습니다. forge.repository를 고쳐 주세요.",
    ),
    "forge.lease_broken": (
        "refs/harness/lease/{number} on GitHub was written by something else than harness: delete "
        "that ref if nothing works on issue #{number}.",
        "GitHub의 refs/harness/lease/{number}을(를) harness가 아닌 것이 썼습니다. "
        "이슈 #{number}에서 작업 중인 것이 없으면 그 ref를 지워 주세요.",
    ),
    "forge.use_metadata": (
        "to find the repository and ask who may do what",
        "저장소를 찾고 누가 무엇을 할 수 있는지 확인합니다",
    ),
    "forge.use_contents": (
        "to push branches, merge, and mark which issue is being worked on",
        "브랜치를 푸시하고 병합하며, 작업 중인 이슈를 표시합니다",
    ),
    "forge.use_issues": (
        "to read issues, comment, label and close them",
        "이슈를 읽고 댓글과 레이블을 달고 닫습니다",
    ),
    "forge.use_pulls": (
        "to open pull requests and answer their reviews",
        "풀 리퀘스트를 열고 리뷰에 답합니다",
    ),
    "forge.use_read_checks": (
        "to see whether a pull request's checks pass",
        "풀 리퀘스트의 검사가 통과했는지 확인합니다",
    ),
    "forge.use_checks": (
        "to report harness's own check; without it a commit status is set instead",
        "harness의 검사 결과를 알립니다. 없으면 커밋 상태로 대신합니다",
    ),
    "forge.use_statuses": (
        "to report harness's own result as a commit status",
        "harness의 결과를 커밋 상태로 알립니다",
    ),
    "forge.use_read_actions": (
        "to read the log of a failed workflow job",
        "실패한 워크플로 작업의 로그를 읽습니다",
    ),
    "forge.use_actions": (
        "to run a flaky workflow job again",
        "불안정한 워크플로 작업을 다시 실행합니다",
    ),
    "forge.probe_login": ("{project}: GitHub knows us", "{project}: GitHub이 우리를 알아봄"),
    "forge.probe_power": ("{project}: {power}", "{project}: {power}"),
    "forge.probe_ends": ("{project}: the token is good until", "{project}: 토큰 만료일"),
    "forge.probe_clock": (
        "the clocks of GitHub and this machine agree",
        "GitHub과 이 컴퓨터의 시계가 맞음",
    ),
    "forge.power_missing": (
        "give the token of {project} the repository permission {power}; GitHub said: {why}",
        "{project}의 토큰에 저장소 권한 {power}을(를) 주세요. GitHub의 응답: {why}",
    ),
    "forge.power_optional": (
        "works without; with the repository permission {power} it could be done for {project}. "
        "GitHub said: {why}",
        "없어도 됩니다. 저장소 권한 {power}이(가) 있으면 {project}에서 할 수 있습니다. GitHub의 응답: "
        "{why}",
    ),
    "forge.power_unknown": (
        "{power} of {project} could not be found out: {why}",
        "{project}의 {power} 권한을 확인하지 못했습니다: {why}",
    ),
    "forge.classic_token": (
        "a classic token reaches every repository of its owner; a fine-grained one or a GitHub App "
        "reaches this one alone",
        "클래식 토큰은 소유자의 모든 저장소에 닿습니다. 세분화된 토큰이나 GitHub 앱은 이 저장소에만 닿습니다",
    ),
    "forge.credential_app": ("GitHub App", "GitHub 앱"),
    "forge.credential_fine_grained": ("fine-grained token", "세분화된 토큰"),
    "forge.credential_classic": ("classic token", "클래식 토큰"),
    "forge.credential_token": ("token", "토큰"),
    "forge.token_ends": (
        "make a new token for {project} before {day}, or use a GitHub App, whose tokens renew "
        "themselves",
        "{day} 전에 {project}의 새 토큰을 만들거나, 토큰이 스스로 갱신되는 GitHub 앱을 쓰세요",
    ),
    "forge.clock_off": (
        "the clocks are {seconds} seconds apart: set this machine's clock (NTP)",
        "시계가 {seconds}초 어긋나 있습니다. 이 컴퓨터의 시계를 맞추세요(NTP)",
    ),
}
