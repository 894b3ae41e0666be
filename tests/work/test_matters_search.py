"""Finding an item in three keystrokes: by name, other names, code, pinyin and its initials, and English."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker

from gezhi.foundation.actors.scope import SYSTEM
from gezhi.work.matters import queries, services
from gezhi.work.matters.models import CatalogueVersion, Condition, MatterItem
from gezhi.work.matters.rules import initials, syllables

Names = Callable[..., list[str]]


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def version(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[CatalogueVersion]:
    """Both bundled packs, published once for all tests here and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("pack", "install", "city_management", "community_demands", "--publish")
        version = queries.current_version(at=timezone.now())
        assert version is not None
        yield version
        transaction.set_rollback(True)


@pytest.fixture
def found(version: CatalogueVersion) -> Names:
    def names(text: str, **options: bool | int) -> list[str]:
        return [item.name for item in queries.search(version=version, text=text, **options)]  # type: ignore[arg-type]

    return names


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("上水井盖", "上水井盖"),
        ("上水", "上水井盖"),
        ("ssjg", "上水井盖"),
        ("ssj", "上水井盖"),
        ("shangs", "上水井盖"),
        ("shang shui", "上水井盖"),
        ("shangsj", "上水井盖"),
        ("water main", "上水井盖"),
        ("xds", "行道树"),
        ("ld", "路灯"),
        ("ljx", "垃圾箱（果皮箱、桶）"),
        ("垃圾桶", "垃圾箱（果皮箱、桶）"),
        ("厕所", "公共厕所"),
        ("ggcs", "公共厕所"),
        ("公厕", "公共厕所"),
        ("wyfw", "物业服务投诉"),
        ("gxdc", "共享单车管理"),
        ("消防", "占用消防通道"),
        ("shared bi", "共享单车管理"),
        ("manhole", "不明井盖"),
        ("井盖", "不明井盖"),
        ("dianti", "物业服务投诉"),
    ],
)
def test_an_item_is_among_the_first_three(found: Names, typed: str, name: str) -> None:
    assert name in found(typed)[:3]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("sj", "上水井盖"), ("ssj", "上水井盖"), ("xds", "行道树"), ("ld", "路灯"), ("wyf", "物业服务投诉")],
)
def test_three_keystrokes_bring_an_item_to_the_top(found: Names, typed: str, name: str) -> None:
    assert found(typed)[0] == name


def test_every_item_is_within_reach_of_its_first_three_initials(version: CatalogueVersion) -> None:
    out_of_reach = [
        item.name
        for item in MatterItem.objects.filter(version=version)
        if item not in queries.search(version=version, text=item.initials[:3], limit=10)
    ]
    assert out_of_reach == []


def test_a_code_finds_its_item_in_every_kind(found: Names) -> None:
    assert found("0101") == ["上水井盖", "私搭乱建", "邻里噪音"]
    assert found("0137") == ["路灯", "动物尸体"]
    assert set(found("05", limit=50)) >= {"液化气站", "道路积水"}


def test_words_of_a_condition_find_its_item_after_names(found: Names) -> None:
    assert found("忽明忽暗") == ["路灯"]
    assert found("人行道")[0] == "人行道"


@pytest.mark.parametrize("typed", ["", "   ", "完全没有的东西", "qqqq", "9999", "%", "_", "'", "(", "ü"])
def test_what_matches_nothing_finds_nothing(found: Names, typed: str) -> None:
    assert found(typed) == []


def test_residents_are_offered_public_items_alone(found: Names) -> None:
    assert "上水井盖" in found("井盖")
    assert found("井盖", public_only=True) == ["不明井盖"]


