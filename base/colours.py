"""The colour of a symbol: squares look the same on the screen and in a picture sent to Slack."""

import math
from functools import cache


@cache
def hue(symbol: int, order: int, lightness: float, chroma: float) -> str:
    """The colour of one symbol of `order`: hues evenly apart, all equally light (OKLCH)."""
    angle = math.radians(20 + 360 * (symbol % order) / order)
    a, b = chroma * math.cos(angle), chroma * math.sin(angle)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return "#" + "".join(f"{_gamma(channel):02x}" for channel in (red, green, blue))


def contrast(one: str, other: str) -> float:
    """How far apart in lightness two colours `#rrggbb` are, from 1 to 21 (WCAG 2.1)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _gamma(linear: float) -> int:
    linear = min(1.0, max(0.0, linear))
    curve = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(curve * 255)
