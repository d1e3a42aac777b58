"""What code imports: Python modules, JavaScript packages."""

from __future__ import annotations

import ast
import re

_PYTHON_LINE = re.compile(
    r"^[ \t]*(?:from\s+(?P<module>[\w.]+)\s+import\s+\(?(?P<names>[^#\n]*)|import\s+(?P<modules>[\w.]+[^#\n]*))",
    re.MULTILINE,
)
_SCRIPT_IMPORT = re.compile(
    r"(?:^|[\s;}>])(?:import|export)\s*(?:type\s+)?(?:[\w$*{][\w$\s*{},]{0,400}?from\s*)?[\"'](?P<static>[^\"'\n]+)[\"']"
    r"|\b(?:require|import)\s*\(\s*(?:/\*.*?\*/\s*)?[\"'`](?P<call>[^\"'`\n$]+)[\"'`]",
)
_SCRIPT_COMMENT = re.compile(r"^[ \t]*//.*$|/\*[\s\S]*?\*/", re.MULTILINE)
_SCRIPT_TAG = re.compile(r"<script\b(?P<attributes>[^>]{0,2000})>(?P<code>[\s\S]*?)(?:</script>|\Z)", re.IGNORECASE)
_SCRIPT_DIALECTS = {"javascript", "typescript", "jsx", "tsx"}


def imports_of(dialect: str, code: str) -> tuple[str, ...]:
    """Lists what code imports, in order, each once.

    For Python these are dotted module names, and ``from a import b`` gives ``a`` and
    ``a.b`` (``b`` may be a module). For JavaScript they are the specifiers as written.
    """
    if dialect == "python":
        found = _python_imports(code)
    elif dialect in _SCRIPT_DIALECTS:
        found = script_imports(code)
    elif dialect in ("html", "vue"):
        found = [name for script in scripts_of(code) for name in script_imports(script)]
    else:
        found = []
    return tuple(dict.fromkeys(found))


def scripts_of(page: str) -> list[str]:
    """The code of the ``<script>`` elements of a page or component."""
    return [match["code"] for match in _SCRIPT_TAG.finditer(page) if match["code"].strip()]


def script_imports(code: str) -> list[str]:
    """The specifiers that JavaScript or TypeScript imports or requires."""
    bare = _SCRIPT_COMMENT.sub("", code)
    return [match["static"] or match["call"] for match in _SCRIPT_IMPORT.finditer(bare)]


def _python_imports(code: str) -> list[str]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _python_imports_by_line(code)
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found.append(module)
            found += [f"{module}.{alias.name}" for alias in node.names if alias.name != "*"]
    return found


def _python_imports_by_line(code: str) -> list[str]:
    """For code that does not parse: broken, cut off, or with ``!pip`` lines in it."""
    found: list[str] = []
    for match in _PYTHON_LINE.finditer(code):
        if match["module"]:
            found.append(match["module"])
            names = re.findall(r"(\w+)(?:\s+as\s+\w+)?\s*(?:,|\)|$)", match["names"].strip())
            found += [f"{match['module']}.{name}" for name in names]
        else:
            found += [part.split()[0] for part in match["modules"].split(",") if part.strip()]
    return found
