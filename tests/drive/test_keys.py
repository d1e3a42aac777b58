"""The keys that scenarios may name are those of the browser that presses them."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Error

from agent_judge.schema.keys import key_names, unknown_keys


async def test_every_key_that_a_scenario_may_name_can_be_pressed(browser: Browser) -> None:
    page = await browser.new_page()
    characters = [chr(code) for code in range(32, 127) if not unknown_keys(chr(code))]
    for key in [*key_names(), *characters]:
        await page.keyboard.down(key)
        await page.keyboard.up(key)
    await page.close()
    assert len(characters) == 95


@pytest.mark.parametrize("key", ["Entr", "é", "F13", "enter"])
async def test_a_key_that_is_refused_cannot_be_pressed(browser: Browser, key: str) -> None:
    page = await browser.new_page()
    assert unknown_keys(key)
    with pytest.raises(Error, match=re.escape("Unknown key")):
        await page.keyboard.press(key)
    await page.close()
