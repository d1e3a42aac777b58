"""What pages of all environments are put together from."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agent_judge.launch.bundle import Bundle

OURS = "__agent_judge"
"""The folder, as the page sees it, of what we add."""


@dataclass(frozen=True)
class BuiltPage:
    """A page ready to be shown."""

    files: Mapping[str, bytes]
    entry: str
    log: str = ""
    any_path: bool = False
    """Whether every path shows the entry, as applications that route in the browser expect."""
    packages: Mapping[str, str] = field(default_factory=dict)
    """The packages that it was built with, by name, and their versions."""


def text_of(content: bytes) -> str:
    """A source as text; what is not UTF-8 is replaced."""
    return content.decode("utf-8", errors="replace")


def into_head(page: str, part: str) -> str:
    """Adds at the end of the head, or at the start of a page that has none."""
    return _insert(page, part, (r"</head\s*>", 0), (r"<body[^>]*>", 0), (r"<html[^>]*>|<!doctype[^>]*>", 1))


def into_body(page: str, part: str) -> str:
    """Adds at the end of the body, or of a page that has none."""
    found = list(re.finditer(r"</body\s*>", page, re.IGNORECASE)) or list(
        re.finditer(r"</html\s*>", page, re.IGNORECASE)
    )
    place = found[-1].start() if found else len(page)
    return page[:place] + part + page[place:]


def _insert(page: str, part: str, *places: tuple[str, int]) -> str:
    for pattern, after in places:
        if found := re.search(pattern, page, re.IGNORECASE):
            place = found.end() if after else found.start()
            return page[:place] + part + page[place:]
    return part + page


def with_bundle(page: str, bundle: Bundle, files: dict[str, bytes]) -> str:
    """Adds a bundle's scripts and styles to a page, and their files to ``files``."""
    if bundle.style:
        if source := tailwind_source(text_of(bundle.style)):
            page = into_head(page, tailwind_style(source))
        else:
            files[f"{OURS}/style.css"] = bundle.style
            page = into_head(page, f'<link rel="stylesheet" href="/{OURS}/style.css">')
    if bundle.packages_script:
        files[f"{OURS}/packages.js"] = bundle.packages_script
        page = into_body(page, f'<script src="/{OURS}/packages.js"></script>')
    files[f"{OURS}/solution.js"] = bundle.script
    return into_body(page, f'<script src="/{OURS}/solution.js"></script>')


# --- Tailwind ---------------------------------------------------------------------------------

_TAILWIND_SOURCE = re.compile(r"@tailwind\s|@apply\s|@import\s+[\"']tailwindcss|@theme\b")
_TAILWIND_CLASS = re.compile(
    r"""(?<![\w-])(?:
        (?:bg|text|border|ring|from|to|via|fill|stroke|divide|shadow)-(?:[a-z]+-\d{2,3}|white|black)
      | (?:[pm][xytblr]?|gap|space-[xy]|w|h|size|inset|top|left|right|bottom)-(?:\d+(?:\.5)?|auto|full|screen|px)
      | (?:min|max)-[wh]-(?:\d+|full|screen|xs|sm|md|lg|xl|\dxl|none|fit)
      | text-(?:xs|sm|base|lg|xl|\dxl|center|left|right) | font-(?:bold|semibold|medium|light|mono|sans|serif)
      | rounded(?:-(?:sm|md|lg|xl|\dxl|full|none))? | shadow-(?:sm|md|lg|xl|2xl|none) | flex-(?:col|row|wrap|1|grow)
      | items-(?:center|start|end) | justify-(?:center|between|start|end|around) | grid-cols-\d+ | col-span-\d+
      | (?:hover|focus|sm|md|lg|xl|dark|group-hover|disabled):[a-z][\w/.-]*
    )(?![\w-])""",
    re.VERBOSE,
)
_CLASS_LIST = re.compile(r"""class(?:Name)?\s*=\s*(?:\{\s*)?(["'`])(.*?)\1""", re.DOTALL)
_TELLING = 4


def wants_tailwind(sources: Iterable[str]) -> bool:
    """Whether these sources speak Tailwind: by its directives, or by enough of its classes."""
    met: set[str] = set()
    for source in sources:
        if _TAILWIND_SOURCE.search(source):
            return True
        for _, classes in _CLASS_LIST.findall(source):
            met.update(_TAILWIND_CLASS.findall(classes))
        if len(met) >= _TELLING:
            return True
    return False


def tailwind_source(style: str) -> str:
    """What Tailwind is to read of a style sheet that has to go through it, in version 4's words; else nothing."""
    if not _TAILWIND_SOURCE.search(style):
        return ""
    style, count = re.subn(r"@tailwind\s+(?:base|components|utilities|variants|screens)\s*;?", "", style)
    imported = '@import "tailwindcss";\n' if count or "@import" not in style else ""
    return imported + style


def tailwind_style(source: str) -> str:
    """Tailwind's source, put in by a script: of a style in the text the browser would fetch what it imports."""
    text = json.dumps(source).replace("<", "\\u003c")
    made = "Object.assign(document.createElement('style'), {type: 'text/tailwindcss', textContent: source})"
    return f"<script>{{ const source = {text}; document.head.append({made}); }}</script>"


def titled(page: str, title: str) -> str:
    """Replaces the page's title."""
    return re.sub(
        r"<title>.*?</title>", lambda _: f"<title>{html.escape(title)}</title>", page, count=1, flags=re.DOTALL
    )
