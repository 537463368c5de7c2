"""Policies: reading them and what changed, accepting, declining."""

from collections.abc import Mapping

from aiohttp import web

from portal.domain.policies.model import LANGUAGE, Own, Version
from portal.web.api.access import zoned
from portal.web.api.setup import setting_up, when
from portal.web.exchange import SERVICES, Handler, actor, body, query, respond
from portal.web.schemas import policies as schemas


async def policies(request: web.Request) -> web.StreamResponse:
    """Every policy, and what the caller said to it."""
    return await _policies(request)


async def policy_text(request: web.Request) -> web.StreamResponse:
    """A version's text, and how it differs from another."""
    asked, id = query(request, schemas.PolicyTextQuery), request.match_info["id"]
    version, diff = setting_up(request).policies.text(id, asked.number, asked.compare_with)
    lines = None
    if diff is not None:
        lines = [schemas.DiffLine.model_validate(one._asdict()) for one in diff]
    return respond(
        schemas.PolicyText(
            id=id,
            number=version.number,
            text=version.text,
            text_hash=version.text_hash,
            compared_with=asked.compare_with,
            diff=lines,
        )
    )


async def accept_policy(request: web.Request) -> web.StreamResponse:
    """Accepts a version."""
    said = await body(request, schemas.Acceptance)
    await setting_up(request).policies.accept(
        request.match_info["id"], said.number, said.text_hash, actor=actor(request)
    )
    return await _policies(request)


async def decline_policy(request: web.Request) -> web.StreamResponse:
    """Declines a version and tells support."""
    said = await body(request, schemas.Decline)
    await setting_up(request).policies.decline(
        request.match_info["id"], said.number, said.why, actor=actor(request)
    )
    return await _policies(request)


async def _policies(request: web.Request) -> web.StreamResponse:
    services = setting_up(request)
    found = await services.policies.own(actor=actor(request))
    return respond(
        schemas.PolicyList(
            policies=[_policy(request, one) for one in found],
            read_only=not all(one.accepted for one in found),
            support=services.support or None,
        )
    )


def _policy(request: web.Request, of: Own) -> schemas.Policy:
    now_ms, policy = request.app[SERVICES].clock.now_ms(), of.policy
    coming = policy.coming(now_ms)
    return schemas.Policy(
        id=policy.id,
        title=policy.title,
        current=_version(request, policy.current(now_ms)),
        coming=_version(request, coming) if coming else None,
        versions=[_version(request, one) for one in policy.published(now_ms)],
        decisions=[
            schemas.OwnDecision(
                number=one.number,
                decision=one.said.value,
                at=zoned(request, one.at_ms),
                support_request=one.request or None,
            )
            for one in of.words
        ],
        accepted=of.accepted,
        read_only=not of.accepted,
        accept_by=when(request, of.accept_by_ms),
        review_due=zoned(request, policy.review_due_ms),
        review_overdue=now_ms > policy.review_due_ms,
    )


def _version(request: web.Request, of: Version) -> schemas.PolicyVersion:
    return schemas.PolicyVersion(
        number=of.number,
        text_hash=of.text_hash,
        language=LANGUAGE,
        summary=of.summary,
        summary_de=of.summary_de or None,
        published_at=zoned(request, of.published_at_ms),
        effective_at=zoned(request, of.effective_at_ms),
    )


HANDLERS: Mapping[str, Handler] = {
    "policies": policies,
    "policy_text": policy_text,
    "accept_policy": accept_policy,
    "decline_policy": decline_policy,
}
