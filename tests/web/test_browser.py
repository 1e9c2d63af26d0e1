"""The desk in a real browser: what only scripts do."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from staff.models import StaffProfile
from tests.cast import ANNA, NOW, letter, origin, person, vouched
from tests.web.conftest import sign_in_with
from tickets.models import AskList, Draft, Message, Note, Ticket
from tickets.services.intake import receive

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


LANGUAGE = {"locale": "en-GB"}
TYPED = {
    "Period": "ю",
    "KeyI": "ш",
    "KeyO": "щ",
    "KeyM": "ь",
    "KeyC": "с",
    "Slash": ".",
    "KeyN": "т",
    "KeyR": "к",
    "KeyP": "з",
    "KeyS": "ы",
    "KeyA": "ф",
    "KeyF": "а",
    "KeyG": "п",
    "Digit1": "1",
}


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Page:
    person("agent1", "agent", "first-line")
    receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    page = browser.new_page(**LANGUAGE)
    sign_in_with(page, live_server.url, "agent1")
    return page


def test_an_agent_answers_with_the_keyboard_alone_in_any_layout(page: Page):
    page.keyboard.press("Period")
    page.keyboard.press("Enter")
    page.wait_for_selector("#timeline")
    page.wait_for_load_state("load")
    page.keyboard.press("KeyR")
    page.keyboard.type("We look into it")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Reply is on its way.")
    assert Message.objects.get(author="agent").text.startswith("We look into it")


def test_a_list_to_ask_for_comes_into_the_reply_without_a_reload_and_into_its_draft(page: Page):
    AskList.objects.all().delete()
    AskList.objects.create(
        name_ru="Сайт", name_en="Site", lines_ru="Адрес\nСнимок [файл]", lines_en="Address\nShot [file]"
    )
    Ticket.objects.update(language="en")
    page.click(".row__subj a")
    page.wait_for_selector("#timeline")
    page.wait_for_load_state("load")
    page.keyboard.press("KeyR")
    page.keyboard.type("Please tell us")
    page.click("text=Ask for data")
    page.fill("#asks", "Address")
    page.get_by_role("button", name="Take in").press("Enter")
    assert page.input_value("#asks") == "Address\nShot [file]"
    expect(page.locator("#asks")).to_be_focused()
    page.wait_for_selector("#reply [data-saved]:not(:empty)")
    draft = Draft.objects.get(mode="reply")
    assert (draft.text, draft.beside["asks"]) == ("Please tell us", "Address\nShot [file]")


def test_a_draft_is_on_the_server_a_few_seconds_after_typing_and_back_after_reloading(page: Page):
    page.click(".row__subj a")
    page.wait_for_selector("#timeline")
    page.wait_for_load_state("load")
    page.keyboard.press("KeyN")
    page.keyboard.type("half a thought")
    page.wait_for_selector("#note [data-saved]:not(:empty)")
    assert Draft.objects.get(mode="note").text == "half a thought"
    page.reload()
    assert page.input_value("#text-note") == "half a thought"
    assert page.input_value("#text-reply") == ""


@pytest.mark.parametrize("width", [390, 1440])
def test_without_scripts_the_conversation_and_the_customer_can_be_read(page: Page, browser: Browser, width: int):
    number = Ticket.objects.get().number
    plain = browser.new_context(
        **LANGUAGE, java_script_enabled=False, viewport={"width": width, "height": 800},
        storage_state=page.context.storage_state(),
    ).new_page()  # fmt: skip
    plain.goto(page.url.split("/desk/")[0] + f"/desk/tickets/{number}/")
    plain.get_by_text("About this letter").click()
    plain.locator(".pane-b").get_by_text("Identification").click()


def test_the_theme_stays_after_reloading(page: Page):
    page.click("[data-theme-toggle]")
    chosen = page.get_attribute("html", "data-theme")
    page.reload()
    assert page.get_attribute("html", "data-theme") == chosen


def press_in_russian(page: Page, code: str, *, shift: bool = False) -> None:
    """The key at this place while the layout is Russian: the place is the same, the letter is not."""
    typed = "," if shift else TYPED[code]
    keyboard = page.context.new_cdp_session(page)
    event = {"code": code, "key": typed, "modifiers": 8 if shift else 0}
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": typed, **event})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})


def open_first(page: Page) -> None:
    page.click(".row__subj a")
    page.wait_for_selector("#timeline")
    page.wait_for_load_state("load")


def test_the_keys_work_by_their_place_in_the_russian_layout(page: Page):
    press_in_russian(page, "Slash")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    press_in_russian(page, "Period")
    expect(page.locator(".is-cursor a")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_selector("#timeline")
    page.wait_for_load_state("load")
    press_in_russian(page, "KeyN")
    expect(page.locator("#text-note")).to_be_focused()
    page.keyboard.press("Escape")
    press_in_russian(page, "KeyR")
    expect(page.locator("#text-reply")).to_be_focused()
    page.keyboard.press("Escape")
    press_in_russian(page, "KeyS")
    expect(page.locator("[data-key=KeyS] button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-key=KeyS] summary")).to_be_focused()
    press_in_russian(page, "KeyA")
    page.wait_for_selector("text=The ticket is yours.")
    page.wait_for_load_state("load")
    press_in_russian(page, "KeyG")
    press_in_russian(page, "Digit1")
    page.wait_for_selector("#list")


def test_the_help_lists_keys_and_switches_them_off(page: Page):
    press_in_russian(page, "Slash", shift=True)
    keys = page.locator("#keys kbd").all_inner_texts()
    assert set(keys) == set("./13?ABCDEFGIJKLMNOPRSTXZ") | {"Enter", "Esc", "Ctrl K", "Ctrl Enter", "Ctrl Shift Enter"}
    page.click("text=Switch them off")
    page.wait_for_selector("html[data-keys=off]")
    page.wait_for_load_state("load")
    page.keyboard.press("Period")
    assert not page.locator(".is-cursor").count()


def test_sending_and_opening_the_next_ticket_is_one_key(page: Page):
    second = receive(letter(subject="Second", message_id="2@x"), origin=origin(), now=NOW + timedelta(minutes=5))
    open_first(page)
    page.keyboard.press("KeyA")
    page.wait_for_selector("text=The ticket is yours.")
    page.wait_for_load_state("load")
    page.keyboard.press("KeyR")
    page.keyboard.type("Done")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_url(f"**/{second.ticket_number}/")


def test_the_list_beside_the_ticket_is_the_one_the_agent_came_from(page: Page):
    receive(letter(subject="Second", message_id="2@x"), origin=origin(), now=NOW + timedelta(minutes=5))
    page.goto(page.url + "?view=unassigned")
    page.keyboard.press("KeyJ")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-place]:has-text('1 of 2')")
    assert page.inner_text("[data-back]") == "Nobody's yet"
    page.keyboard.press("KeyJ")
    page.wait_for_selector("h1:has-text('Second')")
    page.wait_for_selector("[data-place]:has-text('2 of 2')")
    page.keyboard.press("KeyK")
    page.wait_for_selector("[data-place]:has-text('1 of 2')")


def test_a_ticket_opened_from_elsewhere_stands_in_the_list_of_its_queue(page: Page, live_server: LiveServer):
    other = receive(letter(subject="Second", message_id="2@x"), origin=origin(), now=NOW + timedelta(minutes=5))
    Ticket.objects.filter(pk=other.ticket_id).update(assignee=StaffProfile.objects.get())
    page.goto(f"{live_server.url}/desk/?view=unassigned")
    page.wait_for_selector("#list")
    page.goto(f"{live_server.url}/desk/tickets/{other.ticket_number}/")
    page.wait_for_selector("[data-place]:has-text('2 of 2')")
    assert page.inner_text("[data-back]") == page.inner_text("#mini h2") == Ticket.objects.first().queue.name_en
    page.keyboard.press("KeyK")
    page.wait_for_selector("[data-place]:has-text('1 of 2')")
    assert page.inner_text("[data-back]") == Ticket.objects.first().queue.name_en


def test_a_ticket_that_leaves_the_list_it_was_opened_from_leaves_the_list_beside(page: Page):
    receive(letter(subject="Second", message_id="2@x"), origin=origin(), now=NOW + timedelta(minutes=5))
    page.goto(page.url + "?view=unassigned")
    page.keyboard.press("KeyJ")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-place]:has-text('1 of 2')")
    page.keyboard.press("KeyA")
    page.wait_for_selector("[data-place][hidden]", state="attached")
    page.wait_for_selector("#mini .badge:has-text('1')", state="attached")
    assert page.inner_text("[data-back]") == "Nobody's yet"
    page.keyboard.press("KeyJ")
    page.wait_for_selector("h1:has-text('Second')")


def test_a_file_is_pasted_into_the_reply_and_goes_out_with_it(page: Page):
    open_first(page)
    page.keyboard.press("KeyR")
    page.evaluate(
        """() => {
            const clip = new DataTransfer();
            clip.items.add(new File(["steps"], "план.txt", { type: "text/plain" }));
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clip, bubbles: true }));
        }"""
    )
    page.wait_for_selector("#reply .att:has-text('план.txt')")
    page.keyboard.type("See the plan")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".msg--agent .att:has-text('план.txt')")


def test_the_list_is_narrowed_to_the_words_typed(page: Page):
    receive(letter(subject="Ёлки на сайте", message_id="2@x"), origin=origin(), now=NOW)
    page.reload()
    page.fill("#q", "елки")
    expect(page.locator("tr[data-row]:visible")).to_have_count(1)
    page.fill("#q", "nothing like it")
    expect(page.locator("text=Nothing found on this page")).to_be_visible()
    page.press("#q", "Enter")
    page.wait_for_url("**/desk/search/?q=nothing+like+it")


def test_without_scripts_the_desk_is_forms(browser: Browser, live_server: LiveServer):
    person("agent1", "agent", "first-line")
    receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    page = browser.new_context(java_script_enabled=False, **LANGUAGE).new_page()
    sign_in_with(page, live_server.url, "agent1")
    page.fill("#q", "nothing like it")
    page.press("#q", "Enter")
    expect(page.locator("#q")).to_have_value("nothing like it")
    page.goto(f"{live_server.url}/desk/")
    page.click(".qbar summary:has-text('Filter')")
    page.select_option(".qbar [name=assignee]", "nobody")
    page.click(".qbar button:has-text('Show')")
    page.click(".row__subj a")
    page.click("button:has-text('Take it')")
    expect(page.locator("text=The ticket is yours.")).to_be_visible()
    page.set_input_files("#reply input[type=file]", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"})
    page.fill("#text-reply", "We look into it")
    page.click("button:has-text('Send to customer')")
    expect(page.locator(".msg--agent:has-text('We look into it') .att")).to_be_visible()
    page.fill("#text-note", "Only us")
    page.click("button:has-text('Save the note')")
    expect(page.locator(".msg--note:has-text('Only us')")).to_be_visible()
    page.click("[data-key=KeyS] summary")
    page.click("[data-key=KeyS] button:has-text('Resolved')")
    expect(page.locator("text=State changed.")).to_be_visible()


def test_a_reply_is_taken_back_from_the_next_ticket_while_the_seconds_run(page: Page):
    receive(letter(subject="Второе", facts=vouched(ANNA)), origin=origin(), now=NOW + timedelta(minutes=1))
    page.click(".row__subj a")
    page.wait_for_selector("#timeline")
    page.wait_for_load_state("load")
    first = page.url
    page.keyboard.press("KeyR")
    page.keyboard.type("Too early")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_url(lambda url: url != first and "/tickets/" in url)
    page.click(".toast[data-undo] button:has-text('Undo')")
    page.wait_for_selector("text=Taken back")
    assert page.url.split("#")[0] == first
    assert page.input_value("#text-reply") == "Too early"


def test_the_marked_words_are_quoted_and_a_draft_keeps_recipients(page: Page):
    open_first(page)
    page.evaluate(
        """() => { const text = document.querySelector('article [data-text] p').firstChild;
        const range = document.createRange(); range.setStart(text, 0); range.setEnd(text, 8);
        getSelection().removeAllRanges(); getSelection().addRange(range); }"""
    )
    page.click("[data-quote]")
    assert page.input_value("#text-reply") == "> Помогите\n\n"
    page.keyboard.type("Yes")
    page.click(".cc summary")
    page.fill("#cc", "noc@upstream.example")
    page.wait_for_selector("#reply [data-saved]:not(:empty)")
    expect(page.locator("#reply [data-saved]")).to_have_text("Draft saved")
    page.reload()
    assert page.input_value("#text-reply") == "> Помогите\n\nYes"
    expect(page.locator("[data-answers]")).to_be_visible()


def test_what_comes_while_one_types_is_told_and_read_before_sending(page: Page):
    open_first(page)
    page.keyboard.press("KeyR")
    page.keyboard.type("Long thought")
    first = Message.objects.get(direction="in")
    receive(letter(text="Уже не надо", facts=vouched(ANNA), in_reply_to=(first.message_id,)), origin=origin(), now=NOW)
    page.evaluate(
        """() => fetch(location.pathname, { headers: { 'X-Region': 'ticket' } }).then((a) => a.text()).then((html) => {
        const fresh = new DOMParser().parseFromString(html, 'text/html'), old = document.querySelector('#timeline');
        const known = new Set([...old.querySelectorAll('article[id]')].map((el) => el.id));
        old.innerHTML = fresh.querySelector('#timeline').innerHTML;
        const came = [...old.querySelectorAll('article[id]')].map((el) => el.id).filter((id) => !known.has(id));
        document.dispatchEvent(new CustomEvent('desk:refreshed', { detail: new Set(came) })); })"""
    )
    expect(page.locator("[data-meanwhile]")).to_be_visible()
    page.click("[data-meanwhile-seen]")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Reply is on its way.")


def test_two_windows_of_one_person_lose_neither_text(page: Page):
    open_first(page)
    page.keyboard.press("KeyR")
    page.keyboard.type("from here")
    other = page.context.browser.new_context(storage_state=page.context.storage_state(), **LANGUAGE).new_page()
    other.goto(page.url)
    other.fill("#text-reply", "from there")
    other.locator("#text-reply").blur()
    expect(other.locator("#reply [data-saved]")).to_have_text("Draft saved")
    page.locator("#text-reply").blur()
    expect(page.locator("#reply [data-conflict]")).to_contain_text("from there")
    page.click("#reply [data-conflict-join]")
    expect(page.locator("#reply [data-saved]")).to_have_text("Draft saved")
    assert Draft.objects.get().text == "from here\n\nfrom there"


def test_a_ticket_is_begun_with_the_keyboard_alone_in_any_layout(page: Page):
    press_in_russian(page, "KeyC")
    page.wait_for_selector("#to:focus")
    page.keyboard.type("annahost")
    page.click("label:has-text('Without a letter')")
    page.fill("#subject", "He rang")
    page.fill("#text", "Asks about the price")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=The ticket is begun.")
    assert Note.objects.get().text == "Asks about the price"


@pytest.mark.parametrize("layout", ["English", "Russian"])
def test_a_ticket_is_followed_and_left_by_one_key(page: Page, layout: str) -> None:
    open_first(page)
    for followers in ([StaffProfile.objects.get().pk], []):
        with page.expect_navigation():
            page.keyboard.press("KeyF") if layout == "English" else press_in_russian(page, "KeyF")
        assert Ticket.objects.get().followers == followers
        page.wait_for_selector(f"button[data-key=KeyF]:has-text('{'Unfollow' if followers else 'Follow'}')")


@pytest.mark.parametrize("layout", ["English", "Russian"])
def test_the_administrative_address_is_asked_by_a_key(page: Page, live_server: LiveServer, layout: str) -> None:
    ticket = Message.objects.latest("pk").ticket
    page.goto(f"{live_server.url}/desk/tickets/{ticket.number}/")
    with page.expect_navigation():
        page.keyboard.press("KeyP") if layout == "English" else press_in_russian(page, "KeyP")
    page.get_by_text("No administrative address is on file").wait_for()


def test_what_was_just_done_is_said_once_the_page_is_there(page: Page):
    page.click(".row__subj a")
    page.wait_for_selector("#timeline")
    expect(page.locator("#announce")).to_be_empty()
    page.keyboard.press("KeyA")
    expect(page.locator("#announce")).to_have_text("The ticket is yours.")


def test_rows_that_come_into_a_list_are_counted_aloud_unless_a_notice_has_told_of_them(page: Page):
    come = """() => document.dispatchEvent(new CustomEvent("desk:refreshed", {
        detail: new Set([document.querySelector("#list tr[data-row]").id]) }))"""
    page.evaluate("() => document.dispatchEvent(new CustomEvent('desk:lost'))")
    page.evaluate(come)
    page.evaluate(come)
    expect(page.locator("#announce")).to_have_text("1 new ticket in the list")


def test_whatever_appears_in_a_ticket_by_itself_stands_in_a_region_that_was_there_before(page: Page):
    page.click(".row__subj a")
    page.wait_for_selector("#timeline")
    for sign in ("[data-lost]", "[data-taken]", "[data-typing]", "#reply [data-meanwhile]", "#note [data-conflict]"):
        expect(page.locator(sign)).to_be_hidden(timeout=1000)
        shown = "(el) => getComputedStyle(el.closest('[role=status]')).display"
        assert page.locator(sign).evaluate(shown, timeout=1000) == "contents", sign


def test_nothing_moves_for_who_asked_for_stillness(page: Page):
    page.emulate_media(reduced_motion="reduce")
    page.click(".row__subj a")
    page.wait_for_selector("#timeline")
    moving = """() => [...document.querySelectorAll("*")].filter((el) => {
        const style = getComputedStyle(el);
        return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    }).map((el) => el.outerHTML.slice(0, 80))"""
    assert page.evaluate(moving) == []
