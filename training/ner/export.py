"""Put a trained recogniser into the form that the worker loads: small, and without the base.

The base knows half a million words by one of 20,000 vectors of 300 numbers each, and the first
thing that ``ner`` does with them is to project them to its own width. Projecting the table once
leaves the recogniser what it was, at a third of the size (and half of that as 16-bit floats).
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import spacy
from spacy.vectors import Vectors

if TYPE_CHECKING:
    from pathlib import Path

    from spacy.language import Language
    from thinc.api import Model


def slim(model: Language) -> Language:
    """A model that recognises the same names, without a base; the given one is left as it is."""
    ner: Any = model.get_pipe("ner")
    small = spacy.blank("fr")
    small.vocab.vectors = Vectors(data=_projected(model))
    small.vocab.vectors.key2row = dict(model.vocab.vectors.key2row)
    copy: Any = small.add_pipe("ner", config={"model": model.config["components"]["ner"]["model"]})
    for label in ner.labels:
        copy.add_label(label)
    small.initialize()
    # The order of the actions is that of the last layer's rows.
    copy.moves.from_bytes(ner.moves.to_bytes())
    for old, new in zip(ner.model.walk(), copy.model.walk(), strict=True):
        for name in old.param_names:
            if old.has_param(name) and old.name != "static_vectors":
                new.set_param(name, old.get_param(name))
    projection = _projection(copy.model)
    identity = np.eye(projection.get_dim("nO"), dtype=np.float32)
    projection.set_param("W", projection.ops.asarray2f(identity.tolist()))
    return small


def _projection(model: Model[Any, Any]) -> Model[Any, Any]:
    (node,) = (node for node in model.walk() if node.name == "static_vectors")
    return node


def _projected(model: Language) -> np.ndarray[Any, Any]:
    """The table of vectors as the recogniser sees it: 20,000 times 96."""
    ner: Any = model.get_pipe("ner")
    projection = _projection(ner.model).get_param("W")
    table = model.vocab.vectors.data @ projection.T
    # What is stored has 16 bits: train, measure and ship the same numbers.
    return np.ascontiguousarray(table.astype(np.float16).astype(np.float32))


def write(model: Language, directory: Path, meta: dict[str, object]) -> None:
    """Write a slim model: ``ner/``, its settings ``ner.json``, ``vectors.npz``, ``meta.json``."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    ner: Any = model.get_pipe("ner")
    ner.to_disk(directory / "ner", exclude=["vocab"])
    keys = np.array(sorted(model.vocab.vectors.key2row), dtype=np.uint64)
    rows = np.array([model.vocab.vectors.key2row[int(key)] for key in keys], dtype=np.uint16)
    np.savez_compressed(
        directory / "vectors.npz",
        data=model.vocab.vectors.data.astype(np.float16),
        keys=keys,
        rows=rows,
    )
    architecture = model.config["components"]["ner"]["model"]
    for name, content in (("ner.json", {"model": architecture}), ("meta.json", meta)):
        text = json.dumps(content, indent=2, ensure_ascii=False)
        (directory / name).write_text(f"{text}\n", "utf-8")
