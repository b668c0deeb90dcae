"""Catalogue: disk."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "disk.over": (
        "No new run starts: {folder} holds {used} GiB and may hold {most} GiB. `harness clean` "
        "frees what it can; else raise housekeeping.disk_gb, or move away what lies in saved/.",
        "새 실행을 시작하지 않습니다. {folder}의 크기가 {used} GiB로 한도 {most} GiB를 넘었습니다. "
        "`harness clean`으로 비울 수 있는 것을 비우고, 부족하면 housekeeping.disk_gb를 늘리거나 "
        "saved/의 파일을 옮기세요.",
    ),
    "disk.full": (
        "No new run starts: only {free} GiB are free on the disk of {folder}, at least {least} "
        "GiB must be. Free some space; housekeeping.free_gb says how much is asked for.",
        "새 실행을 시작하지 않습니다. {folder}이(가) 있는 디스크의 여유 공간이 {free} GiB뿐이며 "
        "최소 {least} GiB가 필요합니다. 공간을 비우세요. 기준은 housekeeping.free_gb입니다.",
    ),
    "disk.not_removed": (
        "{path} could not be cleared away: {why}.",
        "{path}을(를) 정리하지 못했습니다: {why}.",
    ),
    "disk.not_saved": (
        "Unpublished work on #{issue} of {project} could not be saved, so nothing of it is cleared "
        "away; it is tried again in an hour.",
        "{project}의 #{issue}에서 게시되지 않은 작업을 저장하지 못해 아무것도 정리하지 않았습니다. "
        "한 시간 뒤 다시 시도합니다.",
    ),
    "disk.saved": (
        "Unpublished work on #{issue} of {project} was saved before its copy went: `git fetch "
        "{path} 'refs/heads/*:refs/heads/*'` brings it into your checkout.",
        "{project}의 #{issue}에서 게시되지 않은 작업을 사본을 지우기 전에 저장했습니다. 체크아웃에서 "
        "`git fetch {path} 'refs/heads/*:refs/heads/*'`를 실행하면 가져올 수 있습니다.",
    ),
    "disk.would_save": (
        "What is not published of #{issue} of {project} would first be saved as {path}.",
        "{project}의 #{issue}에서 게시되지 않은 것은 먼저 {path}에 저장됩니다.",
    ),
    "disk.cleared": (
        "Cleared away {count} things, {freed} GiB; {used} GiB are in use.",
        "{count}개를 정리해 {freed} GiB를 비웠습니다. 현재 {used} GiB를 쓰고 있습니다.",
    ),
    "disk.would_clear": (
        "Would clear away {count} things, {freed} GiB; {used} GiB would stay in use.",
        "{count}개를 정리해 {freed} GiB를 비우게 됩니다. {used} GiB가 남습니다.",
    ),
    "disk.kind": ("What", "종류"),
    "disk.path": ("Where", "위치"),
    "disk.size": ("MiB", "MiB"),
    "disk.rule": ("Why", "이유"),
    "disk.kind.run": ("pages of a run", "실행의 기록"),
    "disk.kind.copy": ("clone of a run that is over", "끝난 실행의 클론"),
    "disk.kind.environment": ("environment", "환경"),
    "disk.kind.backup": ("copy of the database", "데이터베이스 사본"),
    "disk.kind.left": ("leftover", "남은 조각"),
    "disk.rule.count": ("more than are kept", "보관 개수 초과"),
    "disk.rule.age": ("older than is kept", "보관 기간 초과"),
    "disk.rule.over": ("of no more use", "더 쓰이지 않음"),
    "disk.rule.debris": ("something was cut short", "중단된 작업의 잔여물"),
    "disk.rule.disk": ("the disk budget", "디스크 한도"),
}
