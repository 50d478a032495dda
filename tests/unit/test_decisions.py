"""Decisions that are made from plain values: batches, plans, who may see Flower."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
from pydantic import AliasChoices, SecretStr

from worker import config, flower
from worker.errors import UserError
from worker.intake import batches
from worker.ledger import Plan, plan


def test_a_lone_file_travels_alone() -> None:
    """And so do a few."""
    assert list(batches([(1, 10)], 64, 1000)) == [[1]]
    assert list(batches([(1, 1), (2, 1), (3, 1)], 64, 1000)) == [[1], [2], [3]]


def test_a_backlog_travels_in_batches() -> None:
    """An eighth of it at a time, and at most the limit; none is left out or sent twice."""
    backlog = [(number, 1) for number in range(1000)]
    found = list(batches(backlog, 64, 10_000))
    assert {64} == {len(batch) for batch in found[:-1]}
    assert list(range(1000)) == list(chain.from_iterable(found))
    assert len(next(batches(backlog[:80], 64, 10_000))) == 10


def test_a_batch_is_bounded_in_bytes() -> None:
    """A single large file goes alone."""
    backlog = [(number, 400) for number in range(16)] + [(99, 5000)]
    found = list(batches(backlog, 64, 800))
    assert found[:2] == [[0, 1], [2, 3]]
    assert found[-1] == [99]


def test_what_never_failed_runs_together() -> None:
    """The usual case."""
    assert Plan(run=(1, 2), alone=(), give_up=()) == plan({1: 0, 2: 0}, limit=3)


def test_who_was_there_when_a_worker_died_goes_on_alone() -> None:
    """One of them may have killed it; the others must not die with it again."""
    assert Plan(run=(2,), alone=(1, 3), give_up=()) == plan({1: 1, 2: 0, 3: 2}, limit=3)


def test_one_that_is_alone_already_runs_again() -> None:
    """Sending it on once more would change nothing."""
    assert Plan(run=(1,), alone=(), give_up=()) == plan({1: 2}, limit=3)


def test_used_up_attempts_end_in_quarantine() -> None:
    """A file that kills its worker does not loop for ever."""
    assert Plan(run=(2,), alone=(), give_up=(1,)) == plan({1: 3, 2: 0}, limit=3)


@pytest.mark.parametrize("auth", [None, SecretStr("")])
@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_flower_on_loopback_needs_no_password(address: str, auth: SecretStr | None) -> None:
    """Only this machine can reach it."""
    assert f"--address={address}" in flower.arguments(
        config.Settings(flower_address=address, FLOWER_BASIC_AUTH=auth)
    )


@pytest.mark.parametrize("auth", [None, "", "password-without-user"])
@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.7", "::", "example.org"])  # noqa: S104 - refused
def test_flower_for_others_needs_a_password(address: str, auth: str | None) -> None:
    """Without one it does not start, and says what to set."""
    secret = None if auth is None else SecretStr(auth)
    settings = config.Settings(flower_address=address, FLOWER_BASIC_AUTH=secret)
    with pytest.raises(UserError, match="FLOWER_BASIC_AUTH=user:password"):
        flower.arguments(settings)


def test_a_password_that_nobody_could_give_is_refused() -> None:
    """On loopback, too: every page would ask for it in vain."""
    settings = config.Settings(flower_address="127.0.0.1", FLOWER_BASIC_AUTH=SecretStr("secret"))
    with pytest.raises(UserError, match="has no colon") as error:
        flower.arguments(settings)
    assert "secret" not in str(error.value)


def test_flowers_password_is_on_no_command_line() -> None:
    """Everybody on a machine can read those."""
    settings = config.Settings(
        flower_address="0.0.0.0",  # noqa: S104 - that is the case at hand
        FLOWER_BASIC_AUTH=SecretStr("operator:secret"),
    )
    assert "secret" not in " ".join(flower.arguments(settings))


def test_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says which variable, what it holds and what it should."""
    monkeypatch.setenv("ROTATIVE_BATCH", "many")
    with pytest.raises(UserError, match=r"batch is 'many': .* integer"):
        config.load()


def test_settings_do_not_show_passwords() -> None:
    """Whoever logs them logs no secret."""
    settings = config.Settings(DATABASE_URL=SecretStr("postgresql://u:hidden@h/d"))
    assert "hidden" not in repr(settings)


def test_the_readme_has_every_setting() -> None:
    """A setting that nobody can find is none."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    names = [
        field.validation_alias or f"ROTATIVE_{name.upper()}"
        for name, field in config.Settings.model_fields.items()
    ]
    flat = [str(n.choices[0]) if isinstance(n, AliasChoices) else str(n) for n in names]
    assert [name for name in flat if f"`{name}`" not in readme] == []
