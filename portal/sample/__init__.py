"""Sample contact files: two invented organisations whose systems write as the real ones do.

`generate.files` gives a day's files in each vendor's own format, the same for the same seed;
`python -m portal.sample DIRECTORY` writes them where a person can look at them. Every person,
number and address is invented: telephone numbers come from the ranges that Ofcom and the North
American Numbering Plan keep for fiction, addresses end in `.example`.
"""
