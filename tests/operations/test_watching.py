"""Each metric and label that the dashboard and the alerts name exists, and each alert leads to a place in the runbook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import metrics
from bot.settings import Settings
from bot.wiring_metrics import House
from tests.conftest import NOW, REPO
from tests.operations.papers import anchors, program
from tests.operations.test_metrics import App, build

WATCHING = REPO / "deploy" / "observability"
PANELS: list[dict[str, Any]] = [
    panel for panel in json.loads((WATCHING / "grafana.json").read_text("utf-8"))["panels"] if panel["type"] != "row"
]
RULES: list[dict[str, Any]] = yaml.safe_load((WATCHING / "alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]] + [rule["expr"] for rule in RULES]
GIVEN = {"job", "instance"}
"""Labels that Prometheus itself puts on all it scrapes."""


def promtool() -> str:
    """The checker that comes with Prometheus."""
    return program("promtool", "apt-get install prometheus")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, kb: object, matcher: object) -> dict[str, set[str]]:
    """Name of a series as Prometheus keeps it → its labels."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("watched"))
    app: App = build(settings, kb=kb, matcher=matcher, now=lambda: NOW)  # type: ignore[arg-type]
    found: dict[str, set[str]] = {}
    for each in metrics._OURS:
        for family in each.describe():
            ends = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}[family.type]
            labels = set(each._labelnames) | ({"le"} if family.type == "histogram" else set())
            found |= {family.name + end: labels for end in ends}
    for family in House(app).collect():
        found[family.name] = set(family._labelnames)
    for family in metrics.ProcessCollector(registry=None).collect():
        found[family.name + ("_total" if family.type == "counter" else "")] = set()
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_every_metric_and_label_of_a_query_exists(query: str, known: dict[str, set[str]]) -> None:
    names = set(re.findall(r"\b(?:caucus|process)_[a-z_]+", query))
    assert names or "up{" in query
    assert names <= set(known)
    labels = {label for part in re.findall(r"(?:by|on) \(([^)]*)\)", query) for label in re.split(r", *", part)}
    labels |= set(re.findall(r"(\w+) *=~?\"", query))
    assert labels <= GIVEN.union(*(known[name] for name in names))


def test_every_metric_of_ours_is_shown_or_watched(known: dict[str, set[str]]) -> None:
    ours = {
        name.removesuffix("_sum").removesuffix("_count").removesuffix("_bucket") for name in known if name.startswith("caucus_")
    }
    assert {name for name in ours if not any(name in query for query in QUERIES)} == set()


def test_the_rules_are_rules_and_ring_when_they_should(tmp_path: Path) -> None:
    shutil.copy(WATCHING / "alerts.yaml", tmp_path)
    shutil.copy(Path(__file__).parent / "alerts_test.yaml", tmp_path)
    for command in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"]):
        done = subprocess.run([promtool(), *command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_its_configuration() -> None:
    done = subprocess.run(
        [promtool(), "check", "config", WATCHING / "prometheus.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_query_of_the_dashboard_is_promql(tmp_path: Path) -> None:
    queries = [query.replace("$__rate_interval", "5m") for query in QUERIES]
    rules = [{"record": f"q:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "queries.yaml").write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    done = subprocess.run([promtool(), "check", "rules", tmp_path / "queries.yaml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(queries)} rules found" in done.stdout


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    path, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor in anchors(REPO / path)


def test_the_dashboard_has_no_two_panels_in_one_place() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in PANELS]
    assert len(places) == len(set(places))
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
