"""Catalogue: report."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    # ------------------------------------------------ PLAN.md: headings and labels (parsed back)
    "report.plan_title": ("Plan", "계획"),
    "report.plan_section_tasks": ("Tasks", "작업"),
    "report.plan_section_criteria": ("Acceptance criteria", "수용 기준"),
    "report.plan_section_risks": ("Risks", "위험"),
    "report.plan_section_alternatives": ("Alternatives considered", "검토한 대안"),
    "report.plan_section_test_changes": (
        "Tests whose expectation changes",
        "기대값이 바뀌는 테스트",
    ),
    "report.plan_field_kind": ("Kind", "종류"),
    "report.plan_field_difficulty": ("Difficulty", "난이도"),
    "report.plan_field_version": ("Version", "버전"),
    "report.plan_field_hash": ("Hash", "해시"),
    "report.plan_field_files": ("Files", "파일"),
    "report.plan_field_depends": ("Depends on", "선행 작업"),
    "report.plan_field_check": ("Check", "확인 명령"),
    # ------------------------------------------------ PLAN.md: what cannot be understood
    "report.plan_too_long": (
        "The plan is too long: {characters} characters, at most {most} are read.",
        "계획이 너무 깁니다: {characters}자이며, 최대 {most}자까지 읽습니다.",
    ),
    "report.plan_unknown_section": (
        'Plan, line {line}: no such section: "{found}". Sections are: {expected}.',
        '계획 {line}번째 줄: "{found}"이라는 절은 없습니다. 쓸 수 있는 절: {expected}.',
    ),
    "report.plan_twice": (
        'Plan, line {line}: the section "{section}" is there twice. Put both parts into one.',
        '계획 {line}번째 줄: "{section}" 절이 두 번 나옵니다. 하나로 합쳐 주세요.',
    ),
    "report.plan_unknown_field": (
        'Plan, line {line}: "{found}" is no field of a plan. Expected one of: {expected}.',
        '계획 {line}번째 줄: "{found}"은(는) 계획의 항목이 아닙니다. 쓸 수 있는 항목: {expected}.',
    ),
    "report.plan_bad_value": (
        'Plan, line {line}: {field} cannot be "{found}". Expected one of: {expected}.',
        '계획 {line}번째 줄: {field} 값으로 "{found}"은(는) 쓸 수 없습니다. 가능한 값: {expected}.',
    ),
    "report.plan_no_tasks": (
        'Plan, line {line}: no task was found. Expected a section "Tasks" with at least one '
        'heading like "### `1` Title".',
        '계획 {line}번째 줄: 작업이 하나도 없습니다. "작업" 절 아래에 "### `1` 제목"과 같은 '
        "제목이 하나 이상 있어야 합니다.",
    ),
    "report.plan_task_heading": (
        'Plan, line {line}: expected a task heading like "### `1` Title", found "{found}".',
        '계획 {line}번째 줄: "### `1` 제목"과 같은 작업 제목이 와야 하는데 "{found}"이(가) '
        "있습니다.",
    ),
    "report.plan_task_twice": (
        'Plan, line {line}: a task "{task}" is already on line {first}. Give each its own id.',
        '계획 {line}번째 줄: 작업 "{task}"은(는) 이미 {first}번째 줄에 있습니다. 작업마다 다른 '
        "번호를 주세요.",
    ),
    "report.plan_no_files": (
        'Plan, line {line}: task "{task}" does not say which files it may touch. Add a line '
        'like "- Files: `src/a.py`".',
        '계획 {line}번째 줄: 작업 "{task}"에 수정할 수 있는 파일이 적혀 있지 않습니다. '
        '"- 파일: `src/a.py`"와 같은 줄을 추가하세요.',
    ),
    "report.plan_unknown_task": (
        'Plan, line {line}: task "{task}" depends on "{needed}", which is no task of this plan.',
        '계획 {line}번째 줄: 작업 "{task}"의 선행 작업 "{needed}"이(가) 이 계획에 없습니다.',
    ),
    "report.plan_circle": (
        "Plan, line {line}: these tasks wait for each other in a circle: {tasks}.",
        "계획 {line}번째 줄: 다음 작업들이 서로를 기다리며 맞물려 있습니다: {tasks}.",
    ),
    "report.plan_no_bullet": (
        'Plan, line {line}: expected a list entry ("- ..."), found "{found}".',
        '계획 {line}번째 줄: 목록 항목("- ...")이 와야 하는데 "{found}"이(가) 있습니다.',
    ),
    "report.plan_no_check": (
        "Plan, line {line}: the check has no command. Expected `command` on this line or a "
        "fenced block below it.",
        "계획 {line}번째 줄: 확인 명령이 비어 있습니다. 같은 줄에 `명령`을 쓰거나 바로 아래에 "
        "코드 블록을 두세요.",
    ),
    "report.plan_open_fence": (
        "Plan, line {line}: the fenced block of this check is never closed.",
        "계획 {line}번째 줄: 이 확인 명령의 코드 블록이 닫히지 않았습니다.",
    ),
    "report.plan_no_why": (
        'Plan, line {line}: expected "- `test`: why its expectation changes", found "{found}".',
        '계획 {line}번째 줄: "- `테스트`: 기대값이 바뀌는 이유" 형식이어야 하는데 "{found}"이(가) '
        "있습니다.",
    ),
}
