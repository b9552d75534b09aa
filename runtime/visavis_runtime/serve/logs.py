"""Takes records of stdlib logging, gives lines: for people, or as JSON for machines.

A record about a talk carries its number and the name of who called (`extra={"talk": 7, "caller": "studio"}`, see
`about`). Lines go to stderr. What never gets into one: sound, pictures, latents, tokens, anything for each frame;
nobody logs them, and a test looks. Text of clients (a line's name in an error) is made harmless: one record is one line
unless it carries a trace.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone
from typing import Any, TextIO

FIELDS = ("talk", "caller", "reason")
"""Fields that a record may carry beside its sentence."""
PACKAGE = "visavis_runtime"


def set_up(form: str, *, stream: TextIO | None = None) -> logging.Handler:
    """Let this process log to `stream` (stderr) as "text" or "json": our INFO, and warnings of everybody."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(PACKAGE).setLevel(logging.INFO)
    return handler


def about(log: logging.Logger, **fields: Any) -> logging.LoggerAdapter[logging.Logger]:
    """A log whose records carry `fields`, of which `FIELDS` are shown."""
    return logging.LoggerAdapter(log, fields)


class TextLines(logging.Formatter):
    """`2026-01-31T12:00:00.000Z INFO server: the sentence (talk 7, caller studio)`, and a trace below it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, more with a trace."""
        fields = ", ".join(f"{name} {value}" for name, value in _fields(record).items())
        line = f"{_time(record)} {record.levelname} {record.name.rpartition('.')[2]}: {record.getMessage()}"
        line = _harmless(line + (f" ({fields})" if fields else ""))
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the fields, trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Always one line."""
        entry = {"time": _time(record), "level": record.levelname, "logger": record.name}
        entry |= {"message": record.getMessage(), **_fields(record)}
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name in FIELDS if (value := getattr(record, name, None)) not in (None, "")}


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, tz=timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _harmless(text: str) -> str:
    """Without line ends and control characters, which could forge a line or steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
