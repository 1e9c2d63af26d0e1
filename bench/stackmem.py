"""Memory at rest and cold start.

python stackmem.py pss PID [PID ...]        PSS / RSS / processes of these process trees, MiB
python stackmem.py cold URL -- CMD ARGS...   seconds from exec of CMD to the first 200/302 from URL; then the tree's PSS; then it is stopped
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request


def tree(pids):
    kids = {}
    for p in os.listdir("/proc"):
        if p.isdigit():
            try:
                s = open(f"/proc/{p}/stat").read().rsplit(")", 1)[1].split()
                kids.setdefault(int(s[1]), []).append(int(p))
            except OSError:
                pass
    out, todo = [], list(pids)
    while todo:
        p = todo.pop()
        if p not in out:
            out.append(p)
            todo += kids.get(p, [])
    return out


def pss(pids):
    tot = rss = n = 0
    for p in tree(pids):
        try:
            for ln in open(f"/proc/{p}/smaps_rollup"):
                if ln.startswith("Pss:"):
                    tot += int(ln.split()[1])
                    n += 1
                elif ln.startswith("Rss:"):
                    rss += int(ln.split()[1])
        except OSError:
            pass
    return tot / 1024, rss / 1024, n


def get(url):
    class NoRedir(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *a):
            return None

    try:
        return urllib.request.build_opener(NoRedir).open(url, timeout=30).status
    except urllib.error.HTTPError as e:
        return e.code
    except Exception:
        return 0


if __name__ == "__main__":
    if sys.argv[1] == "pss":
        print("PSS %.1f MiB, RSS %.1f MiB, %d processes" % pss([int(x) for x in sys.argv[2:]]))
    else:
        url, cmd = sys.argv[2], sys.argv[4:]
        t0 = time.time()
        p = subprocess.Popen(cmd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        while get(url) not in (200, 301, 302, 303) and time.time() - t0 < 120:
            time.sleep(0.02)
        dt = time.time() - t0
        for _ in range(20):
            get(url)
        time.sleep(1)
        print("cold start %.2f s; PSS %.1f MiB, RSS %.1f MiB, %d processes" % ((dt,) + pss([p.pid])))
        for q in reversed(tree([p.pid])):
            try:
                os.kill(q, signal.SIGTERM)
            except OSError:
                pass
