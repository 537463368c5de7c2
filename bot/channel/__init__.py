"""The bot's way to and from Microsoft Teams; the only folder that imports the Bot Framework.

`turn` is what the rest of the bot sees: what came in, what may be answered. `guard`, `tokens` and
`keys` decide who may speak; `adapter` runs a turn; `outbound` sends on its own initiative.
"""
