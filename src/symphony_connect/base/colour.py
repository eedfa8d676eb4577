"""Contrast of colours, by WCAG 2.2 ("contrast ratio", "relative luminance"). A colour is text such as `#1f4fd8`."""

from __future__ import annotations

WHITE = "#ffffff"
DARK_PAGE = "#10151d"
READABLE = 4.5
"""WCAG 2.2, 1.4.3, for text of any size."""
COMFORTABLE = 6.0


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def for_dark_page(accent: str) -> str:
    """The accent mixed with white until it is easy to read on a dark page and can carry dark text."""
    for percent in range(0, 101, 5):
        mixed = _mixed(accent, percent / 100)
        if contrast(mixed, DARK_PAGE) >= COMFORTABLE:
            break
    return mixed


def _mixed(colour: str, white: float) -> str:
    return "#" + "".join(f"{round(part + (255 - part) * white):02x}" for part in _parts(colour))


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
