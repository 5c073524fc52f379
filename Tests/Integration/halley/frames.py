"""Received frames and how tests pick them out."""

import json

from . import codes


class Frame(dict):
    """One received frame as a dictionary; `text` is what stood on the wire."""

    def __init__(self, text):
        super().__init__(json.loads(text))
        self.text = text
        if self.get("type") in ("error", "auth"):
            body = self.get("body", {})
            codes.note(body.get("code"))
            codes.note(body.get("status"))

    @property
    def body(self):
        return self["body"]


def matches(value, pattern):
    """Whether `value` has everything that `pattern` asks for; dictionaries may have more.

    A pattern may be a function, which then decides itself.
    """
    if callable(pattern):
        return pattern(value)
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            key in value and matches(value[key], part) for key, part in pattern.items()
        )
    return value == pattern
