"""What a web server answers to those who read a store: whether it is there, whether pages of other sites may, whether in parts."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import quote

#: Some site that is not the server's own.
_ORIGIN = "https://example.org"
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Parameters
    ----------
    status : int
        0 if nothing did.
    reason : str
        In words.
    is_open : bool
        Whether pages of any site may read it.
    in_parts : bool
        Whether a part was given where a part was asked for.
    is_page : bool
        Whether it calls itself a page for people.
    """

    status: int
    reason: str
    is_open: bool = False
    in_parts: bool = False
    is_page: bool = False

    @property
    def is_there(self) -> bool:
        """Whether it was given."""
        return self.status in (200, 206)


def ask(url: str) -> Answer:
    """Ask for the first byte of something, as a page of another site does."""
    whole = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    request = urllib.request.Request(whole, headers={"Origin": _ORIGIN, "Range": "bytes=0-0", "Accept-Encoding": "identity"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as response:  # noqa: S310  (only called for http and https)
            headers, status = response.headers, int(response.status)
            in_parts = status == 206 and len(response.read(2)) == 1
            is_page = headers.get_content_type() == "text/html"
            return Answer(status, "", headers.get("Access-Control-Allow-Origin") in ("*", _ORIGIN), in_parts, is_page)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, f"the server answers {error.code} ({_in_one_line(error.reason)})")
    except urllib.error.URLError as error:
        return Answer(0, f"the server cannot be reached ({error.reason})")
    except TimeoutError:
        return Answer(0, f"the server did not answer within {_PATIENCE_S:.0f} s")
    except (OSError, HTTPException) as error:
        return Answer(0, f"the server breaks off ({type(error).__name__}: {error})")


def _in_one_line(reason: object) -> str:
    return str(reason).strip().splitlines()[-1].strip() if str(reason).strip() else "without a reason"
