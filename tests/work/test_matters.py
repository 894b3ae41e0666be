"""The catalogue: packs are installed whole or not at all, versions are published and stay as they are."""

import csv
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import translation

from gezhi.foundation.actors.scope import SYSTEM, Actor, Seat
from gezhi.foundation.audit.errors import Invalid, NotAllowed, NotFound, Refused
from gezhi.foundation.audit.models import AuditEntry
from gezhi.foundation.clocks.rules import Limit, LimitKind, parse_limit
from gezhi.foundation.outbox.models import OutboxMessage
from gezhi.site.management.commands.pack import BUNDLED
from gezhi.work.matters import queries, services
from gezhi.work.matters.models import CatalogueVersion, Condition, Duty, MatterItem
from gezhi.work.matters.pack import read_pack

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = AT + timedelta(days=30)
DEMANDS = BUNDLED / "community_demands"
CITY = BUNDLED / "city_management"


def keeper() -> Actor:
    """Keeps the catalogue of the district."""
    grants = frozenset({"manage_catalogue"})
    seat = Seat(post_id=1, role="admin", grants=grants, sees="area", area_id=1, area_path="42/")
    return Actor(kind="user", ident="7", label="目录管理员", user_id=7, seats=(seat,))


def outsider() -> Actor:
    return Actor(kind="user", ident="8", label="路人", user_id=8)


