"""Takes tokens off a text, knows where it stands, and words what is wrong there."""

from __future__ import annotations

import json
import re

from .errors import ParseError
from .limits import MAX_STRING
from .location import Location
from .names import NAME, VALUE_NAME

VALUE = re.compile(rf"%({VALUE_NAME})")
FUNCTION = re.compile(rf"@({NAME}|(?=\"))")
WORD = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)")
TYPE = re.compile(r"([A-Za-z0-9_]+\[[^\[\]\n]*\])")
INTEGER = re.compile(r"(-?[0-9]+)(?![A-Za-z0-9_.])")
ELEMENT = re.compile(r"(true|false|nan(?:\(0x[0-9a-fA-F]{1,16}\))?|-?inf|-?[0-9][0-9.eE+-]{0,400})(?![A-Za-z0-9_.(])")
_COMMA = r"[ \t\r\n]*,[ \t\r\n]*"
_WHOLE = r"-?[0-9]{1,20}+"
_DECIMAL = r"-?[0-9]{1,400}+(?:\.[0-9]{1,400}+)?+(?:[eE][-+]?[0-9]{1,9}+)?+"
INTEGERS = re.compile(rf"\[({_WHOLE}(?:{_COMMA}{_WHOLE})*+)\]")
DECIMALS = re.compile(rf"\[({_DECIMAL}(?:{_COMMA}{_DECIMAL})*+)\]")
STRING = re.compile(r'("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")')

_BLANK = re.compile(r"(?:[ \t\r\n]+|//[^\n]*)*+")
_TRAILING_COMMENT = re.compile(r"[ \t]*//([^\n]*)")
_QUOTED_LOCATION = re.compile(rf"{STRING.pattern}:([0-9]{{1,9}})\Z")
_PLAIN_LOCATION = re.compile(r"([^\"].*):([0-9]{1,9})\Z")
_BOUNDARY = re.compile(r"[(),\]}]")
_NEXT = re.compile(r"[%@]?[A-Za-z0-9_.]+|\S")


class Lexer:
    """A position in a text, always at the start of a token: blanks and comments are behind it."""

    __slots__ = ("end", "position", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 0  # of the token taken last
        self.position = 0
        self.move(0)

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """The first group of `pattern` where it matches here; then it is behind us."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return None
        self.move(match.end())
        return match[1]

    def require(self, pattern: re.Pattern[str], what: str) -> str:
        """As `take`, but raises ParseError where there is no `what` here."""
        taken = self.take(pattern)
        if taken is None:
            raise self.expected(what)
        return taken

    def peek(self, pattern: re.Pattern[str]) -> str | None:
        """As `take`, but we stay here."""
        match = pattern.match(self.text, self.position)
        return None if match is None else match[1]

    def accept_word(self, word: str) -> bool:
        """Whether the whole word here is `word`; then it is behind us."""
        return self.peek(WORD) == word and self.accept(word)

    def accept(self, symbol: str) -> bool:
        """Whether `symbol` stands here; then it is behind us."""
        if not self.text.startswith(symbol, self.position):
            return False
        self.move(self.position + len(symbol))
        return True

    def expect(self, symbol: str) -> None:
        """Raises ParseError unless `symbol` stands here."""
        if not self.accept(symbol):
            raise self.expected(repr(symbol))

    def string(self, what: str) -> str:
        """The text that a quoted string holds."""
        start = self.position
        text: str = json.loads(self.require(STRING, what))
        if len(text) > MAX_STRING:
            what = what.removesuffix(",")
            raise self.error(f"{what} has {len(text)} characters but must have at most {MAX_STRING}", start)
        return text

    def dimension(self, limit: int) -> str:
        """The text up to a comma or closing bracket outside parentheses."""
        depth = 0
        for edge in _BOUNDARY.finditer(self.text, self.position, self.position + limit + 1):
            symbol = edge[0]
            if symbol == "(":
                depth += 1
            elif depth == 0:
                found = self.text[self.position : edge.start()]
                self.move(edge.start())
                return found
            elif symbol == ")":
                depth -= 1
        raise self.expected(f"a dimension of at most {limit} characters")

    def location(self) -> Location | None:
        """What the comment `// file:line` says that ends the line of the token taken last."""
        comment = _TRAILING_COMMENT.match(self.text, self.end)
        if comment is None:
            return None
        label = comment[1].strip(" \t\r")
        match = _QUOTED_LOCATION.match(label) or _PLAIN_LOCATION.match(label)
        if match is None:
            return None
        file = match[1]
        return Location(json.loads(file) if file.startswith('"') else file, int(match[2]), "")

    def at_end(self) -> bool:
        return self.position == len(self.text)

    def error(self, problem: str, at: int | None = None, *, hint: str | None = None) -> ParseError:
        """The error `problem` at position `at`, by default here."""
        place = self.position if at is None else at
        line = self.text.count("\n", 0, place) + 1
        column = place - self.text.rfind("\n", 0, place)
        return ParseError(problem, line=line, column=column, hint=hint)

    def expected(self, what: str, *, hint: str | None = None) -> ParseError:
        """The error that `what` does not stand here."""
        match = _NEXT.match(self.text, self.position, self.position + 40)
        found = repr(match[0]) if match else "the end of the text"
        return self.error(f"{found} is found where {what} is expected", hint=hint)

    def move(self, end: int) -> None:
        """Puts the end of a token behind us, and what is blank after it."""
        self.end = end
        self.position = _BLANK.match(self.text, end).end()  # pyright: ignore[reportOptionalMemberAccess]
