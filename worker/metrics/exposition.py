"""Where Prometheus finds the metrics: a small server in intake and in each worker's main process.

A worker's work is done by its children. They write what they count into files that they share
with the main process, which adds them up when it is asked.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from billiard.process import current_process
from celery.signals import worker_process_init

from worker import metrics
from worker.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.registry import Collector

    from worker.config import Settings


@contextmanager
def of_intake(settings: Settings) -> Iterator[None]:
    """Count and serve what intake does, and how the whole system stands, if a port is set.

    Raises:
        UserError: the address or port cannot be used.
    """
    if not settings.metrics_port:
        yield
        return
    from worker.metrics.census import Census  # noqa: PLC0415 - needs the services' addresses

    with metrics.counting() as meters:
        meters.registry.register(Census(meters.feeds))
        with _served(meters.registry, settings.metrics_address, settings.metrics_port):
            yield


@contextmanager
def of_worker(settings: Settings) -> Iterator[None]:
    """Count and serve what a worker's children do, at the port after intake's, if one is set.

    Raises:
        UserError: the address or port cannot be used.
    """
    if not settings.metrics_port:
        yield
        return
    from prometheus_client import CollectorRegistry, values  # noqa: PLC0415 - only where it is on
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    with ExitStack() as stack:
        address, port = settings.metrics_address, settings.metrics_port + 1
        stack.enter_context(_served(registry, address, port))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="rotative-metrics-"))
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # read when the first metric is made
        values.ValueClass = values.MultiProcessValue(_place)  # type: ignore[no-untyped-call]
        collector = MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]

        from worker.pipeline import STEPS  # noqa: PLC0415 - needs the services' addresses

        meters = stack.enter_context(metrics.counting(STEPS))

        def learn_feeds(**_: object) -> None:
            """A new child goes on with the labels of the one before it."""
            samples = [
                sample
                for metric in collector.collect()  # type: ignore[no-untyped-call]
                for sample in metric.samples
            ]
            meters.feeds.learn(one.labels["feed"] for one in samples if "feed" in one.labels)

        worker_process_init.connect(learn_feeds)
        stack.callback(worker_process_init.disconnect, learn_feeds)
        yield


def _place() -> int:
    """The place that this process has in its worker's pool, from 1; 0 is the main process.

    A child that comes for another takes its place, and its file, and counts on from there: there
    are never more files than places, and nothing that a dead child counted is lost.
    """
    return int(getattr(current_process(), "index", -1)) + 1


@contextmanager
def _served(registry: Collector, address: str, port: int) -> Iterator[None]:
    from prometheus_client import start_http_server  # noqa: PLC0415 - only where it is on

    try:
        server, thread = start_http_server(port, address, registry)
    except OSError as error:
        raise UserError(
            f"Metrics cannot be served at {address}:{port} ({error.strerror}). Set "
            "ROTATIVE_METRICS_PORT to another port (intake uses it, a worker the next one), to 0 "
            "for none, or ROTATIVE_METRICS_ADDRESS to an address of this machine."
        ) from error
    # A child must not keep the port open that it inherits.
    os.register_at_fork(after_in_child=server.socket.close)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
