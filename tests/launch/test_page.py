from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from agent_judge.launch.local import LocalBackend
from agent_judge.launch.session import BrowserSession
from agent_judge.schema import Solution, Viewport

Show = Callable[..., Awaitable[BrowserSession]]


@pytest.fixture
async def show(backend: LocalBackend) -> AsyncIterator[Show]:
    """Launches files in an environment: ``await show("react", "App.jsx", {"App.jsx": "..."})``."""
    opened: list[BrowserSession] = []

    async def launched(
        environment: str,
        entry: str,
        files: dict[str, str],
        language: str = "javascript",
        dependencies: tuple[str, ...] = (),
    ) -> BrowserSession:
        solution = Solution(
            environment=environment,
            language=language,
            entry=entry,
            files={path: text.encode() for path, text in files.items()},
            dependencies=dependencies,
        )
        session = await backend.launch(solution, Viewport(width=800, height=600), 1)
        opened.append(session)
        return session

    yield launched
    for session in opened:
        await session.close()


async def text(session: BrowserSession) -> str:
    assert session.report.outcome == "ready", session.report
    assert session.page
    return await session.page.inner_text("body")


# --- html -------------------------------------------------------------------------------------


async def test_a_bare_script_gets_a_page(show: Show) -> None:
    session = await show("html", "game.js", {"game.js": "document.body.append('from script'); function go() {}"})
    assert await text(session) == "from script"
    assert session.page
    assert await session.page.evaluate("typeof go") == "function"


async def test_typescript_gets_a_page_and_keeps_its_names(show: Show) -> None:
    source = (
        "enum E { A = 4 }; const n: number = E.A; function go(): number { return n } document.body.append(`${go()}`)"
    )
    session = await show("html", "a.ts", {"a.ts": source}, "typescript")
    assert await text(session) == "4"


async def test_typescript_that_a_page_asks_for_is_compiled(show: Show) -> None:
    session = await show(
        "html",
        "index.html",
        {
            "index.html": '<h1></h1><script type="module" src="./main.ts"></script>',
            "main.ts": "import { hello } from './lib/hello'; document.querySelector('h1')!.textContent = hello(3)",
            "lib/hello.ts": "export const hello = (n: number) => `hello ${n}`",
        },
    )
    assert await text(session) == "hello 3"


async def test_a_picture_is_shown(show: Show) -> None:
    svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><text y="20">drawn</text></svg>'
    assert await text(await show("html", "a.svg", {"a.svg": svg}, "html")) == "drawn"


async def test_a_style_sheet_is_shown_on_usual_elements(show: Show) -> None:
    session = await show("html", "a.css", {"a.css": "h1 { color: rgb(9, 8, 7) }"}, "css")
    assert "Heading" in await text(session)
    assert session.page
    assert await session.page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(9, 8, 7)"


async def test_files_beside_a_page_in_a_folder_are_found_from_there(show: Show) -> None:
    files = {"public/index.html": '<h1></h1><script src="app.js"></script>', "public/app.js": "h = 'beside'; "}
    files["public/app.js"] += "document.querySelector('h1').textContent = h"
    assert await text(await show("html", "public/index.html", files)) == "beside"


# --- react ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "export default function Shown() { return <h1>shown</h1> }",
        "const Other = () => <p>other</p>; const Shown = () => <h1>shown</h1>;",
        "function App() { return <h1>shown</h1> } function Later() { return <p>later</p> }",
        "export const App = () => <h1>shown</h1>; export const Other = () => null;",
        "const App = () => <h1>shown</h1>; ReactDOM.createRoot(document.getElementById('root')).render(<App />);",
        "import ReactDOM from 'react-dom'; ReactDOM.render(<h1>shown</h1>, document.getElementById('app'));",
        "const { useState } = React; const App = () => { const [a] = useState('shown'); return <h1>{a}</h1> };",
        "import React, { memo } from 'react'; export default memo(() => <h1>shown</h1>);",
    ],
    ids=["default", "last", "App", "named", "mounted", "mounted as before 18", "global", "memo"],
)
async def test_a_component_is_shown_however_it_is_written(show: Show, source: str) -> None:
    assert await text(await show("react", "App.jsx", {"App.jsx": source})) == "shown"


