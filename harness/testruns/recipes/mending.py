"""From what a try printed to the recipe that is tried next: the first rule that knows what it sees
decides. Pure. Nothing of a stranger's is ever added: what a rule brings is on our own list or
asked for by the project, from where the project says that it comes from."""

from __future__ import annotations

from collections.abc import Callable

from harness.testruns.recipes import mend_locks as locks
from harness.testruns.recipes import mend_node as node
from harness.testruns.recipes import mend_python as python
from harness.testruns.recipes import mend_suite as suite
from harness.testruns.recipes.scene import Mended, Scene

__all__ = ["Mended", "Scene", "mend"]

Rule = Callable[[Scene], Mended | None]
RULES: tuple[Rule, ...] = (
    # set-up
    locks.relock_pipenv,
    locks.relock_pdm,
    python.ask_other_python,
    node.take_other_pnpm,
    node.take_other_yarn,
    node.loosen_lock,
    node.keep_old_peers,
    node.ignore_engine,
    python.leave_root_out,
    python.add_build_tools,
    python.install_plainly,
    python.unlock,
    suite.bring_missing_program,
    node.skip_downloads,
    node.skip_scripts,
    # the suite
    python.add_extra,
    python.name_django_settings,
    python.install_own_package,
    suite.take_pytest,
    python.add_missing_modules,
    python.add_plugin_for_option,
    python.add_plugin_for_setting,
    python.add_plugin_for_fixture,
    python.add_plugin_for_mark,
    python.drop_old_pytest,
    node.install_packages,
    node.build_first,
    node.allow_old_openssl,
    suite.find_tests,
    suite.read_by_what_is_seen,
)


def mend(scene: Scene) -> Mended | None:
    """The recipe to try next; None where no rule knows what went wrong."""
    return next((made for rule in RULES if (made := rule(scene)) is not None), None)
