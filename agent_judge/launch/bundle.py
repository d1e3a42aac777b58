"""Turns sources with npm packages into scripts that a page can load.

The packages that a solution imports become one script, cached by the exact set, so that a solution itself
compiles in a few milliseconds: its imports of packages become calls into that script.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from uuid import uuid4

from agent_judge.errors import DriverError
from agent_judge.launch.bundle_barrels import barrel_source, names_used
from agent_judge.launch.esbuild import BuildFailed, Built, TookTooLong, Unresolved, esbuild
from agent_judge.launch.npm import PackageProblem, fetch_packages, installed_version, split_spec
from agent_judge.launch.surroundings import files_digest
from agent_judge.places import cache_folder, environments_folder
from agent_judge.schema import Model, digest_of

_MOST_STAND_INS = 20
PACKAGES = "__agentJudgePackages"
"""The page's global object that maps what may be imported to functions that give it."""


class Barrel(Model):
    """A package whose module is nothing but a list of exports from files of its own."""

    index: str
    needs: tuple[str, ...]
    """The packages that these files import and share with the page."""


class Settings(Model):
    """How sources are bundled: ``bundle.toml``."""

    with_code: frozenset[str]
    barrels: dict[str, Barrel]
    node_builtins: frozenset[str]
    define: dict[str, str]
    alias: dict[str, str]
    companions: dict[str, tuple[str, ...]]
    loaders: dict[str, str]
    stand_ins: dict[str, str]


@cache
def settings() -> Settings:
    """Reads ``bundle.toml``."""
    file = environments_folder() / "react" / "bundle.toml"
    return Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Bundle:
    """Scripts and styles, in the order in which a page loads them."""

    packages_script: bytes
    script: bytes
    style: bytes
    log: str
    notes: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    """The packages that it was made with, by name, and their versions."""


async def bundle(
    files: Mapping[str, bytes],
    entry: str,
    *,
    dependencies: Sequence[str] = (),
    options: Sequence[str] = (),
    seconds: float,
) -> Bundle:
    """Bundles a solution from ``entry`` on.

    Args:
        files: Relative POSIX path to content.
        entry: The module to start from.
        dependencies: Packages that the solution asks for, with or without a version.
        options: Further options of esbuild.
        seconds: How long each step may take.

    Raises:
        BuildFailed: The sources do not compile, or import what does not exist.
    """
    built, notes = await _compiled(files, entry, [*esbuild_options(), "--packages=external", *options], seconds)
    wanted = _asked(dependencies)
    versions: dict[str, str] = {}
    try:
        with_code = [one for one in built.packages if package_of(one) in settings().with_code]
        if with_code:
            others = [
                f"--external:{one}"
                for one in (*_SHARED, *built.packages)
                if package_of(one) not in settings().with_code
            ]
            chosen = _set_for(built.packages, wanted)
            packages = await fetch_packages(chosen)
            versions |= _installed(packages, chosen)
            built, notes = await _compiled(
                files, entry, [*esbuild_options(), *others, *options], seconds, packages=packages
            )
        code = b"".join(content for name, content in sorted(built.outputs.items()) if name.endswith(".js"))
        together = await _packages_for(code, built.packages, wanted, seconds)
    except PackageProblem as problem:
        raise BuildFailed(str(problem), built.log) from problem
    own_style = b"".join(content for name, content in sorted(built.outputs.items()) if name.endswith(".css"))
    style = together.style + own_style
    versions |= together.versions
    return Bundle(together.script, _wrapped(code), style, built.log, notes, versions)


_SHARED = ("react", "react-dom", "react-dom/client", "react/jsx-runtime")


def esbuild_options(form: str = "cjs") -> list[str]:
    """The options that bundling has in common, for a result of some form (``cjs``, ``iife``, ``esm``)."""
    loaders = [f"--loader:{suffix}={loader}" for suffix, loader in settings().loaders.items()]
    defined = [f"--define:{name}={value}" for name, value in settings().define.items()]
    return [
        "--bundle",
        f"--format={form}",
        "--platform=browser",
        "--jsx=automatic",
        "--log-level=warning",
        *loaders,
        *defined,
    ]


async def _compiled(
    files: Mapping[str, bytes], entry: str, options: Sequence[str], seconds: float, packages: Path | None = None
) -> tuple[Built, tuple[str, ...]]:
    """Compiles, putting empty files in place of pictures and styles that are imported but not there."""
    given = dict(files)
    notes: list[str] = []
    for _ in range(_MOST_STAND_INS):
        try:
            return await esbuild(given, entry, options, seconds=seconds, packages=packages), tuple(notes)
        except Unresolved as missing:
            path = _beside(missing.importer, missing.path)
            stand_in = _stand_in(path)
            if stand_in is None or path in given:
                raise
            given[path] = stand_in
            notes.append(f"{missing.path} is imported by {missing.importer} and not there; an empty one stands in")
    raise BuildFailed(f"imports more than {_MOST_STAND_INS} files that are not there", "")


