"""People informed: reading and confirming the notice, publishing it, who has confirmed."""

from collections.abc import Mapping
from typing import Literal, cast

from aiohttp import web

from portal.domain.access.model import Permission
from portal.domain.access.rules import may
from portal.domain.informing.model import Audience, Edition, Listed, Text, Way
from portal.domain.informing.service import Informing
from portal.domain.shared.errors import InvalidInput
from portal.web.api.access import zoned
from portal.web.api.setup import when
from portal.web.exchange import SERVICES, Handler, actor, body, respond
from portal.web.schemas import informing as schemas


async def own_notice(request: web.Request) -> web.StreamResponse:
    """What the caller has to read."""
    own = await _informing(request).own(actor=actor(request))
    return respond(
        schemas.OwnNotice(
            notice=_notice(request, own.edition) if own.edition else None,
            waits=own.waits,
            required=own.required,
            confirmed_at=zoned(request, own.word.at_ms) if own.word else None,
        )
    )


async def confirm_notice(request: web.Request) -> web.StreamResponse:
    """The caller's word."""
    said = await body(request, schemas.NoticeConfirmation)
    await _informing(request).confirm(
        said.number, said.text_hash, way=Way.TAB, actor=actor(request)
    )
    return await own_notice(request)


async def notices(request: web.Request) -> web.StreamResponse:
    """Every edition."""
    return await _notices(request)


async def publish_notice(request: web.Request) -> web.StreamResponse:
    """Another edition."""
    said = await body(request, schemas.NewNotice)
    texts: dict[str, Text] = {
        one.language: Text(one.title.strip(), one.text.strip()) for one in said.texts
    }
    if len(texts) < len(said.texts):
        raise InvalidInput("Give each language once.", fields={"texts": "a language twice"})
    await _informing(request).publish(texts, version=said.version, actor=actor(request))
    return await _notices(request, status=201)


async def set_notice_terms(request: web.Request) -> web.StreamResponse:
    """Who must know it."""
    said = await body(request, schemas.NoticeTerms)
    await _informing(request).set_terms(
        Audience(said.audience),
        required=said.required,
        version=said.version,
        actor=actor(request),
    )
    return await _notices(request)


async def notice_coverage(request: web.Request) -> web.StreamResponse:
    """Who has confirmed it."""
    found = await _informing(request).coverage(actor=actor(request))
    people = found.people
    return respond(
        schemas.NoticeCoverage(
            confirmed=found.confirmed,
            total=found.total,
            percent=found.percent,
            reason=found.missing.value if found.missing else None,
            people=None if people is None else [_person(request, one) for one in people],
        )
    )


async def _notices(request: web.Request, *, status: int = 200) -> web.StreamResponse:
    who = actor(request)
    terms, editions = await _informing(request).published(actor=who)
    return respond(
        schemas.Notices(
            version=terms.version,
            audience=terms.audience.value,
            required=terms.required,
            may_change=may(who, Permission.SETUP_MANAGE),
            editions=[_notice(request, one) for one in editions],
        ),
        status=status,
    )


def _informing(request: web.Request) -> Informing:
    return request.app[SERVICES].informing


def _notice(request: web.Request, of: Edition) -> schemas.Notice:
    return schemas.Notice(
        number=of.number,
        texts=[
            schemas.NoticeText(
                language=cast(Literal["en", "de"], one), title=text.title, text=text.text
            )
            for one, text in sorted(of.texts.items())
        ],
        text_hash=of.text_hash,
        published_at=zoned(request, of.published_at_ms),
    )


def _person(request: web.Request, of: Listed) -> schemas.InformedPerson:
    return schemas.InformedPerson(
        person=of.person,
        name=of.name,
        confirmed_at=zoned(request, of.word.at_ms) if of.word else None,
        way=of.word.way.value if of.word else None,
        asks=of.asks,
        asked_at=when(request, of.asked_at_ms),
    )


HANDLERS: Mapping[str, Handler] = {
    "own_notice": own_notice,
    "confirm_notice": confirm_notice,
    "notices": notices,
    "publish_notice": publish_notice,
    "set_notice_terms": set_notice_terms,
    "notice_coverage": notice_coverage,
}
