"""What the name of a news agency looks like."""

from __future__ import annotations

import re
from typing import Final

_KNOWN: Final = frozenset(
    {
        *("AAP", "ACI", "AFP", "AGI", "AIP", "ANADOLU", "ANI", "ANSA", "ANTARA", "AP", "APA"),
        *("APS", "ATS", "AVI", "BELGA", "BERNAMA", "BLOOMBERG", "CNA", "CPV", "CVN", "DPA"),
        *("EFE", "IANS", "INTERFAX", "IPS", "KEYSTONE-ATS", "KYODO", "LUSA", "MAP", "MENA"),
        *("NDEL", "NDO", "NDĐT", "NNA", "PANA", "PLVN", "PRENSA LATINA", "PTI", "QNA", "REUTERS"),
        *("RIA NOVOSTI", "SPA", "SPUTNIK", "SUNA", "TAP", "TASS", "TTX", "TTXVN", "UNI", "UPI"),
        *("VIETNAM+", "VIETNAMPLUS", "VNA", "VNN", "VNP", "VNS", "VOV", "VOVWORLD", "VTV"),
        *("WAFA", "WAM", "XINHUA", "YONHAP"),
    }
)
_SHAPE: Final = re.compile(r"[A-ZĐ][A-Z0-9Đ]{1,5}")  # longer ones are words in capitals


def is_known(name: str) -> bool:
    """Whether it is an agency that signs stories, or several joined by slashes."""
    name = name.upper()
    return name in _KNOWN or all(_is_one(part.strip()) for part in name.split("/"))


def _is_one(name: str) -> bool:
    """Whether it is an agency, its web site, or its office somewhere: ``VOV-Miền Trung``."""
    return name in _KNOWN or name.removesuffix(".VN").split("-")[0] in _KNOWN


def has_shape(name: str) -> bool:
    """Whether it is written as agencies write themselves: ``TTXVN``, ``VOV5``, ``AFP/VNA``."""
    return all(_SHAPE.fullmatch(part.strip()) for part in name.split("/"))
