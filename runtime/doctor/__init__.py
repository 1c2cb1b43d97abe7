"""`doctor`: looks at a deployment as an expert would.

How it works: `deployment` holds what is examined; each file in `checks/` is one subject, which asks as little as it can
and judges without I/O; `examiner` runs them all, so that trouble with one does not hide the others; `report` shows what
they found. Nothing that is examined is changed.
"""
