"""Data between script tags."""

from __future__ import annotations

import json

from agent_judge.report.embed import script_hash, script_json


def test_no_text_can_end_the_script_or_break_its_lines() -> None:
    value = {"</script><!--": ["a<b>&c", "\u2028\u2029", 'quote " \\ \u0000', "snow ☃"]}
    embedded = script_json(value)
    assert not set("<>&\u2028\u2029\u0000") & set(embedded)
    assert "☃" in embedded
    assert json.loads(embedded) == value


def test_hash_is_the_one_that_browsers_compute() -> None:
    assert script_hash("alert(1)") == "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI="
