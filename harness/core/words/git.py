"""Catalogue: git."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "git.missing": (
        "git is not installed ({program} was not found). Install it, for example with "
        "`apt-get install git`.",
        "git이 설치되어 있지 않습니다({program}을(를) 찾을 수 없음). `apt-get install git` 등으로 "
        "설치하세요.",
    ),
    "git.too_old": (
        "git {found} is too old: harness needs {needed} or newer. Update git.",
        "git {found}은(는) 너무 오래된 버전입니다. {needed} 이상이 필요하니 git을 업데이트하세요.",
    ),
    "git.failed": (
        "git {command} failed: {said}",
        "git {command} 명령이 실패했습니다: {said}",
    ),
    "git.timed_out": (
        "git {command} did not end within {seconds} seconds and was stopped.",
        "git {command} 명령이 {seconds}초 안에 끝나지 않아 중단했습니다.",
    ),
    "git.no_gitdir": (
        "The repository folder {path} is gone. Run `harness doctor`.",
        "저장소 폴더 {path}이(가) 없습니다. `harness doctor`를 실행해 보세요.",
    ),
    "git.bad_id": (
        "{id} is not a git object id.",
        "{id}은(는) git 객체 ID가 아닙니다.",
    ),
    "git.protocol": (
        "{url} is not an address that harness uses for git. Use https or a local path.",
        "{url}은(는) harness가 git에 사용하지 않는 주소입니다. https 또는 로컬 경로를 사용하세요.",
    ),
    "git.no_ref": (
        "There is no branch or commit {ref} in {project}.",
        "{project}에 브랜치 또는 커밋 {ref}이(가) 없습니다.",
    ),
    "git.empty": (
        "{project} has no commits yet. Make a first commit and push it, then try again.",
        "{project}에 아직 커밋이 없습니다. 첫 커밋을 만들어 푸시한 뒤 다시 시도하세요.",
    ),
    "git.unreachable": (
        "The git server of {project} cannot be reached: {said}",
        "{project}의 git 서버에 연결할 수 없습니다: {said}",
    ),
    "git.forbidden": (
        "The git server refused access to {project}: {said}. Check the token and its rights.",
        "git 서버가 {project} 접근을 거부했습니다: {said}. 토큰과 권한을 확인하세요.",
    ),
    "git.branch_moved": (
        "Branch {branch} is not at {expected}: somebody else changed it, so nothing was pushed.",
        "브랜치 {branch}이(가) {expected} 상태가 아닙니다. 다른 사람이 변경하여 푸시하지 "
        "않았습니다.",
    ),
    "git.push_rejected": (
        "The git server did not take branch {branch}: {said}",
        "git 서버가 브랜치 {branch}을(를) 받지 않았습니다: {said}",
    ),
    "git.bad_branch": (
        "{branch} is not a name for a branch.",
        "{branch}은(는) 브랜치 이름으로 쓸 수 없습니다.",
    ),
    "git.bad_name": (
        "{name} is not a name for a working copy.",
        "{name}은(는) 작업 사본의 이름으로 쓸 수 없습니다.",
    ),
    "git.unreadable": (
        "{path} in the working copy cannot be read, so the change cannot be taken.",
        "작업 사본의 {path}을(를) 읽을 수 없어 변경 내용을 가져올 수 없습니다.",
    ),
    "git.bad_path": (
        "A tree cannot hold the path {path}.",
        "트리에 {path} 경로를 담을 수 없습니다.",
    ),
    "git.disk": (
        "harness cannot write its working folders ({path}): {said}. Free some space or mend the "
        "permissions, then try again.",
        "harness가 작업 폴더에 쓸 수 없습니다({path}): {said}. 공간을 확보하거나 권한을 고친 뒤 "
        "다시 시도하세요.",
    ),
    "git.mirror_broken": (
        "The local copy of {project} is damaged and could not be fetched again: {said}",
        "{project}의 로컬 사본이 손상되었고 다시 가져올 수 없습니다: {said}",
    ),
}
