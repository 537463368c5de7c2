"""The words of messages in English and German, plain text. Every one says that codes are to be
shared with nobody (R8)."""

from collections.abc import Mapping
from typing import NamedTuple

from portal.domain.communications import standing_texts
from portal.domain.communications.model import Topic


class Written(NamedTuple):
    """A message in words. `link` is a path with query and fragment, "" without one."""

    subject: str
    text: str
    link: str = ""


ENGLISH: Mapping[Topic, tuple[str, str]] = {
    Topic.MAIL_LINK: (
        "Confirm this mail address",
        (
            "Somebody at {organization} gave this address "
            "as the organisation's. Open the link within "
            "24 hours and confirm it, signed in as "
            "whoever asked:\n\n{link}\n\nIf nobody of yours "
            "asked, do nothing."
        ),
    ),
    Topic.PHONE_CODE: (
        "Your code",
        ("Switchroom: {code} is your code for 5 minutes."),
    ),
    Topic.PHONE_CALL: (
        "Your code",
        (
            "This is Switchroom. Your code is: {spoken}. "
            "Once more: {spoken}. It counts for 5 minutes."
        ),
    ),
    Topic.LOCKED: (
        "Verification is locked for a while",
        (
            "There were too many wrong codes or links "
            "at {organization}. Further attempts of "
            "this person are refused for {minutes} "
            "minutes, right ones too. Signing in is not "
            "affected. If it was not you, tell support."
        ),
    ),
    Topic.CODE_VOIDED: (
        "Your code was shared and does not work any more",
        (
            "A code or link for verifying {organization} "
            "was written where others read along. It "
            "was made useless; ask for a new one."
        ),
    ),
    Topic.CONTACT_CHANGED: (
        "The organisation's {what} was changed",
        (
            "The {what} of {organization} was changed "
            "and must be proven again. If it was not "
            "one of yours, tell support."
        ),
    ),
    Topic.FELL_BACK: (
        "Outbound calls are off",
        (
            "{organization} is no longer verified, so "
            "outbound calls were switched off. Verify "
            "mail address and phone again, then switch "
            "them on."
        ),
    ),
    Topic.AUTHENTICATOR_ADDED: (
        "An authenticator app was set up",
        (
            "Somebody at {organization} set an "
            "authenticator app up to verify it. If it "
            "was not one of yours, tell support."
        ),
    ),
    Topic.POLICY_PUBLISHED: (
        "A policy changes: {title}",
        (
            "Version {number} of “{title}” takes effect "
            "on {effective}. What changes: {summary} "
            "Read and accept it in Switchroom until "
            "then; afterwards you can look and export "
            "only."
        ),
    ),
    Topic.SUPPORT_REQUEST: (
        "Support request {id}",
        (
            "Somebody at {organization} declined version "
            "{number} of “{title}” (request {id}). Their "
            "reason is in the support requests of the "
            "command line."
        ),
    ),
    Topic.PUMPING_SUSPECTED: (
        "Codes of {organization} may be sent for money",
        (
            "Somebody at {organization} ({tenant}) has codes sent that "
            "few type, or to more numbers than people have. The limits "
            "of the day hold; look at verification in the "
            "organisation's audit trail, and restrict it if it is not "
            "their own."
        ),
    ),
    Topic.INCIDENT_NEWS: (
        "There is news of {reference}",
        (
            "Something changed in the security incident "
            "{reference} at {organization}. You get this by "
            "mail because your chat with the bot could not "
            "be reached. Sign in to read it:\n\n{link}"
        ),
    ),
    Topic.ATTESTATION_DUE: (
        "Are these still your particulars?",
        ("Confirm until {due} that mail address and phone of {organization} are still right."),
    ),
    Topic.ATTESTATION_LAPSED: (
        "The verification of {organization} has ended",
        (
            "Nobody confirmed for a year that mail address and phone of {organization} are still "
            "right, so they do not count as proven any more. What needs a verified organisation "
            "stays off until both are proven again."
        ),
    ),
    Topic.PEOPLE_INFORMED: (
        "Please read: {title}",
        (
            "{organization} tells its people how the contact centre handles their data and their "
            "calls: “{title}”. Read it in Switchroom and confirm that you have."
        ),
    ),
    **standing_texts.ENGLISH,
}
GERMAN: Mapping[Topic, tuple[str, str]] = {
    Topic.MAIL_LINK: (
        "Bestätigen Sie diese E-Mail-Adresse",
        (
            "Jemand von {organization} hat diese Adresse "
            "als die der Organisation angegeben. Öffnen "
            "Sie den Link innerhalb von 24 Stunden und "
            "bestätigen Sie, angemeldet als die Person, "
            "die ihn angefordert hat:\n\n{link}\n\nWenn "
            "niemand von Ihnen das war, tun Sie nichts."
        ),
    ),
    Topic.PHONE_CODE: (
        "Ihr Code",
        ("Switchroom: {code} ist Ihr Code für 5 Minuten."),
    ),
    Topic.PHONE_CALL: (
        "Ihr Code",
        ("Hier ist Switchroom. Ihr Code ist: {spoken}. Noch einmal: {spoken}. Er gilt 5 Minuten."),
    ),
    Topic.LOCKED: (
        "Die Bestätigung ist eine Weile gesperrt",
        (
            "Bei {organization} gab es zu viele falsche "
            "Codes oder Links. Weitere Versuche dieser "
            "Person werden {minutes} Minuten lang "
            "abgewiesen, auch richtige. Das Anmelden "
            "ist nicht betroffen. Wenn Sie das nicht "
            "waren, melden Sie es dem Support."
        ),
    ),
    Topic.CODE_VOIDED: (
        "Ihr Code wurde geteilt und gilt nicht mehr",
        (
            "Ein Code oder Link zur Bestätigung von "
            "{organization} wurde geschrieben, wo andere "
            "mitlesen. Er wurde ungültig gemacht; fordern "
            "Sie einen neuen an."
        ),
    ),
    Topic.CONTACT_CHANGED: (
        "Geändert: {what} der Organisation",
        (
            "Bei {organization} wurde geändert: {what}. "
            "Das muss neu bestätigt werden. Wenn es "
            "keiner von Ihnen war, melden Sie es dem "
            "Support."
        ),
    ),
    Topic.FELL_BACK: (
        "Ausgehende Anrufe sind aus",
        (
            "{organization} ist nicht mehr bestätigt, "
            "daher wurden ausgehende Anrufe abgeschaltet. "
            "Bestätigen Sie E-Mail-Adresse und Telefon "
            "erneut und schalten Sie sie dann ein."
        ),
    ),
    Topic.AUTHENTICATOR_ADDED: (
        "Eine Authenticator-App wurde eingerichtet",
        (
            "Jemand von {organization} hat zur "
            "Bestätigung eine Authenticator-App "
            "eingerichtet. Wenn es keiner von Ihnen war, "
            "melden Sie es dem Support."
        ),
    ),
    Topic.POLICY_PUBLISHED: (
        "Eine Richtlinie ändert sich: {title}",
        (
            "Version {number} von „{title}“ gilt ab "
            "{effective}. Was sich ändert: {summary} "
            "Lesen und akzeptieren Sie sie bis dahin "
            "in Switchroom; danach können Sie nur noch "
            "ansehen und exportieren."
        ),
    ),
    Topic.SUPPORT_REQUEST: (
        "Support-Anfrage {id}",
        (
            "Jemand von {organization} hat Version "
            "{number} von „{title}“ abgelehnt (Anfrage "
            "{id}). Der Grund steht in den Support-Anfragen "
            "der Kommandozeile."
        ),
    ),
    Topic.PUMPING_SUSPECTED: (
        "Codes von {organization} werden womöglich für Geld verschickt",
        (
            "Jemand von {organization} ({tenant}) lässt Codes "
            "verschicken, die kaum jemand eingibt, oder an mehr "
            "Nummern, als Menschen haben. Die Grenzen des Tages "
            "gelten; sehen Sie im Audit-Protokoll der Organisation "
            "nach, und schränken Sie sie ein, wenn sie es nicht selbst "
            "ist."
        ),
    ),
    Topic.INCIDENT_NEWS: (
        "Neues zu {reference}",
        (
            "Beim Sicherheitsvorfall {reference} von "
            "{organization} hat sich etwas geändert. Sie "
            "erhalten dies als E-Mail, weil Ihr Chat mit dem "
            "Bot nicht erreichbar war. Melden Sie sich an, um "
            "es zu lesen:\n\n{link}"
        ),
    ),
    Topic.ATTESTATION_DUE: (
        "Stimmen Ihre Angaben noch?",
        ("Bestätigen Sie bis {due}, dass Adresse und Telefon von {organization} noch stimmen."),
    ),
    Topic.ATTESTATION_LAPSED: (
        "Die Bestätigung von {organization} ist erloschen",
        (
            "Ein Jahr lang hat niemand bestätigt, dass Adresse und Telefon von {organization} noch "
            "stimmen, daher gelten sie nicht mehr als nachgewiesen. Was eine bestätigte "
            "Organisation braucht, bleibt aus, bis beide erneut nachgewiesen sind."
        ),
    ),
    Topic.PEOPLE_INFORMED: (
        "Bitte lesen: {title}",
        (
            "{organization} sagt seinen Leuten, wie das Contact-Center mit ihren Daten und ihren "
            "Anrufen umgeht: „{title}“. Lesen Sie es in Switchroom und bestätigen Sie, dass Sie es "
            "gelesen haben."
        ),
    ),
    **standing_texts.GERMAN,
}
SHARED = {
    "en": "Share codes and links with nobody. We never ask for them.",
    "de": "Geben Sie Codes und Links nicht weiter. Wir fragen nie danach.",
}
WORDS = {"en": ENGLISH, "de": GERMAN}
GERMAN_SPEAKING = frozenset({"DE", "AT", "LI"})


def language_of(country: str) -> str:
    """The language in which an organisation of that country is written to."""
    return "de" if country in GERMAN_SPEAKING else "en"


def written(topic: Topic, language: str, values: Mapping[str, str], base_url: str) -> Written:
    """The message in words; a path in `values["path"]` becomes a link below `base_url`. Of a value
    that there is in that language too (`summary_de` beside `summary`), that is taken."""
    subject, text = WORDS.get(language, ENGLISH)[topic]
    link = base_url + values["path"] if "path" in values else ""
    own = {
        name.removesuffix(f"_{language}"): value
        for name, value in values.items()
        if name.endswith(f"_{language}") and value
    }
    spoken = ", ".join(values.get("code", ""))
    filled = {**values, **own, "link": link, "spoken": spoken}
    shared = SHARED.get(language, SHARED["en"])
    between = " " if topic in {Topic.PHONE_CODE, Topic.PHONE_CALL} else "\n\n"
    return Written(subject.format(**filled), text.format(**filled) + between + shared, link)
