"""Where in a YAML file does a value stand? Reads a file so that every error can name its line.

Knows nothing of cards: text in, data with positions out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

try:  # the C loader is ten times faster; the pure one is the same language
    from yaml import CSafeLoader as Loader
except ImportError:  # pragma: no cover - PyYAML wheels carry it on every platform we install on
    from yaml import SafeLoader as Loader

Step = str | int
T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with the knowledge, said so that a curator can go there."""

    file: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        """`cards/x/y.yaml:12: because.0.en: too long`."""
        return (
            f"{self.file}:{self.line}: {self.field}: {self.reason}" if self.field else f"{self.file}:{self.line}: {self.reason}"
        )


class KnowledgeError(Exception):
    """The knowledge cannot be used: carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Document:
    """One YAML file: its data, and the line of each value in it.

    Broken YAML or a repeated key leaves `data` None and a problem in `problems`; nothing is raised.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.data: Any = None
        self._root: yaml.Node | None = None
        loader = Loader(text)
        try:
            self._root = loader.get_single_node()
            if self._root is None:
                self.problems.append(Problem(name, 1, "", "the file is empty"))
                return
            self._refuse_repeated_keys(self._root)
            if not self.problems:
                self.data = loader.construct_document(self._root)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.problems.append(Problem(name, mark.line + 1 if mark else 1, "", f"not YAML: {error.problem}"))
        except yaml.reader.ReaderError as error:
            line = text.encode("utf-8", "replace")[: error.position].count(b"\n") + 1
            self.problems.append(Problem(name, line, "", f"not YAML: {error.reason}: #x{error.character:04x}"))
        except RecursionError:
            self.problems.append(Problem(name, 1, "", "not YAML: contains itself, or is nested too deep"))
        except (yaml.YAMLError, ValueError, TypeError) as error:
            self.problems.append(Problem(name, _line_of_bad_value(self._root), "", f"not YAML: {error}"))
        finally:
            loader.dispose()

    @classmethod
    def read(cls, path: Path, root: Path) -> Document:
        """Read a file; its name is its path below `root`. A file that is not UTF-8 is a problem, not an exception."""
        name = path.relative_to(root).as_posix()
        try:
            return cls(name, path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            document = cls(name, "null")
            line = error.object[: error.start].count(b"\n") + 1
            document.problems.append(Problem(name, line, "", f"not UTF-8 at byte {error.start}"))
            return document

    def line(self, where: Sequence[Step]) -> int:
        """The line (from 1) of the value at `where`, or of the closest parent that exists."""
        node = self._root
        line = 1 if node is None else node.start_mark.line + 1
        for step in where:
            if isinstance(node, yaml.MappingNode):
                found = next((value for key, value in node.value if key.value == str(step)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                found = node.value[step]
            else:
                found = None
            if found is None:
                break
            node, line = found, found.start_mark.line + 1
        return line

    def problem(self, where: Sequence[Step], reason: str) -> Problem:
        """A problem with the value at `where`."""
        return Problem(self.name, self.line(where), ".".join(map(str, where)), reason)

    def validated(self, kind: TypeAdapter[T]) -> T | None:
        """The data as `kind`; None with every problem recorded when it does not fit."""
        if self.problems:
            return None
        try:
            return kind.validate_python(self.data)
        except ValidationError as error:
            for item in error.errors(include_url=False, include_context=False, include_input=False):
                self.problems.append(self.problem(list(item["loc"]), item["msg"]))
            return None

    def _refuse_repeated_keys(self, node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    self.problems.append(Problem(self.name, key.start_mark.line + 1, "", "a key must be a word"))
                    continue
                if key.value in seen:
                    self.problems.append(Problem(self.name, key.start_mark.line + 1, str(key.value), "the key is there twice"))
                seen.add(key.value)
                self._refuse_repeated_keys(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                self._refuse_repeated_keys(value)


def _line_of_bad_value(root: yaml.Node | None) -> int:
    """The line of the first value that YAML can spell but not make, such as 30 February; 1 when there is none."""
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in reversed(node.value) for part in reversed(pair)]
        elif isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)
        else:
            try:
                yaml.SafeLoader("").construct_document(node)
            except (yaml.YAMLError, ValueError, TypeError):
                return node.start_mark.line + 1
    return 1
