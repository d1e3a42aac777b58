"""Of what a server writes, the exceptions of the program's own code are told, once each."""

from __future__ import annotations

from agent_judge.launch.server_errors import ServerErrors

_FLASK = """[2026-01-01 10:00:00,000] ERROR in app: Exception on / [GET]
Traceback (most recent call last):
  File "/packages/flask/app.py", line 1511, in wsgi_app
    response = self.full_dispatch_request()

  File "/work/main.py", line 7, in index
    return str(1 / 0)
ZeroDivisionError: division by zero
127.0.0.1 - - [01/Jan/2026 10:00:00] "GET / HTTP/1.1" 500 -
"""
_FRAMEWORK = """Traceback (most recent call last):
  File "/packages/tornado/websocket.py", line 1106, in wrapper
    raise WebSocketClosedError()
tornado.websocket.WebSocketClosedError
"""
_EXPRESS = """TypeError: Cannot read properties of undefined (reading 'name')
    at /work/server.js:5:30
    at Layer.handle (/node_modules/express/lib/router/layer.js:95:5)
"""


def test_each_exception_is_told_once_and_only_where_the_programs_code_was_at_work() -> None:
    written = ["Running on http://127.0.0.1:5000\n"]
    errors = ServerErrors(lambda: "".join(written))

    assert errors.take() == []
    written.append(_FLASK + _FRAMEWORK)
    assert errors.take() == ["ZeroDivisionError: division by zero"]
    assert errors.take() == []
    written.append(_EXPRESS)
    assert errors.take() == ["TypeError: Cannot read properties of undefined (reading 'name')"]


def test_an_account_that_is_still_being_written_is_told_when_it_is_whole() -> None:
    written = _FLASK[:200]
    errors = ServerErrors(lambda: written)

    assert errors.take() == []
    written = _FLASK
    assert errors.take() == ["ZeroDivisionError: division by zero"]
