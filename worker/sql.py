"""Values as arrays and tables: one statement for a batch, always as parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, column, func

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import BindParameter, CollectionAggregate
    from sqlalchemy.sql.selectable import TableValuedAlias
    from sqlalchemy.types import TypeEngine

Kind = type["TypeEngine[Any]"]


def array(values: Iterable[Any], kind: Kind = BigInteger) -> BindParameter[Any]:
    """The values as one array parameter."""
    return bindparam(None, list(values), ARRAY(kind), unique=True)


def among(values: Iterable[Any], kind: Kind = BigInteger) -> CollectionAggregate[Any]:
    """``ANY(:values)``, for the right side of ``==``."""
    return any_(array(values, kind))


def values_table(columns: Mapping[str, Kind], rows: Iterable[Iterable[object]]) -> TableValuedAlias:
    """``unnest(:column, …)`` as a table with these columns and a row for each of ``rows``."""
    by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [array(values, kind) for kind, values in zip(columns.values(), by_column, strict=True)]
    return (
        func.unnest(*arrays)
        .table_valued(*(column(name, kind) for name, kind in columns.items()))
        .render_derived()
    )
