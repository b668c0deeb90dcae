"""Catalogue: cli."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "cli.help": (
        "Turns issues into merged pull requests, unattended, and proves each one.",
        "이슈를 병합된 풀 리퀘스트로 바꿉니다. 지켜보지 않아도 되고, 하나하나 증명합니다.",
    ),
    "cli.help.commands": ("Commands", "명령"),
    "cli.opt.language": ("Language of messages: en or ko.", "메시지 언어: en 또는 ko."),
    "cli.opt.state_dir": ("Folder where harness keeps its state.", "harness가 상태를 두는 폴더."),
    "cli.opt.project": ("Which registered project is meant.", "어느 등록된 프로젝트인지."),
    "cli.opt.debug": ("Show the traceback of an error.", "오류의 역추적을 보여 줍니다."),
    "cli.opt.version": ("Print the version.", "버전을 출력합니다."),
    "cli.opt.json": ("Print JSON.", "JSON으로 출력합니다."),
    "cli.opt.as": ("Who acts, by login.", "누구로서 하는지(로그인 이름)."),
    "cli.interrupted": (
        "Interrupted. Nothing is lost: the same command goes on from here.",
        "중단했습니다. 잃은 것은 없습니다. 같은 명령을 다시 실행하면 이어집니다.",
    ),
    "cli.crashed": (
        "Something unexpected happened: {what}. The details are in {log}; `--debug` shows them.",
        "예상하지 못한 일이 생겼습니다: {what}. 자세한 내용: {log}, 또는 `--debug`.",
    ),
    "cli.language_unknown": (
        "There is no language {language}; choose en or ko.",
        "{language} 언어는 없습니다. en 또는 ko를 고르세요.",
    ),
    "cli.project_none": (
        "No project is registered. Run `harness init` in your git repository.",
        "등록된 프로젝트가 없습니다. git 저장소에서 `harness init`을 실행하세요.",
    ),
    "cli.project_unknown": (
        "There is no project {project}. Registered: {known}.",
        "{project} 프로젝트가 없습니다. 등록된 것: {known}.",
    ),
    "cli.project_which": (
        "This folder belongs to no registered project. Say --project with one of: {known}.",
        "이 폴더는 등록된 프로젝트에 속하지 않습니다. --project로 고르세요: {known}.",
    ),
    "cli.usage.help": ("See `{command} --help`.", "`{command} --help`를 보세요."),
    "cli.usage.option": ("There is no option {option}.", "{option} 옵션은 없습니다."),
    "cli.usage.option_near": (
        "There is no option {option}; did you mean {near}?",
        "{option} 옵션은 없습니다. 혹시 {near}인가요?",
    ),
    "cli.usage.missing": ("{what} is missing.", "{what}이(가) 빠졌습니다."),
    "cli.usage.value": (
        "The value of {what} is wrong: {why}.",
        "{what} 값이 잘못되었습니다: {why}.",
    ),
    "cli.usage.command": ("There is no command {command}.", "{command} 명령은 없습니다."),
    "cli.usage.command_near": (
        "There is no command {command}; did you mean {near}?",
        "{command} 명령은 없습니다. 혹시 {near}인가요?",
    ),
    "cli.usage.other": ("The command line is wrong: {why}", "명령줄이 잘못되었습니다: {why}"),
    "cli.help.init": (
        "Register this git repository and give it a place for issues.",
        "이 git 저장소를 등록하고 이슈를 둘 곳을 만듭니다.",
    ),
    "cli.help.run": (
        "Work on issues: on a schedule, or once.",
        "이슈를 처리합니다. 일정에 따라, 또는 한 번만.",
    ),
    "cli.help.status": ("What is going on.", "지금 무슨 일이 진행 중인지."),
    "cli.help.why": (
        "Why an issue is where it is, and what comes next.",
        "이슈가 왜 그 상태인지, 다음은 무엇인지.",
    ),
    "cli.help.logs": ("What happened to an issue so far.", "이슈에 지금까지 있었던 일."),
    "cli.help.report": (
        "The report of an issue, or of the last days.",
        "이슈 하나의, 또는 지난 며칠의 보고서.",
    ),
    "cli.help.triage": (
        "Judge issues without working on them.",
        "이슈를 처리하지 않고 판정만 합니다.",
    ),
    "cli.help.plan": (
        "Show, make or edit an issue's plan.",
        "이슈의 계획을 보고, 만들고, 고칩니다.",
    ),
    "cli.help.approve": ("Say yes to what an issue waits for.", "이슈가 기다리는 일을 승인합니다."),
    "cli.help.reject": ("Say no to what an issue waits for.", "이슈가 기다리는 일을 거절합니다."),
    "cli.help.answer": ("Answer an issue's question.", "이슈의 질문에 답합니다."),
    "cli.help.pause": ("Let an issue rest.", "이슈를 쉬게 합니다."),
    "cli.help.resume": ("Let an issue go on.", "이슈를 계속하게 합니다."),
    "cli.help.cancel": ("End an issue's run for good.", "이슈의 실행을 완전히 끝냅니다."),
    "cli.help.retry": ("Try an issue again.", "이슈를 다시 시도합니다."),
    "cli.help.undo": (
        "Take a merged change back by a pull request.",
        "병합된 변경을 풀 리퀘스트로 되돌립니다.",
    ),
    "cli.help.issue": ("Issues of the embedded forge.", "내장 포지의 이슈."),
    "cli.help.pr": ("Pull requests of the embedded forge.", "내장 포지의 풀 리퀘스트."),
    "cli.help.pull": (
        "Bring what was merged into your branch.",
        "병합된 것을 내 브랜치로 가져옵니다.",
    ),
    "cli.help.agent": (
        "One session in a sandboxed copy of this repository.",
        "이 저장소의 격리된 사본에서 세션 하나를 돌립니다.",
    ),
    "cli.help.config": (
        "Show, check or explain the settings.",
        "설정을 보고, 검사하고, 설명합니다.",
    ),
    "cli.help.doctor": (
        "Check that everything needed is there.",
        "필요한 것이 다 있는지 검사합니다.",
    ),
    "cli.help.config.show": (
        "The settings in force, and where each was said.",
        "지금 쓰이는 설정과 그 출처.",
    ),
    "cli.help.config.check": (
        "Find what is wrong in the settings.",
        "설정에서 잘못된 것을 찾습니다.",
    ),
    "cli.help.config.schema": ("Every setting there is.", "있을 수 있는 모든 설정."),
    "cli.config.key": ("setting", "설정"),
    "cli.config.value": ("value", "값"),
    "cli.config.from": ("said in", "출처"),
    "cli.config.type": ("type", "형식"),
    "cli.config.class": ("who", "누가"),
    "cli.config.help": ("meaning", "뜻"),
    "cli.config.fine": (
        "The settings are fine. Read: {files}.",
        "설정에 문제가 없습니다. 읽은 곳: {files}.",
    ),
}
