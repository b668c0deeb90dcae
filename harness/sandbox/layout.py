"""What every Box shows, whatever holds it: a user, a home, the runner, and the folders of its
layout."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from harness.core.types import Layout
from harness.sandbox.runner import files, main, relay, system

HOME = "/home/agent"
INSIDE = "/run/harness"
PROXY_FOLDER = f"{INSIDE}/egress"
PROXY = f"{PROXY_FOLDER}/proxy.sock"
BASE_ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",
    "TERM": "dumb",
}
_RELAY = f"http://{relay.HOST}:{relay.PORT}"
_NEAR = "127.0.0.1,localhost"
# the proxy takes CONNECT alone: plain http is led there too, to be refused and told of
PROXY_ENV = {
    **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), _RELAY),
    **dict.fromkeys(("ALL_PROXY", "all_proxy"), _RELAY),
    **dict.fromkeys(("npm_config_proxy", "npm_config_https_proxy"), _RELAY),
    # from its second version on yarn knows no other; one it does not know ends it (YARN_NO_PROXY)
    **dict.fromkeys(("YARN_HTTP_PROXY", "YARN_HTTPS_PROXY"), _RELAY),
    **dict.fromkeys(("NO_PROXY", "no_proxy", "npm_config_noproxy"), _NEAR),
}
# Java heeds no variable of those; its tools add what these two say
JAVA_PROXY = (
    f"-Dhttps.proxyHost={relay.HOST} -Dhttps.proxyPort={relay.PORT} "
    f"-Dhttp.proxyHost={relay.HOST} -Dhttp.proxyPort={relay.PORT} "
    "-Daether.connector.http.useSystemProperties=true"
)
JAVA_TOOLS = ("MAVEN_OPTS", "GRADLE_OPTS")


def synthetic(layout: Layout, uid: int, gid: int) -> dict[str, str]:
    """Path -> text of the files that name people and hosts: the machine's own are not shown."""
    names = " ".join(("localhost", layout.host, *(s.host for s in layout.services if s.host)))
    return {
        # the two that every system has: programs ask for their numbers
        "/etc/passwd": f"{layout.user}:x:{uid}:{gid}:{layout.user}:{HOME}:/bin/bash\n"
        "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "/etc/group": f"{layout.user}:x:{gid}:\nroot:x:0:\nnogroup:x:65534:\n",
        "/etc/hosts": f"127.0.0.1 {names}\n::1 localhost\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    }


def with_defaults(layout: Layout) -> Layout:
    """With a PATH, a HOME and the like; the layout's own win. What leads to the proxy wins over
    both: nothing else can be reached."""
    env = {**BASE_ENV, "USER": layout.user, "LOGNAME": layout.user, **layout.env}
    if layout.egress is None:
        return layout.model_copy(update={"env": env})
    java = {name: f"{layout.env.get(name, '')} {JAVA_PROXY}".strip() for name in JAVA_TOOLS}
    return layout.model_copy(update={"env": {**env, **java, **PROXY_ENV}})


def binds(layout: Layout) -> dict[str, tuple[str, bool]]:
    """Path inside -> (host path, writable), without what would be mounted over a link. A folder
    comes before what lies in it."""
    found: dict[str, tuple[str, bool]] = {}
    for module in (files, main, relay, system):
        file = Path(str(module.__file__))
        found[f"{INSIDE}/harness/sandbox/runner/{file.name}"] = (str(file), False)
    for folders, writable in ((layout.read_only, False), (layout.writable, True)):
        for host, inside in folders.items():
            if not _through_link(layout, inside):
                found[inside] = (host, writable)
    found[layout.inside] = (str(layout.tree), True)
    return dict(sorted(found.items()))


def _through_link(layout: Layout, inside: str) -> bool:
    """True for a place in the tree that is reached over a link: the tree is an agent's, and
    making the place to mount on would follow the link onto the host."""
    place = PurePosixPath(inside)
    if place == PurePosixPath(layout.inside) or not place.is_relative_to(layout.inside):
        return False
    here = layout.tree
    for part in place.relative_to(layout.inside).parts:
        here = here / part
        if here.is_symlink():
            return True
    return False
