"""The load lab: the platform simulator, load generators, the audit, faults and the benchmarks.

It stands outside: it talks HTTP to Tidegate and reads the store's documented layout, and imports none of its code.

| package | holds |
| --- | --- |
| `platform` | the simulated WeChat and WeCom platform |
| `stand` | that platform, a store and a whole `serve`, as real processes |
| `generators` | callbacks, pushes, slow connections and hostile requests, from closed loops |
| `arrivals` | callbacks in an open loop, at planned times |
| `scenarios`, `load` | Locust's scenarios, and the program that runs one |
| `audit` | everything acknowledged, by identity, against the store and the platform's ledger |
| `chaos` | faults under load, and what must hold |
| `fairness` | what a neighbour costs small senders |
| `monitored` | the counters against the audit, under a real Prometheus |
| `bench` | the figures of docs/benchmarks.md, beside their peers |
| `report` | the standard run as a page |

`rehearsal.py` puts stand, generators and audit together; most programs here run one. `ledgers.py` is what
generators keep for the audit, `push_request.py` what upstreams ask, `http_client.py` what both are sent with, and
`fetcher.py` asks a single question.
"""