async def test_a_project_with_its_own_page_keeps_it(show: Show) -> None:
    session = await show(
        "react",
        "src/main.tsx",
        {
            "index.html": '<title>Mine</title><div id="root"></div><script type="module" src="/src/main.tsx"></script>',
            "src/main.tsx": "import './index.css'; import { createRoot } from 'react-dom/client';"
            "import App from './App'; createRoot(document.getElementById('root')!).render(<App />)",
            "src/App.tsx": "export default () => <h1>project</h1>",
            "src/index.css": "h1 { color: rgb(4, 5, 6) }",
        },
        "typescript",
    )
    assert await text(session) == "project"
    assert session.page
    assert await session.page.title() == "Mine"
    assert await session.page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(4, 5, 6)"


async def test_tailwind_classes_work_without_being_asked_for(show: Show) -> None:
    source = 'export default () => <h1 className="p-4 bg-black text-white rounded-lg flex-col">x</h1>'
    session = await show("react", "App.jsx", {"App.jsx": source})
    await text(session)
    assert session.page
    await session.page.wait_for_function("getComputedStyle(document.querySelector('h1')).padding === '16px'")
    assert session.drain().failed_requests == []


async def test_an_answers_own_configuration_of_tailwind_is_honoured(show: Show) -> None:
    config = (
        "/** @type {import('tailwindcss').Config} */\nmodule.exports = {\n  content: ['./src/**/*.{js,jsx}'],\n"
        "  theme: {extend: {colors: {brand: {DEFAULT: '#ff0080', dark: '#800040'}}, spacing: {huge: '123px'},\n"
        "    fontFamily: {fancy: ['Courier', 'monospace']}}},\n  plugins: [require('@tailwindcss/forms')],\n};\n"
    )
    app = "export default () => <h1 className='bg-brand text-brand-dark p-huge font-fancy'>Hello</h1>;"
    session = await show("react", "src/App.jsx", {"src/App.jsx": app, "tailwind.config.js": config})
    assert await text(session) == "Hello"
    assert session.page
    style = await session.page.locator("h1").evaluate(
        "(e) => { const s = getComputedStyle(e); return [s.backgroundColor, s.color, s.paddingTop, s.fontFamily]; }"
    )
    assert style == ["rgb(255, 0, 128)", "rgb(128, 0, 64)", "123px", "Courier, monospace"]
    assert session.drain().errors == []


async def test_a_page_without_tailwind_keeps_the_browsers_styles(show: Show) -> None:
    session = await show("react", "App.jsx", {"App.jsx": 'export default () => <h1 className="title">x</h1>'})
    await text(session)
    assert session.page
    assert await session.page.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "700"


async def test_clicks_reach_state(show: Show) -> None:
    source = """import { useState } from "react";
    export default function Counter() {
      const [n, set] = useState<number>(0);
      return <button onClick={() => set(n + 1)}>{n}</button>;
    }"""
    session = await show("react", "Counter.tsx", {"Counter.tsx": source}, "typescript")
    await text(session)
    assert session.page
    await session.page.click("button")
    assert await text(session) == "1"


async def test_components_of_shadcn_that_the_answer_does_not_bring_are_stood_in_for(show: Show) -> None:
    source = """import { Button } from "@/components/ui/button"; import { Tabs, TabsList, TabsTrigger, TabsContent }
    from "@/components/ui/tabs"; import { cn } from "@/lib/utils";
    export default () => <Tabs defaultValue="a"><TabsList><TabsTrigger value="a">A</TabsTrigger>
    <TabsTrigger value="b">B</TabsTrigger></TabsList><TabsContent value="a">first</TabsContent>
    <TabsContent value="b"><Button className={cn("x", { y: true })}>second</Button></TabsContent></Tabs>"""
    session = await show("react", "App.tsx", {"App.tsx": source}, "typescript")
    assert "first" in await text(session)
    assert session.page
    await session.page.get_by_role("tab", name="B").click()
    assert await session.page.get_by_role("button", name="second").get_attribute("class")


