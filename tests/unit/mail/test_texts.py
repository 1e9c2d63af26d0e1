import time

import pytest

from channels_app.mail.html_text import text_of
from channels_app.mail.language import language_of

HTML = {
    "paragraphs": ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo\nlines"),
    "outlook divs": ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
    "white space": ("<p>  a\n  b\t<b> c</b> d&nbsp;e </p>", "a b c d e"),
    "entities": ("&lt;tag&gt; &amp; &#8212; &eacute;", "<tag> & — é"),
    "link": ('<a href="https://x.example/a">here</a> now', "here (https://x.example/a) now"),
    "link that shows itself": ('<a href="https://x.example/">x.example</a>', "x.example"),
    "mail link": ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
    "script link": ('<a href="javascript:x">here</a>', "here"),
    "bullets": ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
    "numbers": ("<ol><li>one<li>two</ol>", "1. one\n2. two"),
    "table": ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    "quote": ("new<blockquote>old<br>older</blockquote>", "new\n\n> old\n> older"),
    "hidden": ("<style>p{}</style><script>x</script><title>t</title>seen<!-- not -->", "seen"),
    "image": ('a <img src=x alt="logo"> b', "a [logo] b"),
    "preformatted": ("<pre>a\n  b</pre>", "a\n  b"),
    "broken": ("a < b <unknown>c</unknown> <", "a < b c <"),
    "style never closed": ("<style>seen", "seen"),
    "empty": ("", ""),
}


@pytest.mark.parametrize("name", HTML)
def test_html_becomes_readable_text(name):
    source, text = HTML[name]
    assert text_of(source) == text


@pytest.mark.parametrize(
    "source",
    ["<" * 500_000, "<a " * 200_000, "<!--" * 200_000, "<style>" * 100_000,
     "<blockquote>x" * 50_000, "<ul><li>x" * 50_000,
     "&" * 500_000, '<a href="x">y</a>' * 30_000, "<a href=" * 100_000],
    ids=["angles", "open tags", "comments", "styles", "quotes", "lists", "ampersands", "links", "attributes"],
)  # fmt: skip
def test_hostile_html_takes_linear_time(source):
    begin = time.thread_time()
    text_of(source)
    assert time.thread_time() - begin < 30


LANGUAGES = {
    "Здравствуйте, сайт не работает": "ru",
    "сайт annashop.example не открывается, ERR_CONNECTION_REFUSED": "ru",
    "Hello, my site is down": "en",
    "Please help with the invoice": "en",
    "Guten Tag, die Seite ist nicht erreichbar und ich kann mich nicht anmelden": "",
    "Bonjour, le site ne marche pas avec vous": "",
    "Добрий день, сайт не працює, її історія їде": "",
    "12345 +7 495 000-00-00": "",
    "https://example.com/the/is/for": "",
    "": "",
}


@pytest.mark.parametrize(("text", "language"), LANGUAGES.items())
def test_language_is_told_or_left_open(text, language):
    assert language_of(text) == language


def test_subject_tells_the_language_of_an_empty_letter():
    assert language_of("", "Не работает почта") == "ru"
