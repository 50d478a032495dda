"""Values as arrays and tables: one statement for a batch, always as parameters.

Statements are made once, at import, with named parameters: building one takes longer than
Postgres takes to answer it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, column, func

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import BindParameter, CollectionAggregate, ColumnElement
    from sqlalchemy.sql.selectable import TableValuedAlias
    from sqlalchemy.types import TypeEngine

Kind = type["TypeEngine[Any]"]


def array(name: str, kind: Kind = BigInteger) -> BindParameter[Any]:
    """The parameter ``name``, which takes a list."""
    return bindparam(name, type_=ARRAY(kind))


def among(name: str, kind: Kind = BigInteger) -> CollectionAggregate[Any]:
    """``ANY(:name)``, for the right side of ``==``."""
    return any_(array(name, kind))


def seconds(number: float | ColumnElement[Any]) -> ColumnElement[Any]:
    """An interval of so many seconds."""
    return func.make_interval(0, 0, 0, 0, 0, 0, number)


def values_table(**columns: Kind) -> TableValuedAlias:
    """``unnest(:name, …)`` as a table: a column, and a list as parameter, for each name."""
    return (
        func.unnest(*(array(name, kind) for name, kind in columns.items()))
        .table_valued(*(column(name, kind) for name, kind in columns.items()))
        .render_derived()
    )


def by_column(table: TableValuedAlias, rows: Iterable[Iterable[object]]) -> dict[str, list[object]]:
    """The parameters that make these the rows of a `values_table`."""
    names = [one.name for one in table.c]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return {name: list(values) for name, values in zip(names, columns, strict=True)}