async def test_an_application_may_route_in_the_browser(show: Show) -> None:
    session = await show("react", "App.jsx", {"App.jsx": "export default () => <h1>{location.pathname}</h1>"})
    assert session.page
    await session.page.goto(f"{session.address}about/us")
    assert await text(session) == "/about/us"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("export default () => <div><p></div>", 'App.jsx:1:31: Unexpected closing "div" tag'),
        ("import X from './components/X'; export default () => <X />", 'Could not resolve "./components/X"'),
        ("import x from 'agent-judge-no-such-package-anywhere'; export default () => x", "does not exist"),
        ("import x from '@/components/Chart'; export default x", "imports '@/components/Chart', which is not among"),
        ("import secret from '/etc/passwd'; export default () => secret", 'Could not resolve "/etc/passwd"'),
    ],
)
async def test_what_cannot_be_built_says_why_in_one_line(show: Show, source: str, reason: str) -> None:
    session = await show("react", "App.jsx", {"App.jsx": source})
    assert session.report.outcome == "build_failed"
    assert reason in session.report.reason
    assert "\n" not in session.report.reason
    assert session.page is None


async def test_a_component_that_throws_is_ready_with_its_error(show: Show) -> None:
    session = await show("react", "App.jsx", {"App.jsx": "export default () => { throw new Error('boom') }"})
    assert session.report.outcome == "ready"
    assert any("boom" in error for error in session.drain().errors)


# --- vue --------------------------------------------------------------------------------------


async def test_vue_components_are_compiled_and_work(show: Show) -> None:
    session = await show(
        "vue",
        "App.vue",
        {
            "App.vue": "<script setup lang='ts'>import { ref } from 'vue'; import Child from './Child.vue';"
            "const n = ref<number>(1)</script><template><button @click='n++'>{{ n as number }}</button><Child :n='n' />"
            "</template><style scoped>button { color: rgb(3, 2, 1) }</style>",
            "Child.vue": "<script>export default { props: ['n'] }</script><template><p>child {{ n }}</p></template>",
        },
        "typescript",
    )
    await text(session)
    assert session.page
    await session.page.click("button")
    assert await session.page.inner_text("p") == "child 2"
    assert await session.page.evaluate("getComputedStyle(document.querySelector('button')).color") == "rgb(3, 2, 1)"


async def test_vue_without_components_of_a_file_works(show: Show) -> None:
    source = """import { createApp } from "vue";
    createApp({ template: "<h1>{{ n }}</h1>", data: () => ({ n: 5 }) }).mount("#app");"""
    assert await text(await show("vue", "main.js", {"main.js": source})) == "5"


async def test_a_broken_vue_component_is_not_built(show: Show) -> None:
    session = await show("vue", "App.vue", {"App.vue": "<template><div></template>"})
    assert (session.report.outcome, session.report.reason[:9]) == ("build_failed", "App.vue:1")


# --- mermaid ----------------------------------------------------------------------------------


async def test_a_diagram_is_drawn(show: Show) -> None:
    session = await show("mermaid", "d.mmd", {"d.mmd": "graph TD\n A[Start] --> B[End]"}, "mermaid")
    assert "Start" in await text(session)
    assert session.page
    assert await session.page.locator("main svg").count() == 1


async def test_a_broken_diagram_shows_its_error_and_is_an_error_of_the_solution(show: Show) -> None:
    session = await show("mermaid", "d.mmd", {"d.mmd": "graph TD\n A[Start --> B"}, "mermaid")
    assert "syntax error" in await text(session)
    assert any("syntax error" in error for error in session.drain().errors)


async def test_markdown_becomes_a_document_with_its_diagrams(show: Show) -> None:
    source = "# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```mermaid\ngraph LR\n X --> Y\n```\n"
    session = await show("mermaid", "README.md", {"README.md": source}, "markdown")
    assert "Title" in await text(session)
    assert session.page
    assert await session.page.title() == "Title"
    assert await session.page.locator("td").count() == 2
    assert await session.page.locator("main svg").count() == 1
