"""Passwords, tokens and keys that are written into a file: where they stand, so that they can be told of and never be shown."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.scopes import Scope
from pangeo_forge.lint.files.texts import Text


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that only some may know.

    Parameters
    ----------
    what : str
        What it is, for people: ``"password"``.
    value : str
        It.
    start, end : tuple of int
        Line and column of where it stands; `end` is behind it.
    name : str
        What it is called in the file, or could be.
    """

    what: str
    value: str
    start: tuple[int, int]
    end: tuple[int, int]
    name: str

    def __repr__(self) -> str:
        return f"Secret({self.what!r}, {self.start}, {self.end})"


#: A file with more of them holds something else.
_MOST = 500

# In the text of any file, comments included.

_TOKENS = re.compile(
    r"(?<![\w/+-])(?:"
    r"(?P<key_of_AWS>(?:AKIA|ASIA)[A-Z2-7]{16})(?!\w)"
    r"|(?P<token_of_GitHub>gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})"
    r"|(?P<token_of_GitLab>glpat-[\w-]{20,64})"
    r"|(?P<key_of_Google>AIza[\w-]{35})(?![\w-])"
    r"|(?P<token_of_Hugging_Face>hf_[A-Za-z0-9]{30,64})(?!\w)"
    r"|(?P<token>eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,2000})"
    r"|(?P<private_key>-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----)"
    r")"
)
_LOGIN = re.compile(r"://(?P<user>[^\s/:@'\"{}<>$]{0,100}):(?P<password>[^\s/@'\"{}<>$]{1,200})@[\w.-]")
_QUERY = re.compile(
    r"[?&](?P<name>(?:access_|auth_?|api_?)?(?:token|key)|sig|signature|x-amz-signature|x-amz-security-token|password|passwd|pwd|secret)"
    r"=(?P<value>[^\s&'\"{}<>$#]{4,2000})",
    re.IGNORECASE,
)
#: In the query of an address `key` alone is the name of a thing more often than a secret.
_HARMLESS = frozenset({"key"})


def find_in_text(text: Text) -> tuple[Secret, ...]:
    """Find what is a secret by its own form, or as a part of an address."""
    return _apart(_in_text(text))


def _in_text(text: Text) -> list[Secret]:
    return [*_tokens(text), *_logins(text), *_queries(text)] if _may_hold_any(text.text) else []


def _apart(found: Iterable[Secret]) -> tuple[Secret, ...]:
    """Put secrets in the order of the file, and leave out what lies in another."""
    kept: list[Secret] = []
    for secret in sorted(found, key=lambda secret: secret.start):
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
    return tuple(kept[:_MOST])


def _may_hold_any(text: str) -> bool:
    return "://" in text or _may_hold_token(text)


def _may_hold_token(text: str) -> bool:
    return any(mark in text for mark in ("AKIA", "ASIA", "gh", "github_pat_", "glpat-", "AIza", "hf_", "eyJ", "PRIVATE KEY"))


def _tokens(text: Text) -> Iterator[Secret]:
    for found in _TOKENS.finditer(text.text) if _may_hold_token(text.text) else ():
        if "EXAMPLE" not in found[0]:
            what = (found.lastgroup or "").replace("_", " ")
            yield _secret(text, found, 0, what, {"key of AWS": "AWS_ACCESS_KEY_ID", "private key": "PRIVATE_KEY"}.get(what, "TOKEN"))


def _logins(text: Text) -> Iterator[Secret]:
    for found in _LOGIN.finditer(text.text):
        if found["user"].lower() not in ("anonymous", "ftp", "") and not is_placeholder(found["password"]):
            yield _secret(text, found, "password", "password", "PASSWORD")


def _queries(text: Text) -> Iterator[Secret]:
    for found in _QUERY.finditer(text.text):
        name = found["name"].lower()
        is_password = name.startswith("p")
        if name not in _HARMLESS and (_may_be_password(found["value"]) if is_password else _may_be_token(found["value"])):
            what = "password" if is_password else "signature" if "sig" in name else "token"
            yield _secret(text, found, "value", what, what.upper())


def _secret(text: Text, found: re.Match[str], group: str | int, what: str, name: str) -> Secret:
    start, end = found.span(group)
    return Secret(what, found[group], _place(text, start), _place(text, end), name)


def _place(text: Text, offset: int) -> tuple[int, int]:
    line = bisect_right(text.starts, offset)
    return line, offset - text.starts[line - 1] + 1


# In the code of a module.

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PASSWORD = re.compile(r"(?:.*_)?(?:password|passwd|passwort|passphrase|pwd)|pass")
_TOKEN = re.compile(r"(?:.*_)?(?:secret(?:_access)?(?:_key)?|api_?key|account_key|private_key|(?:access_?)?token|auth_?key)")
#: Without any of these nothing has the name or the place of a secret.
_PARTS = ("pass", "pwd", "secret", "token", "auth", "login", "api_key", "apikey", "access_key", "account_key", "private_key")
_ASSIGNED = re.compile(r"""(?<!\w)(?P<name>[A-Za-z]\w{1,60})["']?\s{0,9}[=:]\s{0,9}["'](?P<value>[^"'\n]{4,500})["']""")
#: Classes whose second argument is a password.
_LOGINS = frozenset({"aiohttp.BasicAuth", "requests.auth.HTTPBasicAuth", "requests.auth.HTTPDigestAuth", "httpx.BasicAuth"})
_BEARER = re.compile(r"(?P<kind>Bearer|Basic|Token)\s+(?P<value>\S{8,})", re.IGNORECASE)


