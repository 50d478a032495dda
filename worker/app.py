"""The Celery app, and every setting that its reliability rests on, each with its reason."""

from __future__ import annotations

import gc

from celery import Celery
from celery.signals import setup_logging, worker_init
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from worker import config, logs
from worker.errors import UserError

settings = config.load()
# Under its own name, so that addresses stay as people write them.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "worker.gate:Transport"))


def _broker_url(settings: config.Settings) -> str:
    if settings.redis_url is None:
        raise UserError("REDIS_URL is not set: name a Redis, for example redis://…")
    return settings.redis_url.get_secret_value()


app = Celery("rotative", broker=_broker_url(settings), include=["worker.tasks"])
app.conf.update(
    task_default_queue=settings.queue,
    # What is fresh, and what comes in bulk: workers take from both in turns.
    task_queues=[
        Queue(name, Exchange(name), routing_key=name)
        for name in (settings.queue, settings.bulk_queue)
    ],
    # JSON only, both ways: whoever can write to the broker cannot run code here.
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    # And what is in the queue is looked at before Celery acts upon it.
    worker_consumer="worker.gate:Consumer",
    # Postgres records every outcome; results in Redis would only pile up.
    task_ignore_result=True,
    # A message leaves the broker when its work is done, not when it begins, and goes back when
    # the child that had it dies. Steps are idempotent, and attempts are counted in Postgres, so
    # neither a second run nor a file that kills its worker does harm.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # What ran into the hard limit comes again at once, too, and not when the reconciler misses it.
    task_acks_on_timeout=False,
    # A lost connection is no fault of the files: what is running may finish, and should Redis
    # hand its message to another worker meanwhile, the second finds nothing left to do.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # A child holds the message it works on and no other; waiting ones stay for whoever is free.
    worker_prefetch_multiplier=1,
    # The hard limit must end a task well before Redis believes its worker dead.
    task_soft_time_limit=settings.soft_limit_seconds,
    task_time_limit=settings.hard_limit_seconds,
    broker_transport_options={
        "visibility_timeout": max(600, 2 * settings.hard_limit_seconds),
        "socket_keepalive": True,
        "socket_connect_timeout": 5,
        "health_check_interval": 10,
    },
    # A broker that is away, at start or later, is waited for as long as it takes.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # Publishing gives up quickly: the delivery is in Postgres and is handed over again.
    task_publish_retry_policy={
        "max_retries": 3,
        "interval_start": 0.1,
        "interval_step": 0.2,
        "interval_max": 0.5,
    },
    # Leaks end with their process; thousands of tasks, so that a new one's cold caches do not show.
    worker_max_tasks_per_child=2_000,
    # A busy machine may take longer than the default 4 s to start a child.
    worker_proc_alive_timeout=60,
    # A deploy lets running steps finish; what does not is redelivered.
    worker_soft_shutdown_timeout=20,
    # Every worker has a queue of its own beside the common one: its health is asked for there.
    worker_direct=True,
    # Flower shows what a worker has: received, running, ended. What waits is not told of: it would
    # cost each step another round trip, and the length of a queue says as much.
    worker_send_task_events=True,
    # Our own formatter, see logs.
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
)


@setup_logging.connect
def _configure_logging(**_: object) -> None:
    logs.setup(settings)


@worker_init.connect
def _load_models(**_: object) -> None:
    """Before the children fork: they share the memory, and no task waits for what is loaded."""
    from worker.core import clean  # noqa: PLC0415 - only workers need it
    from worker.tasks import enrich  # noqa: PLC0415 - loads the models' libraries

    clean.warm_up()
    enrich.load_models()
    # What is loaded is never garbage. To look whether it is would also write to it: a child's copy.
    gc.collect()
    gc.freeze()
