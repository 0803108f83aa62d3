"""Whether the shape of an image has its channels first, as nets take it, or last, as environments show it."""

from __future__ import annotations

from collections.abc import Sequence

#: Three or four stacked frames of three colours.
STACKED = (9, 12)


def channel_last(image: Sequence[int]) -> bool:
    """True for an image that is (height, width, channels): a square or a large one, and clearly fewer channels.

    >>> channel_last((84, 84, 4)), channel_last((210, 160, 3)), channel_last((4, 84, 84)), channel_last((12, 8, 4))
    (True, True, False, False)
    """
    if len(image) != 3:
        return False
    height, width, channels = image
    side = min(height, width)
    fewer = side > 4 and (channels <= 4 or 4 * channels <= side)
    stacked = side >= 32 and channels in STACKED and height == width
    return stacked or (fewer and (height == width or side >= 16))


def perhaps_channel_last(image: Sequence[int]) -> bool:
    """True for an image that may be (height, width, channels), or a board with its planes in front.

    >>> perhaps_channel_last((12, 8, 4)), perhaps_channel_last((7, 7, 20)), perhaps_channel_last((3, 5, 7))
    (True, True, False)
    """
    if len(image) != 3 or channel_last(image):
        return False
    height, width, channels = image
    return channels <= 4 < min(height, width) or height == width not in (channels, *range(5))