def _beside(importer: str, path: str) -> str:
    """Where a relative import leads to, within the sources; nothing when it leads out of them."""
    if not path.startswith("."):
        return ""
    parts = list(PurePosixPath(importer).parent.parts)
    for part in PurePosixPath(path).parts:
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _stand_in(path: str) -> bytes | None:
    text = settings().stand_ins.get(PurePosixPath(path).suffix.lower())
    return None if text is None else text.encode()


def _wrapped(code: bytes, package: str = "") -> bytes:
    """A CommonJS module becomes a script that takes its packages from the packages' script, or adds one to it."""
    head = f"""(() => {{
const packages = globalThis.{PACKAGES} ?? {{}}, loaded = {{}}, module = {{exports: {{}}}};
const require = (name) => {{
  if (!(name in packages)) throw new Error("Cannot find module '" + name + "'");
  return name in loaded ? loaded[name] : (loaded[name] = packages[name]());
}};
((require, module, exports) => {{
"""
    given = f"packages[{json.dumps(package)}] = () => module.exports;\n" if package else ""
    return head.encode() + code + f"\n}})(require, module, module.exports);\n{given}}})();\n".encode()


# --- Packages ---------------------------------------------------------------------------------


def package_of(path: str) -> str:
    """The package that an import belongs to: ``@scope/name`` or ``name``."""
    parts = path.split("/")
    return "/".join(parts[:2]) if path.startswith("@") else parts[0]


def _asked(dependencies: Sequence[str]) -> dict[str, str]:
    asked = {}
    for spec in dependencies:
        try:
            name, version = split_spec(spec)
        except PackageProblem:
            continue  # told when the code really imports it
        asked[name] = version
    return asked


@cache
def usual_versions() -> dict[str, str]:
    """Versions of packages that answers use most, by name."""
    found: dict[str, str] = {}
    for file in sorted(environments_folder().glob("*/versions.toml")):
        found.update(tomllib.loads(file.read_text(encoding="utf-8"))["versions"])
    for file in sorted(environments_folder().glob("*/package.json")):
        found.update(json.loads(file.read_text(encoding="utf-8"))["dependencies"])
    return found


def _set_for(imports: Iterable[str], asked: Mapping[str, str]) -> dict[str, str]:
    """Which packages at which versions serve these imports."""
    if missing := next((one for one in imports if one.startswith(("@/", "~/"))), ""):
        raise PackageProblem(f"imports {missing!r}, which is not among its files")
    named = {package_of(one) for one in imports if not _is_node_builtin(one)}
    names = sorted(named.union(*(settings().companions.get(name, ()) for name in named)))
    wanted = {}
    for name in names:
        split_spec(name)
        version = asked.get(name, "*")
        wanted[name] = version if version != "*" else usual_versions().get(name, "*")
    if {"react", "react-dom"} & wanted.keys():
        for name in ("react", "react-dom"):
            wanted.setdefault(name, asked.get("react") or usual_versions()[name])
    return wanted


def _is_node_builtin(path: str) -> bool:
    return path.startswith("node:") or package_of(path) in settings().node_builtins


@dataclass(frozen=True)
class Together:
    """Packages as one script, which :data:`PACKAGES` then holds, and their styles."""

    script: bytes = b""
    style: bytes = b""
    versions: Mapping[str, str] = field(default_factory=dict)


async def _packages_for(code: bytes, imports: Sequence[str], asked: Mapping[str, str], seconds: float) -> Together:
    """One script of the packages that compiled code imports, of long lists of exports only what it names."""
    text = code.decode("utf-8", errors="replace")
    rest, taken = set(imports), []
    for package in sorted(rest & settings().barrels.keys()):
        names = names_used(text, package)
        if names and (part := await _taken(package, names, _set_for(imports, asked), seconds)):
            taken.append(part)
            rest = (rest - {package}).union(settings().barrels[package].needs)
    whole = await _packages_together(sorted(rest), asked, seconds)
    versions = dict(whole.versions)
    for part in taken:
        versions |= part.versions
    return Together(b"".join([whole.script, *(part.script for part in taken)]), whole.style, versions)


async def _taken(package: str, names: frozenset[str], wanted: Mapping[str, str], seconds: float) -> Together | None:
    """These exports of a package and no others; nothing where its index does not tell where they are."""
    barrel = settings().barrels[package]
    place = cache_folder() / "bundles" / digest_of([package, sorted(names), wanted, bundler_digest(), _FORMAT])
    if not place.is_dir():
        packages = await fetch_packages(wanted)
        source = barrel_source(packages, package, barrel.index, names)
        if not source:
            return None
        options = [*esbuild_options(), *(f"--external:{one}" for one in barrel.needs), "--minify", "--log-level=error"]
        built = await _packages_script(source, options, seconds, packages)
        script = _wrapped(built.outputs["packages.js"], package)
        _keep(place, {"packages.js": script}, _installed(packages, [package]))
    return _kept(place)


