/** Deutsche Wörter der Einrichtung. `{name}` steht für einen Wert. */
import type { Word } from "./words.en";

export const words: Record<Word, string> = {
  title: "Organisation",
  about: "Wer die Organisation ist, wie man sie erreicht und was sie mit Anrufen tut.",
  sections: "Teile der Organisation",
  "section.steps": "Einrichtung",
  "section.calls": "Anrufe",
  "section.code": "Mandantencode",
  "section.standing": "Status",

  progress: "{done} von {all} Schritten erledigt",
  saved: "Jeder Schritt ist gespeichert, sobald er erledigt ist: Machen Sie hier oder an einem anderen Gerät weiter.",
  complete: "Die Organisation ist eingerichtet.",
  "standing.unverified": "Nicht bestätigt",
  "standing.mail_proven": "Mailadresse bestätigt, Telefon fehlt",
  "standing.phone_proven": "Telefon bestätigt, Mailadresse fehlt",
  "standing.verified": "Bestätigt",
  done: "Erledigt",
  "waits.you": "Zu tun",
  "waits.mail_first": "Nach der Mailadresse",
  "waits.administrator": "Sache einer Administratorin",
  administrator:
    "Das muss noch eine Administratorin oder ein Administrator der Organisation tun: jemand mit der Rolle Autorisierter Kundenvertreter.",
  next: "Als Nächstes",
  open: "Öffnen",
  change: "Ändern",
  back: "Jetzt nicht",
  save: "Speichern",
  you: "Ihnen",
  switchroom: "Switchroom",

  "step.mail": "Mailadresse",
  "why.mail":
    "Wozu: Sicherheitshinweise und geänderte Bedingungen gehen dorthin, und ein Link an sie belegt, dass sie Ihre ist. Sonst wird sie zu nichts benutzt.",
  "step.phone": "Telefon",
  "why.phone":
    "Wozu: Ein Code an diese Nummer ist der zweite Beleg dafür, dass die Organisation ist, wer sie sagt. Ausgehende Anrufe brauchen beide.",
  "step.name": "Name",
  "why.name":
    "Wozu: Ihre Leute, Ihre Partner und Berichte kennen die Organisation daran; darum dürfen keine zwei gleich aussehen.",
  "step.time_zone": "Zeitzone und Region",
  "why.time_zone":
    "Wozu: Tage, Stunden und Berichtszeiten richten sich danach. Sie bleibt, sobald Kontakte nach ihren Tagen gezählt sind.",
  "step.call_handling": "Anrufe",
  "why.call_handling":
    "Wozu: Nichts ist eingeschaltet, was nicht jemand von Ihnen entschieden hat: eingehende Anrufe, ausgehende, Aufzeichnung.",

  "mail.label": "Mailadresse der Organisation",
  "mail.send": "Link senden",
  "mail.again": "Noch einen Link senden",
  "mail.sent":
    "Ein Link wurde am {at} gesendet. Öffnen Sie ihn innerhalb von 24 Stunden, selbst angemeldet, und bestätigen Sie dort. Ein neuerer Link beendet den älteren.",
  "mail.proven": "Bestätigt am {at}.",
  "mail.changing":
    "Eine andere Adresse muss neu bestätigt werden. Bis dahin ist die Organisation nicht bestätigt, und ausgehende Anrufe gehen aus.",
  "mail.nothing":
    "Nichts angekommen? Sehen Sie in den Ordner für Unerwünschtes, prüfen Sie die Adresse und senden Sie noch einen Link.",
  "link.title": "Mailadresse bestätigen",
  "link.body": "Sie haben den Link aus einer Mail geöffnet. Bestätigen Sie, dass {mail} die Adresse der Organisation ist.",
  "link.body_unknown":
    "Sie haben den Link aus einer Mail geöffnet. Bestätigen Sie, dass die Adresse die der Organisation ist.",
  "link.confirm": "Bestätigen",
  "link.not_yours":
    "Sie haben den Link aus einer Mail geöffnet. Bestätigen kann ihn nur, wer die Organisation einrichten darf.",
  "phone.label": "Telefonnummer mit Ländervorwahl",
  "phone.hint": "Eine Mobilnummer. Ein Code kommt per SMS.",
  "phone.send": "Code senden",
  "phone.again": "Noch einen Code senden",
  "phone.proven": "Bestätigt am {at}.",
  "phone.changing":
    "Eine andere Nummer muss neu bestätigt werden. Bis dahin ist die Organisation nicht bestätigt, und ausgehende Anrufe gehen aus.",
  "phone.sent": "Ein Code aus 8 Ziffern ging an {phone}. Er gilt noch {left}.",
  "phone.code": "Code",
  "phone.share": "Geben Sie ihn niemandem weiter und schreiben Sie ihn in keinen Chat. Niemand von uns fragt danach.",
  "phone.confirm": "Bestätigen",
  "wait.left": "Wieder möglich in {left}",
  locked:
    "Zu viele falsche Codes oder Links: Weitere werden bis {at} abgelehnt, auch richtige. Das Anmelden ist nicht betroffen. Waren Sie es nicht? Sagen Sie es dem Support.",
  "name.label": "Name der Organisation",
  "name.wanted":
    "„{name}“ ist vorgemerkt. Ob er frei ist, erfahren Sie, sobald die Mailadresse bestätigt ist; speichern Sie ihn dann noch einmal.",
  "name.first": "Sie können ihn jetzt notieren; er wird Ihrer, sobald die Mailadresse bestätigt ist.",
  "zone.label": "Zeitzone",
  "zone.fixed": "Nach den Tagen dieser Zeitzone sind Kontakte gezählt, darum bleibt sie.",
  "zone.keep": "Das stimmt",
  region: "Region",
  "region.us": "Vereinigte Staaten",
  "region.uk": "Vereinigtes Königreich",
  "region.eu": "Europäische Union",
  "region.au": "Australien",
  "region.za": "Südafrika",
  region_fixed:
    "{region}. Alles von der Organisation liegt dort. Sie wurde gewählt, als die Organisation angelegt wurde, und ändert sich nicht.",
  "calls.go": "Über Anrufe entscheiden",

  "attest.title": "Stimmt noch alles?",
  "attest.body":
    "Einmal im Jahr sagt jemand, dass Name, Mailadresse und Telefon noch stimmen. Bis {at}; danach gilt die Organisation als nicht bestätigt.",
  "attest.do": "Alles stimmt noch",

  "code.about":
    "Der Mandantencode nennt Ihre Organisation gegenüber Support und Partnern. Er öffnet nichts; behalten Sie ihn trotzdem für sich.",
  "code.now": "Mandantencode",
  "code.made": "Gemacht am {at}.",
  "code.former": "Der vorige Code wird noch bis {at} erkannt.",
  "code.reveal": "Ganz zeigen",
  "code.hide": "Verbergen",
  "code.copy": "Kopieren",
  "code.copied": "Kopiert",
  "code.rotate": "Einen neuen machen",
  "code.rotate_sure": "Wirklich einen neuen machen",
  "code.rotate_about":
    "Für den Fall, dass er in falsche Hände kam. Der jetzige wird noch eine Weile erkannt, damit niemand abgeschnitten ist.",
  "code.proof": "Zum Zeigen oder Ändern werden Sie noch einmal gefragt, wer Sie sind.",

  "calls.now": "Jetzt in Kraft",
  "calls.at": "In Kraft am {at}",
  "calls.later": "Entschieden, in Kraft ab {at}",
  "calls.none": "Noch nichts ist entschieden: Alles ist aus.",
  on: "ein",
  off: "aus",
  inbound: "Eingehende Anrufe",
  outbound: "Ausgehende Anrufe",
  recording: "Aufzeichnung",
  "inbound.why": "Anrufe von Kunden erreichen Ihre Warteschlangen.",
  "outbound.why": "Agenten rufen andere an. Braucht eine bestätigte Organisation.",
  "recording.why":
    "Anrufe werden verschlüsselt gespeichert, für die wenigen, die sie hören dürfen. Braucht die Erklärung unten.",
  "outbound.missing": "Noch nicht möglich: Die Organisation ist nicht bestätigt.",
  "outbound.go": "Zum fehlenden Schritt",
  "recording.missing": "Noch nicht möglich: Niemand hat die Erklärung unten abgegeben.",
  "decide.title": "Entscheiden",
  "decide.why": "Warum",
  "decide.why_hint": "Bleibt bei der Entscheidung, in Worten, die ein Kollege auch in einem Jahr versteht.",
  "decide.why_missing": "Sagen Sie warum, in mindestens 3 Zeichen.",
  "decide.from": "In Kraft ab",
  "decide.from_hint": "Leer: sofort. Zeitzone {zone}.",
  "decide.send": "In Kraft setzen",
  "decide.saved": "Gespeichert als Fassung {version}.",
  "decide.administrator": "Über Anrufe entscheidet nur eine Administratorin oder ein Administrator der Organisation.",
  "ack.title": "Erklärung zur Aufzeichnung",
  "ack.given": "Abgegeben von {who} am {at}; Einwilligung: {consent}.",
  "ack.retracted": "Abgegeben von {who} am {at}, zurückgenommen am {end}.",
  "ack.before": "Früher",
  "ack.consent": "Wer dort einwilligen muss, wo Ihre Anrufe sind",
  "consent.one_party": "eine Seite des Anrufs",
  "consent.all_party": "alle am Anruf",
  "ack.give": "Das erklären wir",
  "ack.retract": "Zurücknehmen",
  "ack.retract_about": "Die Aufzeichnung geht im selben Augenblick aus, auch wo sie für später entschieden ist.",
  "ack.retract_why": "Warum sie zurückgenommen wird",
  "history.title": "Verlauf",
  "history.at": "Was in Kraft war am",
  "history.at_hint": "Zeitzone {zone}.",
  "history.now": "Die Gegenwart zeigen",
  "history.version": "Fassung {version}, ab {at}",
  "history.by": "Von {who} am {at}",
  "history.none": "Es gibt noch keinen Verlauf.",
  "cause.person": "Entschieden",
  "cause.verification_lost": "Ausgeschaltet, weil die Organisation nicht mehr bestätigt war",
  "cause.retracted": "Ausgeschaltet, weil die Erklärung zurückgenommen wurde",
  "cause.standing": "Ausgeschaltet, weil die Organisation gesperrt oder der Dienst beendet wurde",

  "refused.wait": "Nach der angezeigten Wartezeit kann wieder gesendet werden.",
  "refused.locked": "Versuche werden eine Weile abgelehnt, auch richtige. Bis wann, steht oben.",
  "refused.rate-limited": "Das war oft. Warten Sie einen Augenblick und versuchen Sie es noch einmal.",
  "refused.sending-stopped":
    "Das Senden wurde angehalten: Für nahe beieinander liegende Nummern wurden zu viele Codes verlangt. Versuchen Sie es später oder mit einer anderen Nummer; der Support hilft.",
  "refused.number-refused":
    "An diese Art von Nummer werden keine Codes gesendet: Mehrwert- und Internetnummern, manche Länder und alles, was kein Mobiltelefon ist, sind ausgenommen. Nehmen Sie eine Mobilnummer.",
  "refused.link-refused":
    "Dieser Link gilt nicht: Er ist benutzt, zu alt, durch einen neueren ersetzt, oder jemand anderes hat ihn verlangt. Senden Sie noch einen Link.",
  "refused.code-refused": "Dieser Code stimmt nicht. Sehen Sie noch einmal nach, oder senden Sie noch einen.",
  "refused.no-code":
    "Kein Code wartet: Er ist benutzt, ersetzt oder älter als fünf Minuten. Senden Sie noch einen.",
  "refused.name-taken": "So heißt schon eine andere Organisation, oder es sieht gleich aus. Wählen Sie einen anderen Namen.",
  "refused.time-zone-fixed":
    "Nach den Tagen der jetzigen Zeitzone sind Kontakte gezählt, darum bleibt sie. Fragen Sie den Support, wenn sie falsch ist.",
  "refused.not-verified":
    "Ausgehende Anrufe brauchen eine bestätigte Organisation: Bestätigen Sie erst Mailadresse und Telefon, dann schalten Sie sie ein.",
  "refused.not-acknowledged":
    "Die Aufzeichnung braucht die Erklärung: Lesen und geben Sie sie erst ab, dann schalten Sie ein.",
  "refused.acknowledged": "Die Erklärung ist schon abgegeben.",
  "refused.policy-not-accepted":
    "Eine Richtlinie ist in Kraft, die Sie nicht angenommen haben. Bis dahin können Sie ansehen und exportieren. Siehe Richtlinien.",
  "refused.conflict":
    "Jemand hat das inzwischen geändert. Sie sehen es, wie es jetzt ist; wiederholen Sie, was Sie wollten.",
  "refused.step-up-required": "Dafür müssen Sie noch einmal belegen, wer Sie sind; das ist nicht geschehen.",
  "wrong.mail": "Das ist keine Mailadresse.",
  "wrong.phone": "Das ist keine Telefonnummer. Schreiben Sie sie mit der Ländervorwahl, etwa +44.",
  "wrong.name": "So kann die Organisation nicht heißen: 1 bis 120 druckbare Zeichen.",
  "wrong.time_zone": "Diese Zeitzone ist nicht bekannt.",
  "wrong.effective_from": "Was in Kraft war, wird nicht nachträglich geändert: Wählen Sie jetzt oder später.",
  "wrong.text_hash": "Der Text hat sich inzwischen geändert. Lesen Sie ihn noch einmal.",
  "wrong.why": "Sagen Sie warum, in 3 bis 500 Zeichen.",
};