def test_no_more_is_found_than_asked_for(found: Names) -> None:
    assert len(found("s", limit=5)) == 5


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("路灯好几天不亮了", "路灯"),
        ("楼上半夜装修吵得睡不着", "邻里噪音"),
        ("下水道井盖没了，有人差点掉下去", "不明井盖"),
        ("电动车停在楼道充电很危险", "楼道堆物和违规充电"),
        ("垃圾桶满了没人收", "垃圾满溢"),
        ("门口饭店把桌子摆到了人行道上", "店外经营"),
        ("小区门口河水发臭", "河道污染"),
    ],
)
def test_a_description_proposes_what_it_is_about(version: CatalogueVersion, said: str, name: str) -> None:
    assert name in [item.name for item in queries.propose(version=version, text=said)]


def test_a_description_that_says_nothing_proposes_nothing(version: CatalogueVersion) -> None:
    assert queries.propose(version=version, text="你好") == []
    assert queries.propose(version=version, text="") == []


def test_the_tree_has_components_then_events_then_demands(version: CatalogueVersion) -> None:
    nodes = queries.tree(version=version)
    assert [(n.matter_class.kind, n.matter_class.code) for n in nodes] == [
        *(("component", f"0{n}") for n in range(1, 6)),
        *(("event", f"0{n}") for n in range(1, 7)),
        ("demand", "01"),
    ]
    assert sum(len(node.items) for node in nodes) == 92 + 98 + 14
    public = queries.tree(version=version, public_only=True)
    assert all(item.public for node in public for item in node.items)


def test_a_published_tree_is_read_once_and_a_draft_each_time(
    version: CatalogueVersion, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    queries.search(version=version, text="ld")
    with django_assert_num_queries(0):
        nodes = queries.tree(version=version)
        assert nodes[0].items[0].matter_class.name == "公用设施"
        queries.search(version=version, text="ld")
    draft = services.revise(actor=SYSTEM, name="第二版", at=timezone.now())
    lamp = MatterItem.objects.get(version=draft, name="路灯")
    assert queries.search(version=draft, text="大灯笼") == []
    services.edit_item(
        actor=SYSTEM, item_id=lamp.pk, at=timezone.now(), edit=services.ItemEdit(aliases="大灯笼")
    )
    with django_assert_num_queries(3):
        assert queries.search(version=draft, text="大灯笼") == [lamp]


def test_texts_follow_the_language_of_the_page(version: CatalogueVersion) -> None:
    item = MatterItem.objects.get(version=version, kind="event", code="0122")
    first, second = queries.conditions_of(item=item)
    with translation.override("zh-hans"):
        assert (item.shown, item.matter_class.shown) == ("非法伐树", "市容环境")
        assert first.shown == first.text_zh
        assert first.closing_shown == first.closing_zh
        assert first.limit_shown == "1 小时（紧急，昼夜计时）内制止"
        assert second.limit_shown == "3 个工作日"
    with translation.override("en"):
        assert (item.shown, item.matter_class.shown) == ("Illegal felling", "City environment")
        assert first.shown == first.text_en
        assert first.closing_shown == first.closing_en
        assert first.limit_shown == "stopped within 1 hour (urgent, day and night)"


def test_a_key_names_an_item_through_versions(version: CatalogueVersion) -> None:
    draft = services.revise(actor=SYSTEM, name="第二版", at=timezone.now())
    old = queries.item_in(version=version, key="component:0137")
    new = queries.item_in(version=draft, key="component:0137")
    assert old is not None and new is not None
    assert (old.name, new.name, old == new, new.key) == ("路灯", "路灯", False, "component:0137")
    assert queries.item_in(version=version, key="component:9999") is None


def test_photos_asked_for_are_told_by_step(version: CatalogueVersion) -> None:
    condition = Condition.objects.get(item__version=version, item__kind="event", item__code="0101", number=2)
    assert [condition.photos(step) for step in ("report", "result", "verify", "other")] == [2, 2, 2, 0]


def test_readings_follow_words_and_leave_signs_out() -> None:
    assert syllables("行道树") == ["xing", "dao", "shu"]
    assert initials("燃气调压站（箱）") == "rqtyzx"
    assert initials("绿地护栏") == "ldhl"
