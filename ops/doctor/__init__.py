"""`manage.py doctor`: what is wrong with this installation, why it matters, and the cure.

Changes nothing, but for `--sweep`, which takes away files that no row names.
"""

from collections.abc import Iterator, Sequence

from core.clock import now
from ops import installation
from ops.doctor.checks import BEFORE_SERVERS, ORPHAN_AGE, WITH_SERVERS, Check
from ops.doctor.findings import Finding, Verdict, bad
from ops.embedded.process import CannotStart

SWEEP = "--sweep"


def doctor(arguments: Sequence[str] = ()) -> int:
    """Returns the exit code: 1 when anything is wrong, warnings alone are 0."""
    if unknown := set(arguments) - {SWEEP}:
        print(f"doctor: {' '.join(sorted(unknown))} is unknown; there is only {SWEEP}")
        return 2
    is_bad = False
    for finding in _examine(sweeps=SWEEP in arguments):
        print(finding, flush=True)
        is_bad |= finding.verdict == Verdict.BAD
    return int(is_bad)


def _examine(*, sweeps: bool) -> Iterator[Finding]:
    for check, cure in BEFORE_SERVERS:
        yield from _guarded(check, cure)
    try:
        installation.settle_defaults()
        with installation.servers_for_a_command():
            import django
            from django.utils import translation

            django.setup()
            translation.activate("en")  # the words of the pages, too, in the language of the doctor
            if sweeps:
                yield from _guarded(sweep, "try again when no backup runs")
            for check, cure in WITH_SERVERS:
                yield from _guarded(check, cure)
    except (CannotStart, SystemExit) as reason:
        yield bad(
            str(reason), "the desk does not start like this", "correct what the line names, then run doctor again"
        )


def sweep() -> Iterator[Finding]:
    from core import blobs
    from ops.doctor.findings import good, warning
    from ops.recount import orphans

    before = now() - ORPHAN_AGE
    with blobs.none_goes() as is_alone:
        if not is_alone:
            yield warning("nothing was swept", "a backup reads the files at this moment", "try again later")
            return
        gone = sum(blobs.take_away(digest, before=before) for digest in orphans(before=before))
    yield good(f"{gone} files that no row names were taken away")


def _guarded(check: Check, cure: str) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:  # whatever it is, the other checks go on
        name = check.__name__.replace("_", " ")
        what = str(error).strip().partition("\n")[0] or type(error).__name__
        yield bad(f"{name}: {what}", "nobody can tell how it is", cure)
