"""Calls by Azure Communication Services, Call Automation of api-version 2023-10-15.

A call is made (`POST /calling/callConnections`), followed by asking how it stands (`GET` of it)
until somebody answers, the text is spoken to them (`:play`, text to speech of the Azure AI resource
that the settings name), and the call is ended (`:terminate`). Made counts as sent; what follows
runs beside the sending of other messages, so that nobody waits for a call that rings. A process
that ends meanwhile leaves a silent call: whoever asked has another one made.

The service tells of a call at an address too. Those events are not used, so nothing of ours has to
believe them; the address has to be given, and answers nothing there.
"""

import asyncio
import re
from contextlib import suppress
from email.utils import format_datetime

from portal.adapters.messaging.azure import AzureError, Resource, repeatable, require_room
from portal.domain.communications.ports import Parcel, Refused
from portal.domain.shared.clock import Clock, instant

CALLS = "/calling/callConnections"
VERSION = "?api-version=2023-10-15"
MADE = 201
CALL_ID = re.compile(r"[A-Za-z0-9._~-]{1,256}")
LOCALES = {"en": "en-GB", "de": "de-DE"}
ASKING_SECONDS = 1.0
RINGING = 45
SPEAKING = 45
"""How often a call is asked after while it rings, and while somebody listens."""
ENDED = frozenset({"disconnecting", "disconnected"})


class AzureVoiceCarrier:
    """Calls people from `sender`, a number of the resource, and speaks with the voice of `speech`,
    the endpoint of an Azure AI resource. `events` is an address of ours."""

    def __init__(
        self, resource: Resource, sender: str, speech: str, events: str, clock: Clock
    ) -> None:
        self._resource = resource
        self._sender = sender
        self._speech = speech
        self._events = events
        self._clock = clock
        self._calls: set[asyncio.Task[None]] = set()

    async def carry(self, parcel: Parcel) -> None:
        """See the port."""
        call = await self._made(parcel)
        task = asyncio.create_task(self._speak(call, parcel))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def ended(self) -> None:
        """Waits until the calls that were made are over."""
        await asyncio.gather(*self._calls)

    async def _made(self, parcel: Parcel) -> str:
        """The id of a call that rings. Busy, Refused, AzureError."""
        said = {
            "targets": [{"kind": "phoneNumber", "phoneNumber": {"value": parcel.to}}],
            "sourceCallerIdNumber": {"value": self._sender},
            "callbackUri": self._events,
            "callIntelligenceOptions": {"cognitiveServicesEndpoint": self._speech},
        }
        once = {
            "Repeatability-Request-ID": repeatable(parcel.key),
            "Repeatability-First-Sent": format_datetime(instant(self._clock.now_ms()), usegmt=True),
        }
        answer = await self._resource.ask("POST", CALLS + VERSION, said, self._clock, once)
        if answer.status_code == 400:
            raise Refused
        require_room(answer)
        if answer.status_code != MADE:
            raise AzureError(f"the calling service answered {answer.status_code}")
        try:
            call = str(answer.json()["callConnectionId"])
        except (ValueError, KeyError, TypeError):
            raise AzureError("the calling service answered in another shape") from None
        if not CALL_ID.fullmatch(call):
            raise AzureError("the calling service answered in another shape")
        return call

    async def _speak(self, call: str, parcel: Parcel) -> None:
        """Speaks once somebody answers, and ends the call in any case. A failure is that of one
        call: nobody types the code, and another can be asked for."""
        with suppress(AzureError):
            await self._spoken(call, parcel)

    async def _spoken(self, call: str, parcel: Parcel) -> None:
        try:
            if await self._becomes(call, frozenset({"connected"}) | ENDED, RINGING) == "connected":
                await self._play(call, parcel)
                await self._becomes(call, ENDED, SPEAKING)
        finally:
            await self._end(call)

    async def _end(self, call: str) -> None:
        with suppress(AzureError):
            await self._resource.ask(
                "POST", f"{CALLS}/{call}:terminate{VERSION}", None, self._clock
            )

    async def _becomes(self, call: str, states: frozenset[str], times: int) -> str:
        """The state it reached of those, or the last after asking so often."""
        state = ""
        for _ in range(times):
            state = await self._state(call)
            if state in states:
                break
            await asyncio.sleep(ASKING_SECONDS)
        return state

    async def _state(self, call: str) -> str:
        answer = await self._resource.ask("GET", f"{CALLS}/{call}{VERSION}", None, self._clock)
        if answer.status_code == 404:
            return "disconnected"
        try:
            return str(answer.json()["callConnectionState"])
        except (ValueError, KeyError, TypeError):
            raise AzureError("the calling service answered in another shape") from None

    async def _play(self, call: str, parcel: Parcel) -> None:
        text = {"text": parcel.words.text, "sourceLocale": LOCALES.get(parcel.language, "en-GB")}
        said = {
            "playSources": [{"kind": "text", "text": {**text, "voiceKind": "female"}}],
            "playOptions": {"loop": False},
        }
        answer = await self._resource.ask(
            "POST", f"{CALLS}/{call}:play{VERSION}", said, self._clock
        )
        if answer.status_code != 202:
            raise AzureError(f"the calling service answered {answer.status_code}")