def find_in_module(module: Module) -> tuple[Secret, ...]:
    """Find what a module's code gives the name or the place of a secret, and what `find_in_text` finds in it."""
    lower = module.text.text.lower()
    named = (*_in_code(module), *_assigned(module)) if any(part in lower for part in _PARTS) else ()
    return _apart((*named, *_in_text(module.text)))


def _assigned(module: Module) -> Iterator[Secret]:
    """Find secrets in what looks like code: in comments, and in all of a module that is no Python."""
    for found in _ASSIGNED.finditer(module.text.text):
        what = _what(found["name"], found["value"])
        line = module.text.line(_place(module.text, found.start())[0]) if what else ""
        if what and (module.tree is None or line.lstrip().startswith("#")):
            yield _secret(module.text, found, "value", what, _variable(found["name"]))


def _in_code(module: Module) -> Iterator[Secret]:
    scope = Scope(module)
    for node in module.nodes:
        for name, value in _named_values(node, scope):
            literal, text = _literal(value, module)
            what = _what(name, text) if text else None
            end = module.end_of(literal)
            if what and end:
                where = module.at(literal)
                yield Secret(what, text, (where.line or 1, where.column or 1), end, _variable(name))


def _literal(value: ast.expr, module: Module) -> tuple[ast.expr, str]:
    """Find the text that an expression is, or that a name of the module stands for, and where it is written."""
    if isinstance(value, ast.Name):
        value = next(iter(module.values(value.id)), value)
    return value, value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _snake(name: str) -> str:
    return _CAMEL.sub("_", name).lower()


def _variable(name: str) -> str:
    """Name a variable of the environment after a name in the code."""
    return "TOKEN" if name.lower() == "authorization" else re.sub(r"\W+", "_", _snake(name)).upper()


def _what(name: str, value: str) -> str | None:
    """Tell what a value is that has a name; None for no secret."""
    snake = _snake(name)
    if snake == "authorization":
        found = _BEARER.fullmatch(value)
        return "token" if found and _may_be_token(found["value"]) else None
    if _PASSWORD.fullmatch(snake):
        return "password" if _may_be_password(value) else None
    if _TOKEN.fullmatch(snake):
        return ("key" if "key" in snake else "token" if "token" in snake else "secret") if _may_be_token(value) else None
    return None


def _named_values(node: ast.AST, scope: Scope) -> Iterable[tuple[str, ast.expr]]:
    """List what a node gives names to, as far as the names may be those of secrets."""
    match node:
        case ast.keyword(arg="auth", value=ast.Tuple(elts=[_, password])):
            return [("password", password)]
        case ast.keyword(arg=str(name), value=value):
            return [(name, value)]
        case ast.Dict(keys=keys, values=values):
            return [(name, value) for key, value in zip(keys, values, strict=True) if (name := _key(key))]
        case ast.Assign(targets=targets, value=value):
            return [(name, value) for target in targets if (name := _target(target))]
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return [(_target(target), value)]
        case ast.arguments():
            return _defaults(node)
        case ast.Call(func=function, args=[_, password, *_]) if scope.origin(function) in _LOGINS:
            return [("password", password)]
        case ast.Call(func=ast.Attribute(attr="login"), args=[ast.Constant(), ast.Constant() as password, *_]):
            return [("password", password)]
        case _:
            return []


def _key(key: ast.expr | None) -> str:
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _target(target: ast.expr) -> str:
    """Name what is assigned to: a name, an attribute, an item."""
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def _defaults(arguments: ast.arguments) -> list[tuple[str, ast.expr]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    named = zip(reversed(positional), reversed(arguments.defaults), strict=False)
    keywords = ((argument, default) for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default)
    return [(argument.arg, default) for argument, default in (*named, *keywords)]


# What is none.

_WORDS = """
    password passwd pass pwd secret token key apikey none null true false anonymous anon guest public test todo fixme user username admin
    root postgres minio minioadmin ftp email mypassword mysecret mytoken add insert enter cloud browser googledefault cache nopassword xxx
"""
_PLACEHOLDERS = frozenset(_WORDS.split())
_MARKS = ("example", "placeholder", "changeme", "change_me", "change-me", "redacted", "dummy", "your", "insert", "replace", "xxxx")
_ENCLOSED = re.compile(r"<.*>|\{.*\}|\[.*\]|\$\w+|\$\{.*|%\(?\w+\)?[s%]|%s", re.DOTALL)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{0,20}:(?://|aws)|[/~.]|projects/", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]*")
_FILE = re.compile(r".*\.(?:json|pem|txt|key|netrc|ya?ml|env)", re.IGNORECASE | re.DOTALL)


def is_placeholder(value: str) -> bool:
    """Whether a text stands where a secret goes and is none: empty, ``<ADD>``, ``your_password``, the name of a variable, an address.

    The address of a person is what archives ask for as the password of everybody.
    """
    lower = value.lower()
    letters = re.sub(r"[^a-z]", "", lower)
    return (
        len(set(value)) < 3
        or any(character.isspace() for character in value)
        or letters in _PLACEHOLDERS
        or any(mark in lower for mark in _MARKS)
        or any(pattern.fullmatch(value) for pattern in (_ENCLOSED, _VARIABLE, _EMAIL, _FILE))
        or _ADDRESS.match(value) is not None
    )


def _may_be_password(value: str) -> bool:
    return len(value) >= 4 and not is_placeholder(value)


def _may_be_token(value: str) -> bool:
    """Whether a text is long and mixed enough for a token, which nobody makes up."""
    return len(value) >= 16 and sum(character.isdigit() for character in value) > 1 and not is_placeholder(value)
