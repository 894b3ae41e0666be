"""Comfort at the desk: saved filters, phrases, export, paper, handover, and counts that keep up."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.faces.console import export
from gezhi.foundation.audit.models import AuditEntry
from gezhi.work.cases.models import Case
from gezhi.work.cases.perform import perform
from gezhi.work.desk import queries
from gezhi.work.desk.models import HandoverNote, Phrase, SavedFilter
from gezhi.work.desk.services import add_phrase
from tests.faces.calling import signed_in
from tests.town import START, Town

NOW = START + timedelta(hours=1)
PAGES = {
    "/desk/filters/": (),
    "/desk/phrases/": (),
    "/desk/keys/": (),
    "/desk/live/": (),
    "/desk/cases/many/": (),
    "/desk/cases/export.csv": (),
    "/desk/cases/export.xlsx": (),
    "/desk/handover/": ("worker", "handler", "appraiser", "admin"),  # who works in no shifts
}
PEOPLE = ("worker", "clerk", "dispatcher", "handler", "leader", "appraiser", "admin")


pytestmark = pytest.mark.usefixtures("an_hour_later")


def body(answer: HttpResponseBase) -> bytes:
    return b"".join(answer)  # type: ignore[call-overload,no-any-return]


# -- who opens what


@pytest.mark.parametrize("page", PAGES)
def test_who_opens_the_pages_of_the_desk(page: str, town: Town) -> None:
    for name in PEOPLE:
        expected = 403 if name in PAGES[page] else 200
        answer = signed_in(town, name).get(page)
        body(answer)  # a spreadsheet holds a file open until it is read
        assert answer.status_code == expected, name
    assert Client().get(page)["Location"].startswith("/accounts/login/?next=/desk/")


def test_what_is_anothers_is_not_there(town: Town) -> None:
    clerk, other = signed_in(town, "clerk"), signed_in(town, "outsider")
    case = town.report()
    clerk.post("/desk/filters/new/", {"name": "甲", "words": "stage=overdue"})
    clerk.post("/desk/handover/", {"desk": desk_of(clerk), "since": "2026-03-02T08:00", "text": "好"})
    kept, note = SavedFilter.objects.get(), HandoverNote.objects.get()
    phrase = add_phrase(actor=town.actor("clerk"), at=NOW, text="好")
    assert other.post(f"/desk/filters/{kept.pk}/", {"do": "drop"}).status_code == 404
    assert other.post(f"/desk/phrases/{phrase.pk}/", {"do": "drop"}).status_code == 404
    assert other.post(f"/desk/phrases/{phrase.pk}/", {"text": "坏"}).status_code == 404
    assert other.get(f"/desk/handover/{note.pk}/").status_code == 404
    assert other.post(f"/desk/handover/{note.pk}/confirm/").status_code == 404
    assert other.get(f"/desk/cases/{case.number}/print/").status_code == 404
    assert SavedFilter.objects.exists() and Phrase.objects.exists()


# -- saved filters


def test_a_filter_is_kept_and_stands_above_the_list(town: Town) -> None:
    client = signed_in(town, "clerk")
    words = {"stage": "overdue", "matter": "event", "q": "青禾街", "area": "420599001001"}
    shown = client.get("/desk/cases/", words).context["saved"]
    assert dict(pair.split("=") for pair in shown.words.split("&")).keys() == words.keys()
    answer = client.post("/desk/filters/new/", {"name": "甲社区超期", "words": shown.words}, follow=True)
    (chip,) = answer.context["saved"].chips
    assert (chip.name, chip.on) == ("甲社区超期", True)
    assert answer.context["saved"].words == ""
    assert answer.context["query"] == "青禾街"
    elsewhere = client.get("/desk/cases/?stage=all").context["saved"]
    assert not elsewhere.chips[0].on


def test_a_name_used_already_is_said_and_the_filter_stays_on_screen(town: Town) -> None:
    client = signed_in(town, "clerk")
    client.post("/desk/filters/new/", {"name": "甲", "words": "stage=overdue"})
    again = client.post("/desk/filters/new/", {"name": "甲", "words": "stage=closed"}, follow=True)
    assert "已有同名的筛选" in again.content.decode()
    assert again.context["stage"] == "closed"
    assert SavedFilter.objects.count() == 1


def test_the_list_opens_with_the_filter_chosen_for_it(town: Town) -> None:
    client = signed_in(town, "clerk")
    client.post("/desk/filters/new/", {"name": "甲", "words": "stage=closed&order=new"})
    kept = SavedFilter.objects.get()
    assert client.get("/desk/cases/").status_code == 200
    client.post(f"/desk/filters/{kept.pk}/", {"do": "open"})
    assert client.get("/desk/cases/")["Location"] == "/desk/cases/?order=new&stage=closed"
    assert client.get("/desk/cases/?stage=all").status_code == 200
    client.post(f"/desk/filters/{kept.pk}/", {"do": "plain"})
    assert client.get("/desk/cases/").status_code == 200


def test_filters_are_named_anew_moved_and_deleted(town: Town) -> None:
    client = signed_in(town, "clerk")
    for name in "甲乙":
        client.post("/desk/filters/new/", {"name": name, "words": f"q={name}"})
    second = SavedFilter.objects.get(name="乙")
    client.post(f"/desk/filters/{second.pk}/", {"do": "up"})
    client.post(f"/desk/filters/{second.pk}/", {"do": "rename", "name": "丙"})
    assert [one.name for one, _url in client.get("/desk/filters/").context["kept"]] == ["丙", "甲"]
    assert client.post(f"/desk/filters/{second.pk}/", {"do": "dance"}).status_code == 404
    client.post(f"/desk/filters/{second.pk}/", {"do": "drop"})
    assert [one.name for one, _url in client.get("/desk/filters/").context["kept"]] == ["甲"]


# -- phrases


def test_phrases_wait_under_the_text_of_an_act_and_of_many(town: Town) -> None:
    case = town.drive(town.report(), "file")
    client = signed_in(town, "clerk")
    said = {"text": "已核实，请尽快处理", "act": "", "short": "ks", "area": town.areas["420599001"].pk}
    assert client.post("/desk/phrases/", said).status_code == 302
    form = client.get(f"/desk/cases/{case.number}/do/raise/").content.decode()
    assert 'data-phrase="已核实，请尽快处理" data-short="ks"' in form
    many = client.get("/desk/cases/many/", {"act": "raise", "case": case.number}).content.decode()
    assert 'data-phrase="已核实，请尽快处理"' in many
    handler = signed_in(town, "handler").get("/desk/phrases/").content.decode()
    assert "已核实，请尽快处理" in handler  # of a street inside the agency's district
    assert "/desk/phrases/1/" not in handler


def test_a_phrase_with_a_mistake_comes_back_as_typed(town: Town) -> None:
    client = signed_in(town, "clerk")
    wrong = client.post("/desk/phrases/", {"text": "好的", "short": "a b"})
    assert wrong.status_code == 422
    assert "好的" in wrong.content.decode()
    nowhere = client.post("/desk/phrases/", {"text": "给大家", "area": "9" * 5000})
    assert (nowhere.status_code, Phrase.objects.count()) == (422, 0)
    phrase = add_phrase(actor=town.actor("clerk"), at=NOW, text="好")
    changed = client.post(f"/desk/phrases/{phrase.pk}/", {f"p{phrase.pk}-text": " "})
    assert changed.status_code == 422
    client.post(f"/desk/phrases/{phrase.pk}/", {f"p{phrase.pk}-text": "很好", f"p{phrase.pk}-short": "hh"})
    assert Phrase.objects.get().text == "很好"
    client.post(f"/desk/phrases/{phrase.pk}/", {"do": "drop"})
    assert not Phrase.objects.exists()


# -- export


def rows_of(client: Client, **words: str) -> list[list[str]]:
    text = body(client.get(f"/desk/cases/export.csv?{urlencode(words)}")).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_list_leaves_as_csv_with_the_columns_of_its_language(town: Town) -> None:
    one = town.drive(town.report(grid=1), "dispatch")
    town.report("inspector", grid=3)
    client = signed_in(town, "clerk")
    raw = body(client.get("/desk/cases/export.csv?stage=sign"))
    assert raw.startswith(b"\xef\xbb\xbf")
    head, *rows = rows_of(client, stage="sign")
    assert head[:2] == ["编号", "状态"]
    assert [row[0] for row in rows] == [one.number]
    assert "测试环卫所" in rows[0]
    assert rows[0][head.index("上报时间")] == "2026-03-02 09:00"
    english = client.get("/desk/cases/export.csv?stage=sign", headers={"Accept-Language": "en"})
    assert body(english).decode("utf-8-sig").startswith("Number,State,")
    assert len(rows_of(client, stage="all")) == 3
    assert len(rows_of(client, stage="all", area="420599001002")) == 2


def test_no_cell_is_a_formula(town: Town) -> None:
    nasty = '=HYPERLINK("http://x","点我")'
    town.report(description=nasty, address="+86")
    client = signed_in(town, "clerk")
    (head, row) = rows_of(client, stage="all")
    assert row[head.index("问题描述")] == f"'{nasty}"
    assert row[head.index("位置")] == "'+86"
    sheet = unpacked(client.get("/desk/cases/export.xlsx?stage=all"))
    assert "<f>" not in sheet
    assert "HYPERLINK" in sheet


def unpacked(answer: HttpResponseBase) -> str:
    with zipfile.ZipFile(io.BytesIO(body(answer))) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def test_a_spreadsheet_holds_the_same_cases(town: Town) -> None:
    cases = [town.report(description=f"第 {n} 件") for n in range(3)]
    answer = signed_in(town, "clerk").get("/desk/cases/export.xlsx?stage=all")
    assert "attachment" in answer["Content-Disposition"]
    sheet = unpacked(answer)
    assert all(case.number in sheet for case in cases)
    assert "编号" in sheet


def test_nobody_exports_what_they_do_not_see(town: Town) -> None:
    item = town.conditions["rubbish"].item
    item.sealed = True
    item.save()
    case = town.drive(town.report(description="家里的事"), "file")
    clerk, inspector = signed_in(town, "clerk"), signed_in(town, "inspector")
    assert "家里的事" in str(rows_of(clerk, stage="all"))
    veiled = rows_of(inspector, stage="all")
    assert case.number in str(veiled)
    assert "家里的事" not in str(veiled)
    assert "家里的事" not in unpacked(inspector.get("/desk/cases/export.xlsx?stage=all"))
    assert len(rows_of(signed_in(town, "outsider"), stage="all")) == 1


def test_a_long_list_is_cut_and_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "EXPORTED", 2)
    for n in range(3):
        town.report(description=f"第 {n} 件")
    client = signed_in(town, "clerk")
    _head, *rows = rows_of(client, stage="all")
    assert len(rows) == 3
    assert "前 2 件" in rows[-1][0]
    assert "前 2 件" in unpacked(client.get("/desk/cases/export.xlsx?stage=all"))


def test_an_export_is_on_record_with_its_filter(town: Town) -> None:
    town.report()
    body(signed_in(town, "clerk").get("/desk/cases/export.csv?stage=intake&q=青禾"))
    entry = AuditEntry.objects.get(act="export_cases")
    assert entry.actor_id == str(town.users["clerk"].pk)
    assert entry.detail["rows"] == 1
    assert entry.detail["filter"]["q"] == "青禾"


def test_an_export_asks_no_more_for_many_cases_than_for_few(town: Town) -> None:
    client = signed_in(town, "clerk")

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            rows_of(client, stage="all")
        return len(seen)

    town.report()
    few = asked()
    for n in range(6):
        town.drive(town.report(description=f"第 {n} 件"), "dispatch")
    assert asked() == few


# -- paper


def test_a_case_on_paper_tells_all_but_the_contact(town: Town) -> None:
    case, _code = town.resident_report()
    perform(
        "file",
        case.pk,
        actor=town.actor("clerk"),
        at=NOW,
        data={"condition": town.conditions["rubbish"].pk, "text": "已核对"},
    )
    page = signed_in(town, "clerk").get(f"/desk/cases/{case.number}/print/").content.decode()
    assert "楼下垃圾没人清" in page
    assert page.index("上报") < page.index("已核对")
    assert "承办人" in page
    for secret in ("00000000001", "甲居民"):
        assert secret not in page


def test_sealed_words_stay_sealed_on_paper(town: Town) -> None:
    item = town.conditions["rubbish"].item
    item.sealed = True
    item.save()
    case = town.drive(town.report(description="家里的事"), "file")
    page = signed_in(town, "inspector").get(f"/desk/cases/{case.number}/print/").content.decode()
    assert case.number in page
    assert "家里的事" not in page
    assert "/case-photo/" not in page


@pytest.mark.parametrize("until", ["file", "dispatch", "sign", "report_result", "verify"])
def test_cases_at_every_stage_have_their_paper(until: str, town: Town) -> None:
    case = town.drive(town.report(), until)
    assert signed_in(town, "leader").get(f"/desk/cases/{case.number}/print/").status_code == 200


# -- handover


def desk_of(client: Client) -> str:
    return str(client.get("/desk/handover/").context["place"].key)


def test_a_shift_hands_over_and_the_next_confirms(town: Town) -> None:
    town.report()
    clerk = signed_in(town, "clerk")
    said = {"desk": desk_of(clerk), "since": "2026-03-02T08:00", "text": "井盖要盯紧"}
    page = clerk.post("/desk/handover/", said, follow=True)
    note = HandoverNote.objects.get()
    assert "井盖要盯紧" in page.content.decode()
    assert not page.context["may_confirm"]
    town.give_post("inspector", "desk_clerk", "420599001")
    following = signed_in(town, "inspector")
    assert "还没有人确认" in following.get("/desk/").content.decode()
    assert following.get("/desk/handover/").context["waiting"] == note
    assert following.get(f"/desk/handover/{note.pk}/").context["may_confirm"]
    assert clerk.post(f"/desk/handover/{note.pk}/confirm/").status_code == 403
    following.post(f"/desk/handover/{note.pk}/confirm/")
    note.refresh_from_db()
    assert note.read_by == town.users["inspector"]
    assert "已在" in clerk.get(f"/desk/handover/{note.pk}/").content.decode()
    assert following.post(f"/desk/handover/{note.pk}/confirm/").status_code == 409
    assert following.get("/desk/").context["handed"] is None


def test_a_shift_that_has_not_begun_keeps_the_words(town: Town) -> None:
    clerk = signed_in(town, "clerk")
    said = {"desk": desk_of(clerk), "since": "2026-03-02T23:00", "text": "井盖要盯紧"}
    for since in ("2026-03-02T23:00", "", "never", "0001-01-01T00:00"):
        answer = clerk.post("/desk/handover/", {**said, "since": since})
        assert answer.status_code == 422
        assert "井盖要盯紧" in answer.content.decode()
    assert not HandoverNote.objects.exists()


def test_a_note_waits_on_the_first_page_however_many_came_after(town: Town) -> None:
    clerk = signed_in(town, "clerk")
    said = {"desk": desk_of(clerk), "since": "2026-03-02T08:00", "text": "井盖要盯紧"}
    clerk.post("/desk/handover/", said)
    waiting = HandoverNote.objects.get()
    town.give_post("inspector", "desk_clerk", "420599001")
    following = signed_in(town, "inspector")
    for _n in range(31):  # more than either page lists
        following.post("/desk/handover/", said)
    assert following.get("/desk/").context["handed"] == waiting
    assert following.get("/desk/handover/").context["waiting"] == waiting


def test_all_emergencies_of_a_shift_are_counted_though_only_the_newest_are_listed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_EMERGENCIES", 1)
    for grid in (1, 2):
        said = {"condition": town.conditions["cover"].pk}
        perform("file", town.report(grid=grid).pk, actor=town.actor("clerk"), at=NOW, data=said)
    clerk = signed_in(town, "clerk")
    clerk.post("/desk/handover/", {"desk": desk_of(clerk), "since": "2026-03-02T08:00", "text": ""})
    note = HandoverNote.objects.get()

    def counted(page: str) -> tuple[int, int]:
        shown = clerk.get(f"/desk/handover/{page}").context
        figures = {one.words: one.number for one in shown["figures"]}
        return figures["本班紧急事件"], len(shown["emergencies"])

    assert counted("") == counted(f"{note.pk}/") == (2, 1)
    del note.counts["urgent"]  # as notes were kept before
    note.save()
    assert counted(f"{note.pk}/") == (1, 1)


def test_a_note_keeps_the_numbers_of_its_moment(town: Town) -> None:
    case = town.report()
    clerk = signed_in(town, "clerk")
    clerk.post("/desk/handover/", {"desk": desk_of(clerk), "since": "2026-03-02T08:00", "text": ""})
    town.drive(case, "dispatch")
    note = HandoverNote.objects.get()
    figures = {one.words: one.number for one in clerk.get(f"/desk/handover/{note.pk}/").context["figures"]}
    assert (figures["待受理"], figures["待签收"], figures["本班上报"]) == (1, 0, 1)
    now = {one.words: one.number for one in clerk.get("/desk/handover/").context["figures"]}
    assert (now["待受理"], now["待签收"]) == (0, 1)


# -- counts that keep up


def live(client: Client, address: str = "/desk/live/", tag: str = "") -> Any:
    return client.get(address, headers={"If-None-Match": tag} if tag else {})


def test_counts_are_told_only_when_they_changed(town: Town) -> None:
    client = signed_in(town, "clerk")
    town.report()
    address = str(client.get("/desk/cases/?stage=intake").context["live_url"])
    first = live(client, address)
    counts = json.loads(first.content)["counts"]
    assert (counts["tab:intake"], counts["tab:dispatch"], counts["rail:cases"]) == ("1", "0", "1")
    assert "tab:all" not in counts
    same = live(client, address, first["ETag"])
    assert (same.status_code, same.content) == (304, b"")
    town.report("inspector", grid=3)
    changed = live(client, address, first["ETag"])
    assert json.loads(changed.content)["counts"]["tab:intake"] == "2"


def test_live_counts_are_those_of_the_page(town: Town) -> None:
    for n, until in enumerate(("file", "dispatch", "sign", "report_result")):
        town.drive(town.report(description=f"第 {n} 件"), until)
    client = signed_in(town, "clerk")
    page = client.get("/desk/cases/?stage=mine&q=青禾")
    counts = json.loads(live(client, str(page.context["live_url"])).content)["counts"]
    shown = {code: str(count) for code, _label, count, *_rest in page.context["tabs"]}
    told = {key.removeprefix("tab:"): count for key, count in counts.items() if key.startswith("tab:")}
    assert {code: shown[code] for code in told if code in shown} == {c: told[c] for c in told if c in shown}
    assert {"mine", "intake", "dispatch", "sign", "overdue"} <= told.keys()


def test_asking_for_counts_is_cheap(town: Town) -> None:
    for n in range(5):
        town.report(description=f"第 {n} 件")
    client = signed_in(town, "clerk")
    address = str(client.get("/desk/cases/?stage=intake").context["live_url"])
    tag = live(client, address)["ETag"]
    with CaptureQueriesContext(connection) as seen:
        assert live(client, address, tag).status_code == 304
    assert len(seen) <= 10, [query["sql"][:120] for query in seen]
    assert Case.objects.count() == 5