@pytest.fixture
def chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the demands pack, to be spoilt."""
    return Path(shutil.copytree(DEMANDS, tmp_path / "community_demands"))


def change(folder: Path, row: int, **cells: str) -> None:
    """Change cells of matters.csv; rows count as a spreadsheet counts them."""
    path = folder / "matters.csv"
    with path.open(encoding="utf-8", newline="") as sheet:
        rows = list(csv.DictReader(sheet))
    rows[row - 2].update(cells)
    with path.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.DictWriter(sheet, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def installed(*packs: Path) -> CatalogueVersion:
    for pack in packs:
        draft = services.install_pack(actor=SYSTEM, folder=pack, at=AT)
    return services.publish_version(actor=SYSTEM, version_id=draft.pk, at=AT)


@pytest.mark.django_db
def test_installing_a_pack_makes_a_draft_that_nobody_files_under() -> None:
    draft = services.install_pack(actor=keeper(), folder=DEMANDS, at=AT)
    assert draft.is_draft
    assert draft.packs == {"community_demands": "2026.1"}
    assert queries.current_version(at=LATER) is None
    entry = AuditEntry.objects.get(act="install_pack")
    assert entry.actor_label == "目录管理员"
    assert entry.detail["conditions"] == Condition.objects.count() > 0


@pytest.mark.django_db
def test_publishing_takes_effect_from_its_moment_on_and_tells_others() -> None:
    draft = services.install_pack(actor=keeper(), folder=DEMANDS, at=AT)
    services.publish_version(actor=keeper(), version_id=draft.pk, at=AT, effective_from=LATER)
    assert queries.current_version(at=LATER - timedelta(seconds=1)) is None
    assert queries.current_version(at=LATER) == draft
    assert OutboxMessage.objects.get(topic="catalogue.published").payload["number"] == draft.number


@pytest.mark.django_db
def test_a_version_cannot_take_effect_in_the_past_or_before_another() -> None:
    draft = services.install_pack(actor=keeper(), folder=DEMANDS, at=AT)
    with pytest.raises(Invalid):
        services.publish_version(
            actor=keeper(), version_id=draft.pk, at=AT, effective_from=AT - timedelta(seconds=1)
        )
    services.publish_version(actor=keeper(), version_id=draft.pk, at=AT, effective_from=LATER)
    second = services.revise(actor=keeper(), name="第二版", at=AT)
    with pytest.raises(Invalid):
        services.publish_version(actor=keeper(), version_id=second.pk, at=AT)


@pytest.mark.django_db
def test_only_who_keeps_the_catalogue_may_change_it() -> None:
    version = installed(DEMANDS)
    condition = Condition.objects.first()
    assert condition is not None
    with pytest.raises(NotAllowed):
        services.install_pack(actor=outsider(), folder=DEMANDS, at=AT)
    with pytest.raises(NotAllowed):
        services.revise(actor=outsider(), name="x", at=AT)
    with pytest.raises(NotAllowed):
        services.publish_version(actor=outsider(), version_id=version.pk, at=AT)
    with pytest.raises(NotAllowed):
        services.discard_draft(actor=outsider(), version_id=version.pk, at=AT)
    with pytest.raises(NotAllowed):
        services.edit_condition(
            actor=outsider(), condition_id=condition.pk, at=AT, edit=services.ConditionEdit(emergency=True)
        )
    with pytest.raises(NotAllowed):
        services.edit_item(
            actor=outsider(), item_id=condition.item_id, at=AT, edit=services.ItemEdit(public=False)
        )
    with pytest.raises(NotAllowed):
        services.add_condition(actor=outsider(), item_id=condition.item_id, at=AT, edit=whole())
    with pytest.raises(NotAllowed):
        services.remove_condition(actor=outsider(), condition_id=condition.pk, at=AT)


@pytest.mark.django_db
def test_drafts_are_seen_by_who_keeps_the_catalogue_alone() -> None:
    version = installed(DEMANDS)
    draft = services.revise(actor=keeper(), name="第二版", at=LATER)
    visible = CatalogueVersion.objects.visible_to
    assert set(visible(keeper())) == {version, draft}
    assert set(visible(outsider())) == {version}
    assert not visible(None).exists()


@pytest.mark.django_db
def test_a_published_version_stays_as_it_is() -> None:
    version = installed(DEMANDS)
    condition = Condition.objects.filter(item__version=version).first()
    assert condition is not None
    edit = services.ConditionEdit(text_zh="改了")
    with pytest.raises(Refused) as refused:
        services.edit_condition(actor=keeper(), condition_id=condition.pk, at=LATER, edit=edit)
    assert refused.value.code == "version_published"
    with pytest.raises(Refused):
        services.edit_item(
            actor=keeper(), item_id=condition.item_id, at=AT, edit=services.ItemEdit(public=False)
        )
    with pytest.raises(Refused):
        services.add_condition(actor=keeper(), item_id=condition.item_id, at=LATER, edit=whole())
    with pytest.raises(Refused):
        services.remove_condition(actor=keeper(), condition_id=condition.pk, at=LATER)
    with pytest.raises(Refused):
        services.discard_draft(actor=keeper(), version_id=version.pk, at=LATER)
    with pytest.raises(Refused):
        services.publish_version(actor=keeper(), version_id=version.pk, at=LATER)
    condition.refresh_from_db()
    assert condition.text_zh != "改了"


@pytest.mark.django_db
def test_a_revision_is_a_full_copy_that_leaves_the_old_version_alone() -> None:
    version = installed(DEMANDS)
    draft = services.revise(actor=keeper(), name="第二版", at=LATER)

    def content(of: CatalogueVersion) -> list[tuple[str, int, str, Decimal]]:
        rows = Condition.objects.filter(item__version=of, item__matter_class__version=of)
        return list(
            rows.order_by("item__code", "number").values_list(
                "item__code", "number", "text_zh", "limit_amount"
            )
        )

    assert content(draft) == content(version) != []
    assert draft.number == version.number + 1
    condition = Condition.objects.get(item__version=draft, item__code="0104", number=2)
    services.edit_condition(
        actor=keeper(),
        condition_id=condition.pk,
        at=LATER,
        edit=services.ConditionEdit(limit_amount=Decimal(3), limit_kind="natural_days"),
    )
    old = Condition.objects.get(item__version=version, item__code="0104", number=2)
    assert old.limit == Limit(LimitKind.WORK_DAYS, Decimal(5))
    condition.refresh_from_db()
    assert condition.limit == Limit(LimitKind.NATURAL_DAYS, Decimal(3))
    entry = AuditEntry.objects.get(act="edit_condition")
    assert entry.detail["before"] == {"limit_kind": "work_days", "limit_amount": "5.00"}
    assert entry.detail["after"] == {"limit_kind": "natural_days", "limit_amount": "3"}


@pytest.mark.django_db
def test_there_is_one_draft_at_a_time() -> None:
    installed(DEMANDS)
    first = services.revise(actor=keeper(), name="第二版", at=LATER)
    with pytest.raises(Refused):
        services.revise(actor=keeper(), name="第三版", at=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        CatalogueVersion.objects.create(number=99, name="x", created_at=AT)
    services.discard_draft(actor=keeper(), version_id=first.pk, at=LATER)
    assert services.revise(actor=keeper(), name="第三版", at=LATER).number == first.number


@pytest.mark.django_db
@pytest.mark.parametrize(
    "edit",
    [
        services.ConditionEdit(text_zh=" "),
        services.ConditionEdit(text_en="x" * 301),
        services.ConditionEdit(limit_kind="fortnights"),
        services.ConditionEdit(limit_amount=Decimal(0)),
        services.ConditionEdit(limit_amount=Decimal("0.001")),
        services.ConditionEdit(evidence={"report": 1, "result": 1}),
        services.ConditionEdit(evidence={"report": 1, "result": 1, "verify": 99}),
        services.ConditionEdit(responsible={}),
        services.ConditionEdit(responsible={"galaxy": "property"}),
        services.ConditionEdit(responsible={"street": "no_such_duty"}),
    ],
)
def test_a_wrong_condition_is_refused_field_by_field(edit: services.ConditionEdit) -> None:
    draft = services.install_pack(actor=keeper(), folder=DEMANDS, at=AT)
    condition = Condition.objects.filter(item__version=draft).first()
    assert condition is not None
    with pytest.raises(Invalid) as invalid:
        services.edit_condition(actor=keeper(), condition_id=condition.pk, at=AT, edit=edit)
    (field,) = invalid.value.fields
    assert getattr(edit, field) is not None


def whole() -> services.ConditionEdit:
    return services.ConditionEdit(
        text_zh="占道超过一天",
        text_en="Blocked for more than a day",
        limit_kind="work_days",
        limit_amount=Decimal("0.5"),
        closing_zh="已清走",
        closing_en="Cleared away",
        evidence={"report": 1, "result": 2, "verify": 0},
        responsible={"street": "sanitation"},
    )


@pytest.mark.django_db
def test_a_condition_is_added_to_a_draft_with_the_next_number() -> None:
    draft = services.install_pack(actor=keeper(), folder=CITY, at=AT)
    item = MatterItem.objects.filter(version=draft).first()
    assert item is not None
    before = [one.number for one in item.conditions.all()]
    added = services.add_condition(actor=keeper(), item_id=item.pk, at=AT, edit=whole())
    added.refresh_from_db()
    assert [one.number for one in item.conditions.all()] == [*before, max(before) + 1]
    assert (added.limit, added.emergency) == (Limit(LimitKind.WORK_DAYS, Decimal("0.5")), False)
    entry = AuditEntry.objects.get(act="add_condition")
    assert (entry.detail["item"], entry.detail["after"]["text_zh"]) == (item.key, "占道超过一天")


@pytest.mark.django_db
def test_a_new_condition_must_say_everything() -> None:
    draft = services.install_pack(actor=keeper(), folder=CITY, at=AT)
    item = MatterItem.objects.filter(version=draft).first()
    assert item is not None
    with pytest.raises(Invalid) as invalid:
        services.add_condition(actor=keeper(), item_id=item.pk, at=AT, edit=services.ConditionEdit())
    assert set(invalid.value.fields) == {
        "text_zh", "text_en", "limit_kind", "limit_amount", "closing_zh", "closing_en", "evidence", "responsible",
    }  # fmt: skip


@pytest.mark.django_db
def test_an_item_may_lose_its_conditions_but_is_not_published_without() -> None:
    draft = services.install_pack(actor=keeper(), folder=DEMANDS, at=AT)
    item = MatterItem.objects.get(version=draft, code="0104")
    texts = [one.text_zh for one in item.conditions.all()]
    for condition in item.conditions.all():
        services.remove_condition(actor=keeper(), condition_id=condition.pk, at=AT)
    gone = AuditEntry.objects.filter(act="remove_condition")
    assert {entry.detail["before"]["text_zh"] for entry in gone} == set(texts)
    with pytest.raises(Refused) as refused:
        services.publish_version(actor=keeper(), version_id=draft.pk, at=AT)
    assert refused.value.code == "item_without_condition"


@pytest.mark.django_db
def test_items_of_a_draft_can_be_offered_or_withheld() -> None:
    draft = services.install_pack(actor=keeper(), folder=DEMANDS, at=AT)
    item = MatterItem.objects.get(version=draft, code="0104")
    services.edit_item(
        actor=keeper(), item_id=item.pk, at=AT, edit=services.ItemEdit(public=False, aliases=" 抢车位  地锁 ")
    )
    item.refresh_from_db()
    assert (item.public, item.aliases, item.solve_on_spot) == (False, "抢车位 地锁", False)
    with pytest.raises(NotFound):
        services.edit_item(actor=keeper(), item_id=0, at=AT, edit=services.ItemEdit(public=True))


@pytest.mark.django_db
def test_installing_again_replaces_what_the_pack_brought_and_nothing_else(folder: Path) -> None:
    installed(CITY, DEMANDS)
    city = MatterItem.objects.filter(kind="component").count()
    change(folder, 2, text_zh="夜里吵得睡不着")
    draft = services.install_pack(actor=keeper(), folder=folder, at=LATER)
    assert MatterItem.objects.filter(version=draft, kind="component").count() == city
    changed = Condition.objects.get(item__version=draft, item__kind="demand", item__code="0101", number=1)
    assert changed.text_zh == "夜里吵得睡不着"


@pytest.mark.django_db
def test_two_packs_cannot_own_one_class(folder: Path) -> None:
    installed(DEMANDS)
    manifest = folder / "pack.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("community_demands", "other_demands"))
    with pytest.raises(Refused) as refused:
        services.install_pack(actor=keeper(), folder=folder, at=LATER)
    assert refused.value.code == "class_taken"
    assert not CatalogueVersion.objects.filter(state="draft").exists()


@pytest.mark.django_db
def test_a_pack_waits_for_the_packs_it_needs(folder: Path) -> None:
    manifest = folder / "pack.toml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("needs = []", 'needs = ["city_management"]')
    )
    with pytest.raises(Refused) as refused:
        services.install_pack(actor=keeper(), folder=folder, at=AT)
    assert "city_management" in str(refused.value.message)


@pytest.mark.django_db
def test_a_pack_with_one_wrong_row_is_not_installed_at_all(folder: Path, chinese: None) -> None:
    change(folder, 3, limit_amount="soon", text_en="")
    with pytest.raises(Invalid) as invalid:
        services.install_pack(actor=keeper(), folder=folder, at=AT)
    assert list(invalid.value.fields) == [
        "matters.csv · 第 3 行 · text_en",
        "matters.csv · 第 3 行 · limit_amount",
    ]
    assert not CatalogueVersion.objects.exists()
    assert not Duty.objects.exists()


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"kind": "rumour"}, "kind"),
        ({"class_code": "A"}, "class_code"),
        ({"class_name": "别的名字"}, "class_name"),
        ({"item_name_en": "某事"}, "item_name_en"),
        ({"item_name": "noise"}, "item_name"),
        ({"condition_no": "7"}, "condition_no"),
        ({"condition_no": "x"}, "condition_no"),
        ({"text_zh": "x" * 201}, "text_zh"),
        ({"limit_kind": "天"}, "limit_kind"),
        ({"limit_amount": "0"}, "limit_amount"),
        ({"limit_amount": "NaN"}, "limit_amount"),
        ({"limit_amount": "0.125"}, "limit_amount"),
        ({"until_stopped": "maybe"}, "until_stopped"),
        ({"evidence_result": "10"}, "evidence_result"),
        ({"solve_on_spot": "yes"}, "solve_on_spot"),
        ({"responsible_street": "magic"}, "responsible_street"),
        (
            {"responsible_community": "", "responsible_street": "", "responsible_district": ""},
            "responsible_street",
        ),
    ],
)
def test_every_wrong_cell_is_found_with_its_row_and_column(
    folder: Path, cells: dict[str, str], column: str
) -> None:
    change(folder, 3, **cells)
    assert [(p.row, p.column) for p in read_pack(folder=folder).problems][:1] == [(3, column)]


def test_a_sheet_from_a_chinese_excel_is_understood(folder: Path) -> None:
    path = folder / "matters.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    change_codes = path.read_text(encoding="gb18030").replace("demand,01,", "demand,1,")
    path.write_bytes(change_codes.encode("gb18030"))
    pack = read_pack(folder=folder)
    assert pack.problems == []
    assert pack.rows[0]["class_code"] == "01"


def test_missing_files_columns_and_unknown_columns_are_named(folder: Path) -> None:
    sheet = folder / "matters.csv"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("text_en", "text_fr", 1), encoding="utf-8")
    (folder / "functions.csv").unlink()
    found = {(p.file, p.row, p.column) for p in read_pack(folder=folder).problems}
    assert found == {("functions.csv", 0, ""), ("matters.csv", 1, "text_en"), ("matters.csv", 1, "text_fr")}
    assert [p.file for p in read_pack(folder=folder / "nowhere").problems] == ["nowhere"]


def test_a_broken_manifest_is_told(folder: Path) -> None:
    (folder / "pack.toml").write_text("name = 'Bad Name'\nlanguages = ['en']\n", encoding="utf-8")
    columns = [p.column for p in read_pack(folder=folder).problems]
    assert columns == ["name", "version", "title.zh", "title.en", "languages"]
    (folder / "pack.toml").write_text("name =", encoding="utf-8")
    assert [p.file for p in read_pack(folder=folder).problems] == ["pack.toml"]


@pytest.mark.django_db
def test_the_command_line_installs_and_publishes(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    call_command("pack", "list")
    assert capsys.readouterr().out.split() == ["city_management", "community_demands"]
    call_command("pack", "install", "city_management", "community_demands", "--publish")
    version = CatalogueVersion.objects.get()
    assert version.state == "published"
    assert set(version.packs) == {"city_management", "community_demands"}
    change(folder, 2, limit_kind="never")
    with pytest.raises(CommandError):
        call_command("pack", "check", str(folder))
    assert "limit_kind" in capsys.readouterr().err


@pytest.mark.parametrize("pack", [CITY, DEMANDS], ids=lambda path: path.name)
def test_bundled_packs_are_in_order(pack: Path) -> None:
    call_command("pack", "check", pack.name)


def test_bundled_packs_agree_on_the_names_of_duties() -> None:
    named = {duty.code: duty for pack in (CITY, DEMANDS) for duty in read_pack(folder=pack).duties}
    for pack in (CITY, DEMANDS):
        assert [named[duty.code] for duty in read_pack(folder=pack).duties] == read_pack(folder=pack).duties


@pytest.mark.samples
def test_the_city_pack_has_the_codes_counts_and_limits_of_the_sample_list() -> None:
    samples = os.environ.get("GEZHI_SAMPLES")
    if not samples:
        pytest.skip("needs the sample data folder in GEZHI_SAMPLES")
    ours: dict[tuple[str, ...], list[tuple[Limit, bool]]] = {}
    for row in read_pack(folder=CITY).rows:
        key = (row["kind"], row["class_code"], row["class_name"], row["item_code"], row["item_name"])
        limit = Limit(LimitKind(row["limit_kind"]), row["limit_amount"])
        ours.setdefault(key, []).append((limit, row["until_stopped"]))
    theirs: dict[tuple[str, ...], list[tuple[Limit, bool]]] = {}
    path = Path(samples) / "catalogue" / "city_management_matters.csv"
    with path.open(encoding="utf-8-sig", newline="") as sheet:
        for line in csv.DictReader(sheet):
            codes = tuple(line[c] for c in ("kind", "class_code", "class_name", "item_code", "item_name"))
            written = [parse_limit(one) for one in line["limit_of_each_condition"].split("|")]
            theirs[codes] = [(one.limit, one.until_stopped) for one in written]
            assert len(written) == int(line["filing_conditions"])
    assert ours == theirs
