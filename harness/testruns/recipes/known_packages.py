"""Which package gives a Python module or a pytest option, as far as we vouch for it. A name that
is not here is asked for only when the project itself declares it: whoever owns it on an index is a
stranger. Pure data."""

from __future__ import annotations

import re
from collections.abc import Mapping

MODULES: Mapping[str, str] = {
    # the name differs
    "yaml": "PyYAML",
    "PIL": "Pillow",
    "cv2": "opencv-python-headless",
    "bs4": "beautifulsoup4",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "dateutil": "python-dateutil",
    "attr": "attrs",
    "OpenSSL": "pyOpenSSL",
    "jwt": "PyJWT",
    "Crypto": "pycryptodome",
    "dotenv": "python-dotenv",
    "magic": "python-magic",
    "serial": "pyserial",
    "usb": "pyusb",
    "git": "GitPython",
    "markdown": "Markdown",
    "jinja2": "Jinja2",
    "markupsafe": "MarkupSafe",
    "werkzeug": "Werkzeug",
    "flask": "Flask",
    "django": "Django",
    "rest_framework": "djangorestframework",
    "pkg_resources": "setuptools<81",
    "distutils": "setuptools",
    "MySQLdb": "mysqlclient",
    "psycopg2": "psycopg2-binary",
    "psycopg": "psycopg[binary]",
    "google.protobuf": "protobuf",
    "zmq": "pyzmq",
    "docx": "python-docx",
    "pptx": "python-pptx",
    "fitz": "PyMuPDF",
    "ldap": "python-ldap",
    "slugify": "python-slugify",
    "socks": "PySocks",
    "Cython": "Cython",
    "ruamel": "ruamel.yaml",
    "ruamel.yaml": "ruamel.yaml",
    "zope.interface": "zope.interface",
    "faker": "Faker",
    "flask_sqlalchemy": "Flask-SQLAlchemy",
    "sqlalchemy": "SQLAlchemy",
    "environ": "django-environ",
    "nacl": "PyNaCl",
    "pythonjsonlogger": "python-json-logger",
    "websocket": "websocket-client",
    "multipart": "python-multipart",
    "jose": "python-jose",
    "snappy": "python-snappy",
    "Levenshtein": "Levenshtein",
    "hypothesis": "hypothesis",
    "typing_extensions": "typing_extensions",
    # a plugin of pytest
    "pytest_asyncio": "pytest-asyncio",
    "pytest_mock": "pytest-mock",
    "xdist": "pytest-xdist",
    "pytest_cov": "pytest-cov",
    "pytest_django": "pytest-django",
    "anyio": "anyio",
    "pytest_timeout": "pytest-timeout",
    "pytest_benchmark": "pytest-benchmark",
    "pytest_httpx": "pytest-httpx",
    "pytest_subtests": "pytest-subtests",
    "pytest_lazyfixture": "pytest-lazy-fixture",
    "pytest_randomly": "pytest-randomly",
    "pytest_httpbin": "pytest-httpbin",
    "pytest_rerunfailures": "pytest-rerunfailures",
    "pytest_httpserver": "pytest-httpserver",
    "pytest_regressions": "pytest-regressions",
    "pytest_codspeed": "pytest-codspeed",
    "pytest_trio": "pytest-trio",
}
SAME_NAME = frozenset(
    [
        *("pytest", "setuptools", "wheel", "mock", "nose", "six", "requests", "httpx", "aiohttp"),
        *("responses", "freezegun", "parameterized", "numpy", "pandas", "scipy", "matplotlib"),
        *("sympy", "networkx", "lxml", "click", "rich", "tqdm", "toml", "tomli", "tomlkit"),
        *("pytz", "tzdata", "packaging", "psutil", "pexpect", "coverage", "tox", "nox", "docutils"),
        *("pygments", "simplejson", "ujson", "orjson", "msgpack", "redis", "fakeredis", "moto"),
        *("boto3", "botocore", "pydantic", "fastapi", "starlette", "uvicorn", "tornado", "trio"),
        *("twisted", "gevent", "greenlet", "uvloop", "aiofiles", "asgiref", "sniffio", "h2", "h11"),
        *("cryptography", "certifi", "idna", "chardet", "urllib3", "paramiko", "marshmallow"),
        *("peewee", "alembic", "pymongo", "mongomock", "celery", "kombu", "sphinx", "hatchling"),
        *("flit_core", "cffi", "pycparser", "numba", "xarray", "dask", "pyarrow", "polars"),
        *("testfixtures", "hypothesis", "pyfakefs", "vcr", "betamax", "syrupy", "inline_snapshot"),
        *("dirty_equals", "time_machine", "testtools", "subunit", "zope", "webtest", "regex"),
        *("colorama", "termcolor", "tabulate", "prettytable", "jsonschema", "referencing", "rpds"),
        *("isort", "black", "mypy", "tabulate", "wcwidth", "blinker", "itsdangerous", "gunicorn"),
        *("torch", "tensorflow", "pyparsing", "ply", "cachetools", "filelock", "platformdirs"),
        *("virtualenv", "build", "pip", "pbr", "rsa", "ecdsa", "multidict", "yarl", "frozenlist"),
    ]
)
RENAMED = {"vcr": "vcrpy", "subunit": "python-subunit", "zope": "zope.interface", "rpds": "rpds-py"}
"""Of those above: the package's own name."""

