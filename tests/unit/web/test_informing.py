"""The notice over HTTP: published, read, confirmed, counted, asked for before figures."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

Client = TestClient[web.Request, web.Application]
Token = Callable[..., Awaitable[dict[str, str]]]
NOTICE = [{"language": "en", "title": "Your calls", "text": "Calls are counted."}]


async def test_a_notice_is_published_read_and_confirmed(product: Client, token: Token) -> None:
    oliver, amira = await token("oliver.bright"), await token("amira.khan")
    hana = await token("hana.novak")

    async def call(
        headers: dict[str, str], method: str, path: str, body: Any = None, status: int = 200
    ) -> Any:
        answer = await product.request(method, f"/api/{path}", headers=headers, json=body)
        said = await answer.json()
        assert answer.status == status, said
        return said

    admin = "organizations/notices"
    assert (await call(amira, "GET", "notice"))["notice"] is None
    assert (await call(oliver, "GET", f"{admin}/coverage"))["reason"] == "nothing_published"
    made = await call(oliver, "POST", admin, {"version": 0, "texts": NOTICE}, 201)
    assert (made["version"], made["required"], len(made["editions"])) == (1, False, 1)
    await call(oliver, "POST", admin, {"version": 0, "texts": NOTICE}, 409)
    await call(oliver, "POST", admin, {"version": 1, "texts": NOTICE * 2}, 422)
    terms = {"version": 1, "audience": "agents", "required": True}
    assert (await call(oliver, "PUT", f"{admin}/terms", terms))["required"]

    figures = "dashboards/summary?from=2026-10-27&to=2026-10-28"
    refused = await call(amira, "GET", figures, status=403)
    assert refused["code"] == "notice-first"
    assert "Your calls" not in str(refused)
    own = await call(amira, "GET", "notice")
    assert (own["waits"], own["required"]) == (True, True)
    word = {"number": 1, "text_hash": own["notice"]["text_hash"]}
    await call(amira, "POST", "notice/confirmation", {**word, "text_hash": "0" * 64}, 422)
    done = await call(amira, "POST", "notice/confirmation", word)
    assert (done["waits"], done["confirmed_at"] is not None) == (False, True)
    await call(amira, "GET", figures)

    coverage = await call(oliver, "GET", f"{admin}/coverage")
    assert (coverage["confirmed"], coverage["total"], coverage["percent"]) == (1, 1, 100)
    assert [(one["name"], one["way"]) for one in coverage["people"]] == [("Amira Khan", "tab")]
    assert (await call(hana, "GET", f"{admin}/coverage"))["people"] is None
    await call(amira, "GET", f"{admin}/coverage", status=403)
