"""CMakeLists.txt: fewer tests, and tests whose bad end is a good one."""

from __future__ import annotations

import pytest

from harness.pipeline.verification.weakening import find_weakening, is_test_file

OLD = """\
cmake_minimum_required(VERSION 3.10)
project(sum C)
add_library(sum sum.c)
enable_testing() # by ctest
add_executable(test_sum tests/sum.c)
target_link_libraries(test_sum sum)
add_test(NAME sum COMMAND test_sum --all)
if(WITH_SLOW)
  add_test(slow test_slow)
endif()
add_subdirectory(tests)
set_tests_properties(sum PROPERTIES TIMEOUT 30)
"""
ADD = "add_test(NAME sum COMMAND test_sum --all)"
WEAK = {
    "a test goes": (f"{ADD}\n", ""),
    "it is a comment": (ADD, f"# {ADD}"),
    "a comment of brackets": (ADD, f"#[[ {ADD} ]]"),
    "another command": ("test_sum --all", "true"),
    "fewer of its own": ("test_sum --all", "test_sum --quick"),
    "under a condition": (ADD, f"if(NEVER)\n{ADD}\nendif()"),
    "in a function that nobody calls": (ADD, f"function(f)\n{ADD}\nendfunction()"),
    "another condition": ("WITH_SLOW", "WITH_SLOW AND FALSE"),
    "it has to fail": ("PROPERTIES TIMEOUT 30", "PROPERTIES TIMEOUT 30 WILL_FAIL TRUE"),
    "disabled": ("PROPERTIES TIMEOUT 30", "PROPERTIES DISABLED ON"),
    "by a property": ("add_sub", "set_property(TEST sum PROPERTY WILL_FAIL 1)\nadd_sub"),
    "any words will do": ("TIMEOUT 30", 'PASS_REGULAR_EXPRESSION "."'),
    "a code that skips": ("TIMEOUT 30", "SKIP_RETURN_CODE 1"),
    "left out": ("add_sub", "set(CTEST_CUSTOM_TESTS_IGNORE sum)\nadd_sub"),
    "skipped by CMake": ("add_sub", "set(CMAKE_SKIP_TESTING ON)\nset(CTEST_EXCLUDE x)\nadd_sub"),
    "no testing": ("enable_testing() # by ctest\n", ""),
    "no folder of tests": ("add_subdirectory(tests)\n", ""),
    "it ends before": ("enable_testing()", "return()\nenable_testing()"),
}
BENIGN = {
    "one more": (ADD, f"{ADD}\nadd_test(NAME more COMMAND test_more)"),
    "another case and spaces": (ADD, "ADD_TEST( NAME sum\n  COMMAND test_sum --all ) # x"),
    "one more source": ("sum sum.c", "sum sum.c more.c"),
    "more time": ("TIMEOUT 30", "TIMEOUT 60"),
    "enabled": ("TIMEOUT 30", "TIMEOUT 30 DISABLED FALSE"),
    "one more folder": ("add_sub", "add_subdirectory(more)\nadd_sub"),
    "no condition any more": (
        "if(WITH_SLOW)\n  add_test(slow test_slow)\nendif()",
        "add_test(slow test_slow)",
    ),
}


def found(change: tuple[str, str]) -> list[str]:
    old, new = change
    assert OLD.count(old) >= 1
    texts = {"CMakeLists.txt": (OLD, OLD.replace(old, new, 1))}
    return [f.say.key for f in find_weakening(texts)]


@pytest.mark.parametrize("name", WEAK)
def test_fewer_tests_count(name: str) -> None:
    assert set(found(WEAK[name])) == {"guard.weak_config"}


@pytest.mark.parametrize("name", BENIGN)
def test_honest_work_is_left_alone(name: str) -> None:
    assert found(BENIGN[name]) == []


def test_a_new_file_may_not_ignore_tests_either() -> None:
    texts = {"CTestCustom.cmake": (None, "set(CTEST_CUSTOM_TESTS_IGNORE sum)\n")}
    assert [f.say.key for f in find_weakening(texts)] == ["guard.weak_config"]
    assert find_weakening({"CMakeLists.txt": (None, OLD)}) == ()
    assert is_test_file("sub/CMakeLists.txt")


@pytest.mark.parametrize("text", ["(" * 50_000, "[[" * 50_000, '"' * 50_001, "a(" * 9000, "#[=["])
def test_odd_texts_end(text: str) -> None:
    find_weakening({"CMakeLists.txt": (OLD, text)})
    find_weakening({"CMakeLists.txt": (text, OLD)})
