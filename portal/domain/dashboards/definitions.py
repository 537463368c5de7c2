"""What each metric means, for tiles and analysts, and which timings it needs of a source."""

from collections.abc import Mapping
from typing import NamedTuple

from portal.domain.contacts.model import Timing
from portal.domain.dashboards.model import Basis, Definition, MetricName, Unit


class Meaning(NamedTuple):
    """A metric's title, unit, formula (domain reference, section E), basis and description."""

    title: str
    unit: Unit
    formula: str
    basis: Basis
    description: str
    needs: tuple[Timing, ...] = ()


M, U, B, T = MetricName, Unit, Basis, Timing

MEANINGS: Mapping[MetricName, Meaning] = {
    M.OFFERED: Meaning(
        "Offered", U.CONTACTS, "O", B.ARRIVAL, "Contacts that arrived in a queue, waiting ones too."
    ),
    M.ANSWERED: Meaning(
        "Answered", U.CONTACTS, "A", B.ARRIVAL, "Offered contacts that an agent took."
    ),
    M.ABANDONED: Meaning(
        "Abandoned", U.CONTACTS, "B", B.ARRIVAL, "Customers who gave up before an agent answered."
    ),
    M.SHORT_ABANDONED: Meaning(
        "Short abandons",
        U.CONTACTS,
        "Bs: abandoned after less than 5 s",
        B.ARRIVAL,
        "Abandoned so soon that no agent could have answered.",
        (T.WAIT_ABANDONED,),
    ),
    M.FLOW_OUT: Meaning(
        "Flow-outs",
        U.CONTACTS,
        "F",
        B.ARRIVAL,
        "Contacts the queue itself sent elsewhere: overflow, voicemail, another queue.",
    ),
    M.SERVICE_LEVEL: Meaning(
        "Service level",
        U.PERCENT,
        "A≤T / (A + B)",
        B.ARRIVAL,
        "Share of contacts answered within the threshold T, by the chosen definition.",
        (T.WAIT_ANSWERED,),
    ),
    M.AVERAGE_SPEED_OF_ANSWER: Meaning(
        "Speed of answer",
        U.SECONDS,
        "Σ wait of answered / A",
        B.ARRIVAL,
        "Average wait of answered contacts, from the arrival in the queue.",
        (T.WAIT_ANSWERED,),
    ),
    M.AVERAGE_HANDLE_TIME: Meaning(
        "Handle time",
        U.SECONDS,
        "Σ (talk + hold + after-contact work) / handled",
        B.END,
        "Average time an agent spends on a contact; a transfer makes two.",
        (T.TALK, T.HOLD, T.AFTER_CONTACT_WORK),
    ),
    M.AVERAGE_TALK_TIME: Meaning(
        "Talk time",
        U.SECONDS,
        "Σ talk / handled",
        B.END,
        "Average time in conversation.",
        (T.TALK,),
    ),
    M.AVERAGE_HOLD_TIME: Meaning(
        "Hold time", U.SECONDS, "Σ hold / handled", B.END, "Average time on hold.", (T.HOLD,)
    ),
    M.AVERAGE_AFTER_CONTACT_WORK: Meaning(
        "After-contact work",
        U.SECONDS,
        "Σ after-contact work / handled",
        B.END,
        "Average time of wrapping up when the customer has gone.",
        (T.AFTER_CONTACT_WORK,),
    ),
    M.ABANDONMENT_RATE: Meaning(
        "Abandonment rate",
        U.PERCENT,
        "(B − Bs) / (O − Bs)",
        B.ARRIVAL,
        "Share of offered contacts that were abandoned, short abandons left out.",
        (T.WAIT_ABANDONED,),
    ),
    M.TRANSFER_RATE: Meaning(
        "Transfer rate",
        U.PERCENT,
        "transferred / handled",
        B.END,
        "Share of handled contacts that the agent passed on.",
        (T.TRANSFER,),
    ),
    M.WAIT_P50: Meaning(
        "Median wait",
        U.SECONDS,
        "x[⌈0.50 n⌉] of the waits of answered and abandoned contacts",
        B.ARRIVAL,
        "Half of the contacts waited no longer. Shown from five contacts on.",
        (T.WAIT_ANSWERED, T.WAIT_ABANDONED),
    ),
    M.WAIT_P90: Meaning(
        "Wait, 90th percentile",
        U.SECONDS,
        "x[⌈0.90 n⌉] of the waits of answered and abandoned contacts",
        B.ARRIVAL,
        "Nine in ten contacts waited no longer. Shown from five contacts on.",
        (T.WAIT_ANSWERED, T.WAIT_ABANDONED),
    ),
    M.WAIT_P99: Meaning(
        "Wait, 99th percentile",
        U.SECONDS,
        "x[⌈0.99 n⌉] of the waits of answered and abandoned contacts",
        B.ARRIVAL,
        "Of a hundred contacts one waited longer. Shown from five contacts on.",
        (T.WAIT_ANSWERED, T.WAIT_ABANDONED),
    ),
    M.LONGEST_WAIT: Meaning(
        "Longest wait",
        U.SECONDS,
        "max of the waits of answered and abandoned contacts",
        B.ARRIVAL,
        "The longest any contact of the range waited in a queue.",
        (T.WAIT_ANSWERED, T.WAIT_ABANDONED),
    ),
    M.DISTINCT_CUSTOMERS: Meaning(
        "Customers",
        U.CUSTOMERS,
        "number of different customers of offered contacts",
        B.ARRIVAL,
        "Different customers behind the offered contacts, by number or address.",
        (T.CUSTOMER,),
    ),
    M.HANDLED: Meaning(
        "Handled",
        U.CONTACTS,
        "contacts with an agent that have ended",
        B.END,
        "Parts of contacts that an agent dealt with, direct ones too; a transfer makes two.",
    ),
}

SERVICE_LEVEL_FORMULAS: Mapping[Definition, str] = {
    Definition.STRICT: "A≤T / (A + B)",
    Definition.SHORT_EXCLUDED: "A≤T / (A + B − Bs)",
    Definition.IGNORE_ABANDONED: "A≤T / (A + B − B≤T)",
    Definition.POSITIVE: "(A≤T + B≤T) / (A + B)",
    Definition.ANSWERED_ONLY: "A≤T / A",
}

AGENT_METRICS = (
    M.HANDLED,
    M.AVERAGE_HANDLE_TIME,
    M.AVERAGE_TALK_TIME,
    M.AVERAGE_HOLD_TIME,
    M.AVERAGE_AFTER_CONTACT_WORK,
    M.TRANSFER_RATE,
)
