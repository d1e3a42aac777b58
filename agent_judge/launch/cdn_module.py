"""npm packages as ES modules, as esm.sh and its like serve them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from agent_judge.errors import DriverError
from agent_judge.launch.bundle import bundler_digest, esbuild_options, usual_versions
from agent_judge.launch.esbuild import BuildFailed, Built, TookTooLong, esbuild
from agent_judge.launch.npm import fetch_packages, installed_version
from agent_judge.places import cache_folder
from agent_judge.schema import digest_of

_SHARED = ("react", "react-dom", "vue", "three", "preact", "svelte", "solid-js")
"""Packages of which a page must not have two: others refer to them by address instead of holding them."""
_SECONDS = 60
_FORMAT = 3
_HEAD = "/* version "
_EXPORTED = re.compile(r"\bexports\.([A-Za-z_$][\w$]*)\s*=")


async def module(package: str, version: str, file: str, query: Mapping[str, str], versions: Mapping[str, str]) -> bytes:
    """One package, or a part of it, as a module that runs in a browser.

    Args:
        package: Its name.
        version: As the address names it.
        file: The part, such as ``/client``; nothing for the whole.
        query: Of esm.sh's options, ``external`` and ``deps`` are followed.
        versions: Which versions of shared packages the page uses otherwise.

    Raises:
        PackageProblem: There is no such package.
        BuildFailed: It has no such part.
        DriverError: Making it took too long.
    """
    asked = dict(spec.rsplit("@", 1) for spec in query.get("deps", "").split(",") if "@" in spec[1:])
    left = [name for name in query.get("external", "").split(",") if name]
    shared = {name: asked.get(name) or versions.get(name) or usual_versions().get(name, "latest") for name in _SHARED}
    key = digest_of([package, version, file, left, shared, bundler_digest(), _FORMAT])
    place = cache_folder() / "modules" / f"{key}.js"
    if not place.is_file():
        script = await _built(package, version, _part(package, file), left, shared)
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_name(f"{uuid4().hex}.tmp")
        fresh.write_bytes(script)
        fresh.replace(place)
    return place.read_bytes()


def version_of_module(script: bytes) -> str:
    """The version of the package that :func:`module` made a script of."""
    return script.partition(b"\n")[0].decode().removeprefix(_HEAD).removesuffix(" */")


def _part(package: str, file: str) -> str:
    """The import that an address means: esm.sh and the others put their own marks into paths."""
    path = re.sub(r"^/(?:es20\d\d|esnext|denonext)/", "/", file)
    path = re.sub(r"/(?:\+esm|[\w.-]+\.bundle)(?:\.mjs)?$", "", path).rstrip("/")
    return f"{package}{path}"


async def _built(package: str, version: str, part: str, left: list[str], shared: Mapping[str, str]) -> bytes:
    wanted = {package: version}
    wanted.update({name: shared[name] for name in ("react", "react-dom") if name in shared and name != package
                   and package.startswith(("react", "@react"))})  # fmt: skip
    packages = await fetch_packages(wanted)
    own = {package, *left}
    external = [name for name in _SHARED if name != package] + left
    options = [*esbuild_options("esm"), *(f"--external:{name}" for name in external), "--minify-syntax"]
    options += [f"--external:{name}/*" for name in external]
    built, names = await _compiled(part, options, packages)
    script = next(content for name, content in built.outputs.items() if name.endswith(".js")).decode()
    if names:
        script = _with_names(script, names)
    head = f"{_HEAD}{installed_version(packages, package)} */\n"
    return (head + _addressed(script, [name for name in external if name not in own], shared)).encode()


async def _compiled(part: str, options: list[str], packages: Path) -> tuple[Built, list[str]]:
    """Compiles a package with all its exports; the names tell of one that is not a module itself."""
    path = json.dumps(part)
    whole = f"export * from {path};"
    built = await _once(whole, options, packages)
    if built.exports:
        try:
            return await _once(f"{whole}\nexport {{default}} from {path};", options, packages), []
        except BuildFailed:
            return built, []
    built = await _once(f"import all from {path};\nexport default all;", options, packages)
    code = next(content for name, content in built.outputs.items() if name.endswith(".js")).decode()
    return built, sorted(set(_EXPORTED.findall(code)) - {"default", "__esModule"})


async def _once(entry: str, options: list[str], packages: Path) -> Built:
    files = {"module.js": entry.encode()}
    try:
        return await esbuild(files, "module.js", options, seconds=_SECONDS, packages=packages)
    except TookTooLong as slow:
        raise DriverError(f"an npm package could not be made a module: {slow}") from slow


def _with_names(script: str, names: list[str]) -> str:
    """Adds named exports to the one default export that esbuild gives what is not a module itself."""
    found = re.search(r"export\s*\{\s*([\w$]+) as default\s*\};?|export default ([^;]+);", script)
    if not found:
        return script
    whole = found[1] or found[2]
    head = f"const __all = {whole};\nexport default __all;\n" if found[2] else ""
    whole = "__all" if found[2] else whole
    script = script.replace(found[0], head) if found[2] else script
    each = "\n".join(f"const __{number} = {whole}[{json.dumps(name)}];" for number, name in enumerate(names))
    listed = ", ".join(f"__{number} as {name}" for number, name in enumerate(names))
    return f"{script}\n{each}\nexport {{{listed}}};\n"


def _addressed(script: str, external: list[str], shared: Mapping[str, str]) -> str:
    """Imports of shared packages become imports of their addresses, whether written as import or as require."""
    names = "|".join(re.escape(name) for name in external)
    if not names:
        return script

    def address(path: str) -> str:
        name = next(one for one in external if path == one or path.startswith(f"{one}/"))
        return f"https://esm.sh/{name}@{shared[name]}{path.removeprefix(name)}"

    script = re.sub(
        rf"""(\bfrom\s*|\bimport\s*\(?\s*)(["'])((?:{names})(?:/[^"']*)?)\2""",
        lambda found: f"{found[1]}{found[2]}{address(found[3])}{found[2]}",
        script,
    )
    required = sorted(set(re.findall(rf"""__require\(["']((?:{names})(?:/[^"']*)?)["']\)""", script)))
    if not required:
        return script
    imports = "".join(f'import * as __r{i} from "{address(path)}";\n' for i, path in enumerate(required))
    table = ", ".join(f"{json.dumps(path)}: __r{i}.default ?? __r{i}" for i, path in enumerate(required))
    return f"{imports}const require = (name) => ({{{table}}})[name];\n{script}"
