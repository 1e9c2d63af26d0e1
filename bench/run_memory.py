"""Memory of the whole desk at rest (sum of PSS, the database apart) and the time of a start."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from desk import Desk
from stackmem import get, tree

with Desk() as desk:
    for _ in range(20):
        get(f"http://localhost:{desk.http}/desk/login/")
    time.sleep(5)
    everyone = tree([desk.process.pid])
    database = [p for p in everyone if b"postgres" in Path(f"/proc/{p}/cmdline").read_bytes()[:200]]
    rest = [p for p in everyone if p not in database]
    total = 0.0
    for pid in rest:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) / 1024
    print(
        f"at rest: {total:.0f} MiB PSS in {len(rest)} processes; first start with demo data {desk.start_seconds:.1f} s"
    )