async def packages_together(imports: Sequence[str], dependencies: Sequence[str], seconds: float) -> Together:
    """Makes one script of all packages that are imported.

    Raises:
        BuildFailed: They cannot be had.
    """
    try:
        return await _packages_together(imports, _asked(dependencies), seconds)
    except PackageProblem as problem:
        raise BuildFailed(str(problem), "") from problem


async def _packages_together(imports: Sequence[str], asked: Mapping[str, str], seconds: float) -> Together:
    if not imports:
        return Together()
    wanted = _set_for(imports, asked)
    place = cache_folder() / "bundles" / digest_of([sorted(imports), wanted, bundler_digest(), _FORMAT])
    if not place.is_dir():
        built = await _bundled_packages(imports, wanted, seconds)
        _keep(place, built.outputs, _installed(await fetch_packages(wanted), wanted))
    return _kept(place)


_FORMAT = 4
"""Raised when what is cached changes its form."""


@cache
def bundler_digest() -> str:
    """Names how things are bundled: the bundler's own version, and its settings."""
    folder = environments_folder() / "react"
    return files_digest(folder, [folder / "bundle.toml", folder / "package-lock.json"])


def _installed(packages: Path, wanted: Iterable[str]) -> dict[str, str]:
    return {name: version for name in sorted(wanted) if (version := installed_version(packages, name))}


async def _bundled_packages(imports: Sequence[str], wanted: Mapping[str, str], seconds: float) -> Built:
    packages = await fetch_packages(wanted)
    aliases = [f"--alias:{name}={other}" for name, other in settings().alias.items() if name in wanted]
    options = [*esbuild_options("iife"), *aliases, "--minify", "--legal-comments=none", "--log-level=error"]
    options += ["--main-fields=browser,module,main"]
    complete: dict[str, str] = {}
    while True:
        entry = _packages_entry(imports, complete).encode()
        try:
            return await _packages_script(entry, options, seconds, packages)
        except Unresolved as missing:
            # Packages that state what they export want whole file names; code from before that leaves out the end.
            if missing.path in complete.values() or missing.path not in imports:
                written = next((path for path, tried in complete.items() if tried == missing.path), missing.path)
                raise BuildFailed(f"imports {written!r}, which no package has", missing.log) from missing
            complete[missing.path] = f"{missing.path}.js"


async def _packages_script(entry: bytes, options: Sequence[str], seconds: float, packages: Path) -> Built:
    """Bundles what all answers share: that it takes long is not the fault of the first that needs it.

    Raises:
        BuildFailed: The packages do not go together.
        DriverError: It took too long.
    """
    try:
        return await esbuild({"packages.js": entry}, "packages.js", options, seconds=seconds, packages=packages)
    except TookTooLong as slow:
        raise DriverError(f"npm packages could not be bundled: {slow}") from slow


def _packages_entry(imports: Sequence[str], complete: Mapping[str, str]) -> str:
    """All as imports, since a package often differs from itself when it is required."""
    lines, table = [], []
    for number, one in enumerate(imports):
        if _is_node_builtin(one):
            table.append(f"{json.dumps(one)}: () => ({{}}),")
            continue
        lines.append(f"import * as p{number} from {json.dumps(complete.get(one, one))};")
        given = f"p{number}"
        if one == "react-dom":
            lines.append('import * as client from "react-dom/client";')
            given = f"({_REACT_DOM})({given}, client)"
        table.append(f"{json.dumps(one)}: () => ({{__esModule: true, ...{given}}}),")
    together = "\n".join(table)
    return (
        "\n".join(lines)
        + f"\nglobalThis.{PACKAGES} = Object.assign(globalThis.{PACKAGES} ?? {{}}, {{\n{together}\n}});\n"
    )


_REACT_DOM = """(dom, client) => {
  if (dom.render) return dom;
  const roots = new Map();
  const root = (element) => roots.get(element) ?? roots.set(element, client.createRoot(element)).get(element);
  const all = {...dom.default, ...dom, ...client,
    render: (node, element, then) => { root(element).render(node); then?.(); },
    hydrate: (node, element) => root(element).render(node),
    unmountComponentAtNode: (element) => { roots.get(element)?.unmount(); return roots.delete(element); },
  };
  return {...all, default: all};
}"""
"""React 19 has no ``ReactDOM.render`` any more; answers still call it."""


def _kept(place: Path) -> Together:
    versions = json.loads((place / "versions.json").read_text(encoding="utf-8"))
    return Together((place / "packages.js").read_bytes(), (place / "packages.css").read_bytes(), versions)


def _keep(place: Path, outputs: Mapping[str, bytes], versions: Mapping[str, str]) -> None:
    """Puts a built set into the cache; of two processes that built the same, the first wins."""
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.{uuid4().hex}.tmp")
    fresh.mkdir()
    (fresh / "packages.js").write_bytes(outputs.get("packages.js", b""))
    (fresh / "packages.css").write_bytes(outputs.get("packages.css", b""))
    (fresh / "versions.json").write_text(json.dumps(versions), encoding="utf-8")
    try:
        fresh.rename(place)
    except OSError:
        for file in fresh.iterdir():
            file.unlink()
        fresh.rmdir()
