"""What the name of a news agency looks like."""

from __future__ import annotations

import re
from typing import Final

_KNOWN: Final = frozenset(
    {
        *("AAP", "AFP", "AGI", "ANI", "ANSA", "ANTARA", "AP", "ATS", "AVI", "BELGA", "BERNAMA"),
        *("BLOOMBERG", "CNA", "CPV", "CVN", "DPA", "EFE", "IPS", "KYODO", "LUSA", "NDEL", "NDO"),
        *("NNA", "PRENSA LATINA", "PTI", "REUTERS", "RIA NOVOSTI", "SPUTNIK", "TASS", "TTXVN"),
        *("UPI", "VNA", "VNN", "VNP", "VNS", "VOV", "VOVWORLD", "XINHUA", "YONHAP"),
    }
)
_SHAPE: Final = re.compile(r"[A-ZĐ][A-Z0-9Đ]{1,11}")


def is_known(name: str) -> bool:
    """Whether it is an agency that signs stories, or several joined by slashes."""
    return all(part.strip().upper() in _KNOWN for part in name.split("/"))


def has_shape(name: str) -> bool:
    """Whether it is written as agencies write themselves: ``TTXVN``, ``VOV5``, ``AFP/VNA``."""
    return all(_SHAPE.fullmatch(part.strip()) for part in name.split("/"))
