"""What is in docs/monitoring can be read, and asks for metrics that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import srsly
from prometheus_client import Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from worker import metrics
from worker.metrics import gauges
from worker.metrics.gauges import Corpus, Queue

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/monitoring"
GUIDE = ROOT / "docs/operate.md"
ALERTS = srsly.read_yaml(FOLDER / "alerts.yml")["groups"][0]["rules"]
PROMETHEUS = srsly.read_yaml(FOLDER / "prometheus.yml")
DASHBOARD = json.loads((FOLDER / "grafana/rotative.json").read_text())
COMPOSE = srsly.read_yaml(ROOT / "docker-compose.yml")
EXPRESSIONS = [rule["expr"] for rule in ALERTS] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]


@dataclass(frozen=True, slots=True)
class Asked(Collector):
    """What was asked for."""

    families: Iterable[Metric]

    def collect(self) -> Iterable[Metric]:
        """As it is."""
        return self.families


@pytest.fixture(scope="module")
def series() -> dict[str, set[str]]:
    """The labels of every series that the code exposes, by the name of the series."""
    with metrics.counting() as meters:
        metrics.file_taken("vna", rejected=False)
        metrics.stranded(1)
        ended = {1: {"disposition": "quarantined", "feed": "vna"}}
        metrics.step_finished("clean", 1, {1: ValueError(), 2: ValueError()}, ended)
    corpus = Corpus(quarantined={"clean": 1}, alarms=[("quiet", "vna")])
    meters.registry.register(Asked(gauges.families(corpus, Queue(), meters.feeds)))
    text = generate_latest(meters.registry).decode()
    return {"up": {"job", "instance"}} | {
        sample.name: {*sample.labels}
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_ask_for_what_there_is(expression: str, series: dict[str, set[str]]) -> None:
    """Metrics, and labels that these have; parentheses close."""
    asked = re.findall(r"\b(?:rotative_\w+|up\b)", expression)
    assert asked != []
    assert set(asked) <= series.keys()
    for name, matchers in re.findall(r"\b(\w+)\{([^}]*)\}", expression):
        assert set(re.findall(r"(\w+)=", matchers)) <= series[name]
    for labels in re.findall(r"\bby \(([^)]*)\)", expression):
        assert all(set(labels.split(", ")) <= series[name] for name in asked)
    assert closes(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("a(b[c]){}", True), ("(a]", False), ("((a)", False), (")(", False)],
)
def test_parentheses(expression: str, expected: bool) -> None:  # noqa: FBT001 - what is expected
    """The check itself."""
    assert closes(expression) == expected


def test_every_metric_is_explained(series: dict[str, set[str]]) -> None:
    """And nothing is that there is not."""
    explained = re.findall(r"^\| `(rotative_\w+)", (FOLDER / "README.md").read_text(), re.MULTILINE)
    exposed = {re.sub(r"_(bucket|sum|count)$", "", name) for name in series} - {"up"}
    assert sorted(explained) == sorted(exposed)


def test_alerts_say_what_to_do() -> None:
    """In a sentence, and where more is said."""
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)
    for rule in ALERTS:
        assert set(rule["annotations"]) == {"summary", "guide"}
        assert rule["labels"]["severity"] in {"critical", "warning"}


def test_alerts_lead_to_what_is_said() -> None:
    """Each to a heading."""
    headings = re.findall(r"^#+ (.+)$", GUIDE.read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
    guides = {rule["annotations"]["guide"].partition("docs/operate.md#")[2] for rule in ALERTS}
    assert guides - anchors == set()


def test_legends_name_labels_that_are_left() -> None:
    """A label that was summed away would show as nothing."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            left = re.findall(r"\bby \(([^)]*)\)", target["expr"])
            assert named <= {label for labels in left for label in labels.split(", ")}


def test_panels_are_told_apart_and_do_not_overlap() -> None:
    """By their ids, and on the page."""
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert {x for x, _ in cells} == set(range(24))


def test_prometheus_looks_where_the_stack_serves() -> None:
    """Intake at its port, each worker at the next one."""
    environment = COMPOSE["services"]["worker"]["environment"]
    port = environment["ROTATIVE_METRICS_PORT"]
    jobs = {job["job_name"]: job for job in PROMETHEUS["scrape_configs"]}
    assert jobs["rotative-intake"]["static_configs"] == [{"targets": [f"intake:{port}"]}]
    (workers,) = jobs["rotative-worker"]["dns_sd_configs"]
    assert (workers["names"], workers["port"]) == (["worker"], port + 1)
    asked = re.findall(r'job="([^"]+)"', " ".join(EXPRESSIONS))
    assert set(asked) == jobs.keys()


def test_the_stack_mounts_what_there_is() -> None:
    """And starts neither service unless its profile is asked for."""
    for name in ("prometheus", "grafana"):
        service = COMPOSE["services"][name]
        assert service["profiles"] == ["monitoring"]
        mounted = [volume.split(":")[0] for volume in service["volumes"] if volume[0] == "."]
        assert mounted != []
        assert [path for path in mounted if not (ROOT / path).exists()] == []
    assert [name for name, service in COMPOSE["services"].items() if "profiles" in service] == [
        "prometheus",
        "grafana",
    ]
    datasource = srsly.read_yaml(FOLDER / "grafana/datasource.yml")["datasources"][0]
    assert datasource["url"] == "http://prometheus:9090"
    provider = srsly.read_yaml(FOLDER / "grafana/provider.yml")["providers"][0]
    path = f"{provider['options']['path']}/rotative.json"
    assert any(volume.split(":")[1] == path for volume in COMPOSE["services"]["grafana"]["volumes"])


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs Prometheus' own promtool")
@pytest.mark.parametrize(
    "arguments", [("check", "config", "prometheus.yml"), ("test", "rules", "alerts.test.yml")]
)
def test_prometheus_takes_it(arguments: tuple[str, ...]) -> None:
    """Its own tool says so, and that each alert fires when it should."""
    done = subprocess.run(  # noqa: S603 - arguments of ours
        ["promtool", *arguments],  # noqa: S607 - wherever it is installed
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def closes(expression: str) -> bool:
    """Whether its parentheses do, in the order in which they were opened."""
    opened: list[str] = []
    for character in re.sub(r'"[^"]*"', "", expression):
        if character in "([{":
            opened.append({"(": ")", "[": "]", "{": "}"}[character])
        elif character in ")]}" and (not opened or opened.pop() != character):
            return False
    return not opened
