"""XML as elements that know where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from msgspec import Struct, field

from policyengine.errors import DocumentError
from policyengine.model.location import Location

if TYPE_CHECKING:
    from policyengine.firewall.written import Written

DEEPEST = 16
"""Elements within each other: firewalld's files have four."""


class Element(Struct):
    """An element: what it is called, its attributes, what is in it."""

    name: str
    attributes: dict[str, str]
    where: Location
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def get(self, name: str) -> str:
        """An attribute; empty where it is not there."""
        return self.attributes.get(name, "")

    def all(self, *names: str) -> list[Element]:
        """The elements of these names that are directly in it."""
        return [one for one in self.children if one.name in names]

    def error(self, message: str, hint: str | None = None) -> DocumentError:
        """An error that says where the element is."""
        return DocumentError(message, path=self.where.path, line=self.where.line, column=self.where.column, hint=hint)


def parsed(file: Written) -> Element:
    """The root of a file. Raises :class:`DocumentError`, with the place, for what is no XML, or has a DTD.

    Declarations of types may define entities that grow without bounds or stand for other files
    (https://www.w3.org/TR/xml/#sec-entity-decl); firewalld's files have none.
    """
    return _Reading(file.path).root(file.text)


class _Reading:
    """A file on its way from text to elements."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: list[Element] = []
        self._root: Element | None = None
        self._parser = expat.ParserCreate("utf-8")  # whatever it declares: the text was decoded before
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse

    def root(self, text: str) -> Element:
        try:
            self._parser.Parse(text.encode(errors="surrogatepass"), True)
        except expat.ExpatError as error:
            message = f"malformed or cut off: {expat.ErrorString(error.code)}"
            raise DocumentError(message, path=self._path, line=error.lineno, column=error.offset + 1) from None
        if self._root is None:
            raise DocumentError("no element is in it", path=self._path, line=1)
        return self._root

    def _where(self) -> Location:
        return Location(self._path, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        found = Element(name, attributes, self._where())
        if len(self._open) >= DEEPEST:
            raise found.error("nested too deeply")
        if self._open:
            self._open[-1].children.append(found)
        else:
            self._root = found
        self._open.append(found)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].text += text

    def _refuse(self, *_: object) -> None:
        where = self._where()
        message = "a declaration of types (DOCTYPE) is refused, for it may define entities"
        raise DocumentError(message, path=self._path, line=where.line, column=where.column)
