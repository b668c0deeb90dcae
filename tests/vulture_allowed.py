"""What vulture cannot see a caller of, by why it stays. `tests/test_dead.py` holds the list to the
code: a name that is found and not here fails, and so does a name here that is not found."""

from __future__ import annotations

ALLOWED: dict[str, tuple[str, ...]] = {
    "pydantic reads it": ("model_config",),
    "typer and click call it, or read it": (
        "_runtime_param",
        "coerce",
        "format_commands",
        "help_option_names",
        "obj",
    ),
    "the method of a file, a log handler or a parser, which others call": (
        "handleError",
        "writelines",
        "CharacterDataHandler",
        "EndElementHandler",
        "StartDoctypeDeclHandler",
        "StartElementHandler",
        "buffer_text",
    ),
    "SQLAlchemy and SQLite's driver read it": (
        "cache_ok",
        "impl",
        "isolation_level",
        "process_bind_param",
        "process_result_value",
    ),
    "Alembic calls it, or reads it": ("down_revision", "revision"),
    "DBOS calls it, or reads it": (
        "_configure_asyncio_thread_pool",
        "_polling_interval_sec",
        "deserialize",
        "serialize",
    ),
    "PyGithub and requests call it, or read it": (
        "get_redirect_target",
        "requestJsonAndCheck",
        "resp",
        "token_type",
        "trust_env",
    ),
    "GitPython reads it": ("GitCommandWrapperType",),
    "an option of re2": ("log_errors", "max_mem"),
    "ast.NodeVisitor calls it": ("visit_JoinedStr", "visit_AnnAssign"),
    "pytest and unittest call it, or read it": (
        "continue_on_collection_errors",
        "failfast",
        "maxfail",
        "pytest_collection_finish",
        "pytest_collectreport",
        "pytest_collectstart",
        "pytest_configure",
        "pytest_fixture_setup",
        "pytest_load_initial_conftests",
        "pytest_make_collect_report",
        "pytest_runtest_call",
        "pytest_runtest_logfinish",
        "pytest_runtest_logreport",
        "pytest_runtest_logstart",
        "pytest_runtest_makereport",
        "pytest_runtest_setup",
        "pytest_sessionfinish",
        "pytest_sessionstart",
    ),
    "stored with the row, for people and for a later version": ("prompt_version", "started_at"),
    "for a later issue: the recorder of replies": ("RecordingModel", "Replaying"),
    "for a later issue: sessions that end when going on costs more": ("continue_or_restart",),
}

UNSEEN: dict[str, tuple[str, ...]] = {
    "for a later issue: how much a session may think": ("budget", "thinking_tokens"),
}
"""Known to be without a caller, and hidden from vulture by others of the same name."""

UNREAD: dict[str, str] = {
    "ModelSettings.thinking_tokens": "for a later issue: how much a session may think",
    "RoleSettings.reviewer": "read by the name of the session's kind",
    "RoleSettings.subagent": "read by the name of the session's kind",
}
"""Settings that no line names when it reads them."""
