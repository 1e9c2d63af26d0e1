"""CPU calibration: print it beside every run; on this shared machine it varied 0.25..0.7 s for the same work."""

import time

xs = []
for _ in range(5):
    t = time.perf_counter()
    s = 0
    for i in range(2_000_000):
        s += i * i
    xs.append(time.perf_counter() - t)
print("calibration 2M loop: median %.3f s, min %.3f, max %.3f" % (sorted(xs)[2], min(xs), max(xs)))
