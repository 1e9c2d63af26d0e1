"""A running desk in a browser: what arrives is seen, a lost connection is told, nothing typed is lost."""

import os
import re
import signal
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from ops.demo.send import send
from ops.demo.zones import demo_keys
from tests.cast import ANNA
from tests.ops.whole_desk import Desk, Visitor, ready_desk, seeded
from tests.web.conftest import browser, chromium

__all__ = ["browser", "chromium"]  # its fixtures are ours

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ready_desk(seeded(tmp_path_factory.mktemp("desk"))) as desk:
        yield desk


def until_seen(other: Page, url: str, text: str) -> None:
    """Load `url` beside the page under test until the desk, just restarted, answers it with `text` in it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            other.goto(url)
        except Error:
            time.sleep(0.3)  # its web processes are still starting
            continue
        if other.locator(f".msg:has-text('{text}')").count():
            other.context.close()
            return
        time.sleep(0.3)
    raise AssertionError(f"{text!r} did not arrive within a minute")


def test_an_agent_sees_mail_arrive_and_the_connection_go_and_come_back(desk: Desk, browser: Browser):
    def write(subject: str, text: str) -> None:
        send("anna", subject=subject, text=text, keys=demo_keys(desk.data_dir), port=desk.smtp_port)

    page = browser.new_page(locale="ru-RU", viewport={"width": 1440, "height": 900})
    page.goto(f"{desk.site}/desk/")
    page.fill("#login", "agent1@staff.example")
    page.fill("#password", "demo-helpdesk")
    page.press("#password", "Enter")
    page.wait_for_selector("[data-live-on]:visible")

    write("Quite new", "Nothing works")
    page.click("a:has-text('Quite new')")

    page.wait_for_selector("[data-live-on]:visible")
    number = page.inner_text(".conv__meta .no")
    write(f"Re: [{number}] Quite new", "one more line\n\n" * 30)
    page.wait_for_selector(".daysep--new:has-text('Новое с')")
    write(f"Re: [{number}] Quite new", "the last line")
    expect(page.locator("[data-arrivals]")).to_have_text("1 новое")
    assert page.evaluate("document.querySelector('#timeline').scrollTop") == 0
    page.click("[data-arrivals] button")
    expect(page.locator("text=the last line")).to_be_in_viewport()

    page.context.set_offline(True)
    for pid in [pid for pid, name in desk.running.everyone().items() if name.startswith("hd-web")]:
        os.kill(pid, signal.SIGKILL)
    page.wait_for_selector("text=Нет связи с сервером")
    page.fill("#text-reply", "typed without a connection")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reply [data-saved]")).to_contain_text("текст сохранён")
    write(f"Re: [{number}] Quite new", "meanwhile")
    until_seen(browser.new_context(storage_state=page.context.storage_state()).new_page(), page.url, "meanwhile")
    page.context.set_offline(False)
    page.wait_for_selector("text=Связь восстановлена. Нового за это время: 1")
    expect(page.locator("#reply [data-saved]")).to_have_text("Черновик сохранён")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Пока страница была открыта, пришло новое сообщение")
    page.wait_for_load_state("load")
    page.click("button:has-text('Всё равно отправить')")
    page.wait_for_selector("text=Ответ в пути")
    expect(page.locator(".msg--agent:has-text('typed without a connection')")).to_be_visible()


def sign_in(browser: Browser, desk: Desk, login: str) -> Page:
    """In a browser of his own."""
    page = browser.new_context(locale="ru-RU", viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{desk.site}/desk/")
    page.fill("#login", f"{login}@staff.example")
    page.fill("#password", "demo-helpdesk")
    page.press("#password", "Enter")
    page.wait_for_selector("[data-live-on]:visible")
    return page


def test_two_agents_at_a_ticket_see_each_other_whatever_happens_to_the_bus(desk: Desk, browser: Browser):
    agent, lead = sign_in(browser, desk, "agent1"), sign_in(browser, desk, "lead")
    agent.click(".row__subj a")
    agent.wait_for_selector("#timeline")
    lead.goto(agent.url)
    who, boss = (page.text_content(".topbar__end .menu__body strong") for page in (agent, lead))
    expect(agent.locator("[data-presence]")).to_contain_text(f"{boss} смотрит", timeout=30_000)
    expect(lead.locator("[data-presence]")).to_contain_text(f"{who} смотрит", timeout=30_000)

    agent.fill("#text-reply", "I look into it")
    expect(lead.locator("[data-typing]")).to_have_text(f"{who} пишет ответ", timeout=30_000)
    expect(lead.locator("[data-typing]")).to_be_hidden(timeout=30_000)

    bus = next(pid for pid, name in desk.running.everyone().items() if name.startswith("valkey"))
    os.kill(bus, signal.SIGSTOP)
    agent.keyboard.press("Escape")
    agent.keyboard.press("KeyN")
    agent.fill("#text-note", "The bus stands still")
    expect(agent.locator("#note [data-saved]")).to_have_text("Черновик сохранён", timeout=30_000)
    os.kill(bus, signal.SIGKILL)
    agent.click("#note .btn--note")
    lead.wait_for_selector(".msg--note:has-text('The bus stands still')", timeout=60_000)
    expect(lead.locator("[data-presence]")).to_contain_text(f"{who} смотрит", timeout=60_000)

    agent.click("[data-key=KeyA]")
    agent.wait_for_selector("[data-live-on]:visible")
    with agent.expect_response("**/notifications/news"):
        agent.click("[data-back]")
    lead.reload()
    lead.click("[data-set-mode=note]")
    lead.fill("#text-note", "Look once more")
    lead.click("#note .btn--note")
    expect(agent.locator("[data-bell-count]")).to_have_text("1", timeout=60_000)
    agent.click(".toast:has-text('Коллега оставил заметку') a")
    agent.wait_for_selector(".msg--note:has-text('Look once more')")
    expect(agent.locator("[data-bell-count]")).to_be_hidden(timeout=30_000)


def answers(agent: Visitor, number: str, text: str) -> None:
    page = agent.get(f"/desk/tickets/{number}/")[1]
    agent.fill_in(page, f"/desk/tickets/{number}/replies", mode="reply", text=text)


def test_an_answer_is_told_in_the_panel_and_shown_when_asked_and_the_end_of_the_session_too(
    desk: Desk, browser: Browser
):
    agent, elsewhere = Visitor(desk), Visitor(desk)
    agent.sign_in()
    page = browser.new_page(locale="en-GB", viewport={"width": 390, "height": 844})
    page.goto(f"{desk.site}/panel/login/")
    page.fill("[name=login]", ANNA)
    page.fill("[name=password]", "demo-helpdesk")
    page.click("form:has([name=password]) .btn--primary")
    page.click("#tickets .tlist a")
    number = re.sub(r"\D", "", page.inner_text(".crumbs .no"))
    page.fill("#text", "What I am typing")
    answers(agent, number, "The certificate is renewed")
    expect(page.locator("[data-news-note]")).to_be_visible(timeout=60_000)
    assert "The certificate is renewed" not in page.inner_text("#thread")
    page.click("[data-news-show]")
    expect(page.locator("#thread")).to_contain_text("The certificate is renewed")
    expect(page.locator("[data-news-note]")).to_be_hidden()
    expect(page.locator("#text")).to_have_value("What I am typing")
    expect(page.locator("#steps")).to_contain_text("Мы ответили")
    assert page.evaluate("document.activeElement.closest('article') !== null")

    where = page.url
    page.goto(f"{desk.site}/panel/")
    send("anna", subject="By letter", text="Nothing works", keys=demo_keys(desk.data_dir), port=desk.smtp_port)
    expect(page.locator("[data-news-note]")).to_be_visible(timeout=60_000)
    assert "By letter" not in page.inner_text("#tickets")
    page.click("[data-news-show]")
    expect(page.locator("#tickets")).to_contain_text("By letter")
    expect(page.locator("[data-news-note]")).to_be_hidden()
    page.goto(where)
    page.fill("#text", "What I am typing")

    elsewhere.fill_in(elsewhere.get("/panel/login/")[1], "/panel/login/", login=ANNA, password="demo-helpdesk")
    elsewhere.fill_in(elsewhere.get("/panel/me/")[1], "/panel/me/sessions/end")
    expect(page.locator("[data-news-over]")).to_be_visible(timeout=60_000)
    expect(page.locator("#text")).to_have_value("What I am typing")


def test_whoever_reads_a_ticket_is_seen_told_who_takes_it_and_out_at_once_when_blocked(desk: Desk, browser: Browser):
    desk.write("Read by one, taken by another")
    desk.wait_for_ticket("Read by one, taken by another")
    agent, lead = sign_in(browser, desk, "agent1"), sign_in(browser, desk, "lead")
    who, boss = (page.text_content(".topbar__end .menu__body strong") or "" for page in (agent, lead))
    agent.click("a:has-text('Read by one')")
    agent.wait_for_selector("#timeline")
    sign = lead.locator("[data-row]", has_text="Read by one").locator("[data-glimpse] b")
    expect(sign).to_have_text(who, timeout=30_000)
    lead.reload()
    expect(sign).to_have_text(who, timeout=30_000)

    lead.goto(agent.url)
    lead.click("button:has-text('На себя')")
    expect(agent.locator("[data-taken]")).to_have_text(f"Ответственный теперь {boss}", timeout=30_000)
    expect(lead.locator("[data-taken]")).to_be_hidden()

    admin = browser.new_context(locale="ru-RU").new_page()
    admin.goto(f"{desk.site}/setup/people/")
    admin.fill("#login", "admin@staff.example")
    admin.fill("#password", "demo-helpdesk")
    admin.press("#password", "Enter")
    admin.locator("li", has_text=who).get_by_role("button", name="Заблокировать").click()
    expect(agent.locator("[data-ended-words]")).to_be_visible(timeout=30_000)
