"""What one looks at oneself before asking, by kind of service. The answers travel along with the request."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHECKS: dict[str, tuple[tuple[str, Promise | str], ...]] = {
    "hosting": (
        ("other_network", _("It fails from another network or telephone, too")),
        ("changed_nothing", _("Nothing was changed on the site shortly before")),
        ("log_read", _("I have looked into the error log")),
    ),
    "domain": (
        ("paid", _("The domain is paid for")),
        ("ns_known", _("I know at whose name servers it is")),
        ("waited_a_day", _("More than a day has passed since the last change of DNS")),
    ),
    "certificate": (
        ("other_browser", _("Another browser shows the same")),
        ("dns_is_ours", _("The DNS of the domain is hosted with you")),
    ),
    "server": (
        ("ping", _("The server answers to ping")),
        ("console", _("I have looked at the console in the panel")),
        ("restarted", _("I have restarted it")),
    ),
}
