"""Maven itself through the only way out: a mirror of the operator's settings.xml with a login and a
certificate of its own, asked for by the name that it has inside."""

from __future__ import annotations

import asyncio
import ipaddress
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from harness.core.egress_types import EgressPolicy
from harness.core.hosts import Address, targets
from harness.core.types import BoxLimits
from harness.environment.given import Given
from harness.environment.setup import Environments
from harness.sandbox.bubblewrap import Bubblewrap
from harness.sandbox.egress import Egress
from tests.patience import PATIENCE_S
from tests.private_index import ADDRESS, NAME, PASSWORD, USER, private_index

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<parent><groupId>corp</groupId><artifactId>parent</artifactId><version>1</version></parent>
<artifactId>app</artifactId><packaging>pom</packaging></project>"""
SETTINGS = """<settings>
<servers><server><id>corp</id><username>{user}</username><password>{word}</password></server></servers>
<mirrors><mirror><id>corp</id><mirrorOf>*</mirrorOf><url>https://{host}/m2</url></mirror></mirrors>
</settings>"""


async def _inside(host: str, port: int) -> Sequence[Address]:
    return (ipaddress.ip_address(ADDRESS),)


def _trust(pem: Path) -> Path:
    """A store of Java's that holds this certificate: it reads no PEM file."""
    text, store = pem.read_text(), pem.with_name("trust.p12")
    only = pem.with_name("only.pem")
    only.write_text(text[text.index("-----BEGIN CERTIFICATE") :])
    words = ["keytool", "-importcert", "-noprompt", "-alias", "corp", "-file", str(only)]
    words += ["-keystore", str(store), "-storetype", "PKCS12", "-storepass", "changeit"]
    subprocess.run(words, check=True, capture_output=True, timeout=PATIENCE_S)
    return store


async def test_maven_fetches_from_the_operators_mirror(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "pom.xml").write_text(POM)
    with private_index(tmp_path / "corp") as index:
        host = f"{NAME}:{index.server_port}"
        store = await asyncio.to_thread(_trust, index.pem)
        own = tmp_path / "settings.xml"
        own.write_text(SETTINGS.format(user=USER, word=PASSWORD, host=host))
        trust = f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword=changeit"
        allow = targets([host])[0]
        made = await Environments(
            tmp_path / "env",
            Bubblewrap(proxy=partial(Egress, resolver=_inside)),
            ("mvn -B validate",),
            egress=EgressPolicy(allow=allow, private=allow, patience=12),
            given=Given(
                env={"MAVEN_OPTS": trust},
                files={str(own): "/home/agent/.m2/settings.xml"},
            ),
            limits=BoxLimits(command_s=PATIENCE_S),
        ).make("k", tree)
    assert "/m2/corp/parent/1/parent-1.pom" in index.asked
    kept = Path(next(host for host, inside in made.read_only.items() if inside == "/env"))
    assert (kept / "m2/corp/parent/1/parent-1.pom").is_file(), "the operator's options beside ours"
