"""The words in which representatives are told how their organisation stands. Why it does stands in
the tab alone, for who may read it."""

from collections.abc import Mapping

from portal.domain.communications.model import Topic

ENGLISH: Mapping[Topic, tuple[str, str]] = {
    Topic.STANDING_ACTIVE: (
        "{organization} is active again",
        (
            "{organization} is active again. Outbound calls and recording that went off stay off "
            "until one of you decides about them.\n\n{link}"
        ),
    ),
    Topic.STANDING_RESTRICTED: (
        "{organization} is restricted",
        (
            "{organization} was restricted. You can look, export, and put right what is wrong; "
            "nothing else can be changed. Read why, and appeal if it is not right:\n\n{link}"
        ),
    ),
    Topic.STANDING_SUSPENDED: (
        "{organization} is suspended",
        (
            "{organization} was suspended. Only its representatives can open it: you see why, and "
            "may appeal, export and report incidents. Outbound calls and recording are off; "
            "imports and alerts wait.\n\n{link}"
        ),
    ),
    Topic.STANDING_TERMINATED: (
        "The service for {organization} is terminated",
        (
            "The service for {organization} was terminated. Take along what you need: on {until} "
            "its data is erased and cannot be brought back. Read why, export and appeal:\n\n{link}"
        ),
    ),
    Topic.STANDING_APPEALED: (
        "{organization} appeals against its standing",
        (
            "A representative of {organization} appealed. The text is shown by the command "
            "`standing`, which decides it too."
        ),
    ),
    Topic.APPEAL_GRANTED: (
        "Your appeal was granted",
        (
            "The appeal of {organization} was granted. Outbound calls and recording that went off "
            "stay off until one of you decides about them.\n\n{link}"
        ),
    ),
    Topic.APPEAL_REFUSED: (
        "Your appeal was refused",
        "The appeal of {organization} was refused. Read why:\n\n{link}",
    ),
    Topic.ERASURE_STOPPED: (
        "The erasure of {organization} is stopped",
        (
            "The data of {organization} is not erased until the service takes the plan up again, "
            "which you will be told.\n\n{link}"
        ),
    ),
    Topic.ERASURE_RESUMED: (
        "The data of {organization} is to be erased",
        (
            "On {until} the data of {organization} is erased and cannot be brought back. Take "
            "along what you need:\n\n{link}"
        ),
    ),
}
GERMAN: Mapping[Topic, tuple[str, str]] = {
    Topic.STANDING_ACTIVE: (
        "{organization} ist wieder aktiv",
        (
            "{organization} ist wieder aktiv. Abgeschaltete ausgehende Anrufe und Aufzeichnungen "
            "bleiben aus, bis jemand von Ihnen darüber entscheidet.\n\n{link}"
        ),
    ),
    Topic.STANDING_RESTRICTED: (
        "{organization} ist eingeschränkt",
        (
            "{organization} wurde eingeschränkt. Sie können ansehen, exportieren und in Ordnung "
            "bringen, was nicht stimmt; sonst lässt sich nichts ändern. Lesen Sie, warum, und "
            "legen Sie Einspruch ein, wenn es nicht richtig ist:\n\n{link}"
        ),
    ),
    Topic.STANDING_SUSPENDED: (
        "{organization} ist gesperrt",
        (
            "{organization} wurde gesperrt. Nur ihre Vertreter können sie öffnen: Sie sehen, "
            "warum, und können Einspruch einlegen, exportieren und Vorfälle melden. "
            "Ausgehende Anrufe und Aufzeichnungen sind aus; Importe und Alarme warten.\n\n{link}"
        ),
    ),
    Topic.STANDING_TERMINATED: (
        "Der Dienst für {organization} ist beendet",
        (
            "Der Dienst für {organization} wurde beendet. Nehmen Sie mit, was Sie brauchen: Am "
            "{until} werden die Daten gelöscht und lassen sich nicht zurückholen. Lesen Sie, "
            "warum, exportieren Sie und legen Sie Einspruch ein:\n\n{link}"
        ),
    ),
    Topic.STANDING_APPEALED: (
        "{organization} legt Einspruch ein",
        (
            "Ein Vertreter von {organization} hat Einspruch eingelegt. Den Text zeigt der Befehl "
            "`standing`, mit dem auch entschieden wird."
        ),
    ),
    Topic.APPEAL_GRANTED: (
        "Ihrem Einspruch wurde stattgegeben",
        (
            "Dem Einspruch von {organization} wurde stattgegeben. Abgeschaltete ausgehende Anrufe "
            "und Aufzeichnungen bleiben aus, bis jemand von Ihnen darüber entscheidet.\n\n{link}"
        ),
    ),
    Topic.APPEAL_REFUSED: (
        "Ihr Einspruch wurde abgelehnt",
        "Der Einspruch von {organization} wurde abgelehnt. Lesen Sie, warum:\n\n{link}",
    ),
    Topic.ERASURE_STOPPED: (
        "Die Löschung von {organization} ist angehalten",
        (
            "Die Daten von {organization} werden nicht gelöscht, bis der Dienst den Plan wieder "
            "aufnimmt; das erfahren Sie.\n\n{link}"
        ),
    ),
    Topic.ERASURE_RESUMED: (
        "Die Daten von {organization} werden gelöscht",
        (
            "Am {until} werden die Daten von {organization} gelöscht und lassen sich nicht "
            "zurückholen. Nehmen Sie mit, was Sie brauchen:\n\n{link}"
        ),
    ),
}
