"""Keys of a Cyrillic layout, as the Latin ones that are printed beside them."""

from textual import events
from textual.keys import _character_to_key  # no public name

_LATIN = str.maketrans(
    "йцукенгшщзфывапролдячсмитьбюЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬЖ",
    "qwertyuiopasdfghjklzxcvbnm,.QWERTYUIOPASDFGHJKLZXCVBNM:",
)


def latin(event: events.Key) -> events.Key:
    """The key that lies in the same place; the same one where it is no Cyrillic letter."""
    character = (event.character or "").translate(_LATIN)
    if not character or character == event.character:
        return event
    return events.Key(_character_to_key(character), character)
