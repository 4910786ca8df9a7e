"""What headers of HTTP hold that is a secret: what is asked with, and cookies."""

from __future__ import annotations

import re

_SCHEMES = r"(?:basic|bearer|token|negotiate|api-?key|oauth|key)[ \t]++"
AUTHORIZATION = re.compile(
    rf"""(?xi) (?<![\w-])
      (?P<name> (?:proxy-)?authorization (?:\\?["'])?+ [ \t]*+[:=][ \t]*+ (?:\\?["'])?+ {_SCHEMES} )
      (?P<value> [^\s"'`\\]++ )
    """
)
"""What stands in a header before what is asked with: ``Authorization: Bearer ...``."""
HEADER = re.compile(
    r"""(?xi) (?: (?P<is_quoted>(?<=["'])) | (?<=-H) | (?<=-H[ ]) | (?<=header[ =]) )
      (?P<name> (?:proxy-)?authorization:[ \t]*+ (?(is_quoted) (?: [a-z][\w-]*+[ \t]++ (?=[^\s"'`\\]) )?+ )
        | (?:set-)?cookie2?:[ \t]*+ (?!oraclelicense=accept-securebackup-cookie) [^\s"'=;\\]++ = )
      (?P<value> (?(is_quoted) [^"'`\\\n]++ | [^\s"'`\\]++ ) )
    """
)
"""What stands before it where a header is quoted, or is an option's value: of a scheme that need not be known.

What says that the terms of a download are accepted is no secret.
"""
