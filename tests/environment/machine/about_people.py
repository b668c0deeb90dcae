"""Who runs this, where it is at home, which language and what time it is there."""

from __future__ import annotations

import getpass
import grp
import locale
import os
import pwd
import subprocess
import sys
import tempfile
import time
import zoneinfo
from datetime import datetime
from pathlib import Path
from typing import Any


def name_of_the_user() -> Any:
    return getpass.getuser() == pwd.getpwuid(os.getuid()).pw_name


def names_in_the_environment() -> Any:
    return os.environ.get("USER") == os.environ.get("LOGNAME") == getpass.getuser()


def group_of_the_user() -> Any:
    return bool(grp.getgrgid(os.getgid()).gr_name), bool(os.getgroups() is not None)


def all_people() -> Any:
    return len(pwd.getpwall()) > 0, pwd.getpwnam("root").pw_uid


def a_stranger() -> Any:
    return pwd.getpwnam("no-such-person")


def shell_of_the_user() -> Any:
    return Path(pwd.getpwuid(os.getuid()).pw_shell).exists()


def home() -> Any:
    return Path.home() == Path(os.environ["HOME"]) == Path("~").expanduser()


def home_of_the_password_file() -> Any:
    return pwd.getpwuid(os.getuid()).pw_dir == os.environ["HOME"]


def home_of_the_user_by_name() -> Any:
    return Path(f"~{getpass.getuser()}").expanduser() == Path.home()


def writing_at_home() -> Any:
    with tempfile.TemporaryDirectory(dir=Path.home()) as folder:
        Path(folder, "x").write_text("x")
        return True


def time_zone() -> Any:
    return time.tzname, datetime.fromtimestamp(0).isoformat(), os.environ.get("TZ")


def time_zones() -> Any:
    return len(zoneinfo.available_timezones()) > 400, str(zoneinfo.ZoneInfo("Asia/Seoul"))


def another_time_zone() -> Any:
    code = "import time; print(time.tzname)"
    env = {**os.environ, "TZ": "America/New_York"}
    return subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True
    ).stdout


def zone_of_the_machine() -> Any:
    place = Path("/etc/localtime")
    return place.exists(), place.is_symlink() and str(place.readlink())


def encodings() -> Any:
    return (
        locale.getpreferredencoding(),
        sys.getfilesystemencoding(),
        sys.stdout.encoding,
        sys.getdefaultencoding(),
    )


def locale_of_the_user() -> Any:
    return locale.setlocale(locale.LC_ALL, "")


def locales() -> Any:
    done = subprocess.run(["locale", "-a"], capture_output=True, text=True)
    return done.stdout


def letters_in_an_argument() -> Any:
    code = "import sys; print(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", code, "größe 한글"], capture_output=True)
    return done.stdout.decode()


def name_of_the_system() -> Any:
    return os.uname().sysname, os.uname().machine, Path("/etc/os-release").exists()
