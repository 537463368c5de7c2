"""People and words made up to be looked for where they must not be."""

import json

from tests.integration import records

DAY = "2026-10-10"
NUMBER = "+12025550187"
NAME = "Canary Winterbourne"
MAIL = "canary.winterbourne@example.com"
WORD = "kanarienvogel"
CANARIES = ("2025550187", "Winterbourne", "winterbourne", WORD, "07700900187", "7700900187")


def canary_records() -> dict[str, bytes]:
    """A file of each source, with good rows and bad ones, full of canaries."""
    connect = records.connect(DAY, 1, Attributes={"note": f"{WORD} {NAME}"})
    connect["CustomerEndpoint"]["Address"] = NUMBER
    connect["Agent"]["Username"] = MAIL
    broken = {**connect, "ContactId": f"{WORD}-2", "Channel": WORD}
    genesys = records.genesys(DAY, 1)
    genesys["participants"].insert(
        0,
        {
            "purpose": "customer",
            "participantName": NAME,
            "sessions": [{"mediaType": "voice", "ani": f"tel:{NUMBER}", "segments": []}],
        },
    )
    three_cx = records.three_cx(DAY, 1).replace("07700900001", "07700900187")
    teams = records.teams(DAY, 1)
    teams[1] = MAIL
    return {
        "amazon-connect": records.lines([connect, broken]) + f'{{"{WORD}": "{NUMBER}"\n'.encode(),
        "genesys": records.lines([genesys, {**genesys, "conversationStart": NUMBER}]),
        "three-cx": f"{three_cx}\n{WORD},{NAME},{NUMBER}\n".encode(),
        "teams": json.dumps([teams, [WORD, NAME, NUMBER]]).encode(),
    }
