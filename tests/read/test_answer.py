"""What a model replied becomes something that runs, or a reason why it cannot."""

from __future__ import annotations

import pytest

from agent_judge.read.answer import solution_from_answer

REACT = "import { useState } from 'react';\nexport default function App() {\n  return <button>Add</button>;\n}\n"


def test_one_fenced_block_is_the_program() -> None:
    solution = solution_from_answer(f"Here it is:\n\n```jsx\n{REACT}```\nEnjoy!")

    assert (solution.environment, solution.language, solution.entry) == ("react", "javascript", "App.jsx")
    assert solution.files["App.jsx"].decode().strip() == REACT.strip()
    assert "react" in solution.dependencies


def test_bare_code_needs_no_fence() -> None:
    solution = solution_from_answer("import pygame\npygame.init()\nscreen = pygame.display.set_mode((640, 480))\n")

    assert (solution.environment, solution.language) == ("pygame", "python")
    assert solution.dependencies == ("pygame",)


def test_jsx_in_a_js_fence_is_react() -> None:
    assert solution_from_answer(f"```js\n{REACT}```").environment == "react"


def test_named_blocks_become_files() -> None:
    solution = solution_from_answer(
        "### `src/App.tsx`\n```tsx\nimport Row from './Row';\nexport default () => <Row name='x' />;\n```\n"
        "```tsx src/Row.tsx\nexport default ({name}: {name: string}) => <b>{name}</b>;\n```\n"
        "```css\n/* src/App.css */\nb { color: red; }\n```"
    )

    assert set(solution.files) == {"src/App.tsx", "src/Row.tsx", "src/App.css"}
    assert (solution.environment, solution.language, solution.entry) == ("react", "typescript", "src/App.tsx")


def test_an_answer_without_code_is_its_own_fault() -> None:
    solution = solution_from_answer("I am sorry, I cannot help with that.")

    assert solution.problem == "the answer holds no code"
    assert not solution.files


def test_a_language_that_is_not_run_is_named() -> None:
    assert "PHP" in solution_from_answer("```php\n<?php echo 'hi'; ?>\n```").problem


def test_import_names_become_package_names() -> None:
    solution = solution_from_answer(
        "Run `pip install rich==13.0 numpy`.\n```python\nimport os, cv2, numpy as np\nfrom PIL import Image\n"
        "import sklearn.svm, yaml\nprint(1)\n```"
    )

    assert solution.dependencies == ("numpy", "opencv-python", "pillow", "pyyaml", "rich==13.0", "scikit-learn")


@pytest.mark.parametrize(
    "part", ["{", "\n", " ", "<script ", "import x\n", "```\n", "const a = ", '<file path="a">', "FuncAnimation(", "/*"]
)
def test_endless_repetition_is_read_to_its_end(part: str) -> None:
    solution = solution_from_answer(part * (60_000 // len(part)))

    assert solution.problem or solution.entry in solution.files


def test_an_answer_that_is_too_long_is_its_own_fault() -> None:
    assert solution_from_answer("a " * 1_500_000).problem == "the answer is longer than 2,000,000 characters"


def test_an_answer_that_ends_in_the_middle_of_a_character_is_read() -> None:
    solution = solution_from_answer('{"files": {"in\\ud83ddex.html": "<!DOCTYPE html><p>\\ud83d"}}')

    assert (solution.environment, solution.problem) == ("html", "")
    assert solution.digest