OPTIONS: Mapping[str, str] = {
    r"--(?:no-)?cov(?:[-=]|$)": "pytest-cov",
    r"(?:-n|--numprocesses|--dist|--maxprocesses|--max-worker-restart|--tx)(?:=|$)": "pytest-xdist",
    r"--timeout(?:[-_=]|$)|--session-timeout": "pytest-timeout",
    r"--asyncio-mode|--asyncio-debug": "pytest-asyncio",
    r"--(?:ds|dc|reuse-db|create-db|no-migrations|nomigrations|migrations)(?:=|$)": "pytest-django",
    r"--benchmark-": "pytest-benchmark",
    r"--codspeed": "pytest-codspeed",
    r"--randomly-": "pytest-randomly",
    r"--reruns|--rerun-except|--only-rerun": "pytest-rerunfailures",
    r"--mypy": "pytest-mypy",
    r"--flake8": "pytest-flake8",
    r"--snapshot-": "syrupy",
    r"--inline-snapshot": "inline-snapshot",
    r"--hypothesis-": "hypothesis",
    r"--record-mode|--block-network|--allowed-hosts": "pytest-recording",
    r"--html(?:=|$)|--self-contained-html": "pytest-html",
    r"--instafail": "pytest-instafail",
    r"--black(?:=|$)": "pytest-black",
    r"--ruff(?:=|$)": "pytest-ruff",
    r"--disable-socket|--allow-unix-socket|--allow-hosts": "pytest-socket",
    r"--picked|--mode=branch": "pytest-picked",
    r"--split(?:s|ting)|--durations-path|--group=": "pytest-split",
    r"--doctest-(?:plus|rst)|--text-file-format": "pytest-doctestplus",
    r"--remote-data": "pytest-remotedata",
    r"--mpl": "pytest-mpl",
    r"--forked": "pytest-forked",
    r"--random-order": "pytest-random-order",
}
SETTINGS: Mapping[str, str] = {
    r"asyncio_\w+": "pytest-asyncio",
    r"anyio_mode": "anyio",
    r"DJANGO_\w+|django_\w+|FAIL_INVALID_TEMPLATE_VARS": "pytest-django",
    r"timeout(?:_\w+)?|session_timeout": "pytest-timeout",
    r"env_files": "pytest-dotenv",
    r"env": "pytest-env",
    r"mock_\w+": "pytest-mock",
    r"xdist_\w+|looponfailroots|rsyncdirs": "pytest-xdist",
    r"trio_mode": "pytest-trio",
    r"doctest_plus\w*|doctest_rst|text_file_format": "pytest-doctestplus",
    r"remote_data_strict": "pytest-remotedata",
    r"mpl-\w+": "pytest-mpl",
    r"twisted\w*": "pytest-twisted",
    r"freezegun_\w+": "pytest-freezegun",
    r"httpx_mock_\w+": "pytest-httpx",
    r"snapshot_\w+": "syrupy",
    r"qt_\w+": "pytest-qt",
    r"flake8-\w+": "pytest-flake8",
    r"retries|retry_\w+": "pytest-retry",
}
FIXTURES: Mapping[str, str] = {
    r"(?:class_|module_|package_|session_)?mocker": "pytest-mock",
    r"benchmark(?:_weave)?": "pytest-benchmark",
    r"(?:transactional_|django_)?db|django_\w+|settings|admin_client|admin_user|async_client"
    r"|async_rf|rf|client": "pytest-django",
    r"event_loop(?:_policy)?|unused_(?:tcp|udp)_port(?:_factory)?": "pytest-asyncio",
    r"anyio_backend(?:_name|_options)?|free_tcp_port(?:_factory)?": "anyio",
    r"aiohttp_(?:client|server|raw_server)|test_client|loop": "pytest-aiohttp",
    r"httpx_mock": "pytest-httpx",
    r"httpserver(?:_\w+)?": "pytest-httpserver",
    r"httpbin(?:_\w+)?": "pytest-httpbin",
    r"subtests": "pytest-subtests",
    r"(?:data|file|num|ndarrays|dataframe|image)_regression|datadir|shared_datadir"
    r"|lazy_datadir": "pytest-regressions",
    r"snapshot": "syrupy",
    r"freezer": "pytest-freezer",
    r"fs(?:_class|_module|_session)?|patcher": "pyfakefs",
    r"requests_mock": "requests-mock",
    r"worker_id|testrun_uid": "pytest-xdist",
    r"vcr(?:_\w+)?": "pytest-recording",
    r"postgresql(?:_\w+)?": "pytest-postgresql",
    r"faker": "Faker",
    r"cov": "pytest-cov",
    r"nursery|autojump_clock|mock_clock": "pytest-trio",
    r"qtbot|qapp": "pytest-qt",
    r"time_machine": "time-machine",
    r"socket_(?:dis|en)abled": "pytest-socket",
    r"fake_process|fp": "pytest-subprocess",
    r"script_runner": "pytest-console-scripts",
}
MARKS: Mapping[str, str] = {
    "asyncio": "pytest-asyncio",
    "anyio": "anyio",
    "django_db": "pytest-django",
    "timeout": "pytest-timeout",
    "benchmark": "pytest-benchmark",
    "xdist_group": "pytest-xdist",
    "flaky": "pytest-rerunfailures",
    "trio": "pytest-trio",
    "vcr": "pytest-recording",
    "httpx_mock": "pytest-httpx",
    "freeze_time": "pytest-freezer",
    "random_order": "pytest-random-order",
    "forked": "pytest-forked",
    "order": "pytest-order",
    "dependency": "pytest-dependency",
    "repeat": "pytest-repeat",
    "enable_socket": "pytest-socket",
    "disable_socket": "pytest-socket",
    "remote_data": "pytest-remotedata",
}


def package_of(module: str) -> str:
    """The package that gives a module by its dotted name; "" when we do not vouch for one."""
    top = module.partition(".")[0]
    for name in (module, top):
        if found := MODULES.get(name):
            return found
    return RENAMED.get(top, top.replace("_", "-")) if top in SAME_NAME else ""


def is_vouched_for(package: str) -> bool:
    """Whether a package, by the name that indexes compare, is one of ours."""
    tables = (MODULES, OPTIONS, SETTINGS, FIXTURES, MARKS)
    names = {*SAME_NAME, *RENAMED.values(), *(n for table in tables for n in table.values())}
    return package in {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!]", n)[0]).lower() for n in names}
