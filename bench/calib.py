"""CPU calibration: print it beside every run; on this shared machine it varied 0.25..0.7 s for the same work."""

import time


def calibration():
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        s = 0
        for i in range(2_000_000):
            s += i * i
        taken.append(time.perf_counter() - began)
    return f"calibration 2M loop: median {sorted(taken)[2]:.3f} s, min {min(taken):.3f}, max {max(taken):.3f}"


if __name__ == "__main__":
    print(calibration())
