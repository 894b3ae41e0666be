"""The look in a real browser: reachable by everybody, by keyboard, without scripts, without WebGL."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from gezhi.faces.look.maps import WIDTH
from tests.browser.conftest import Windows
from tests.town import SIDE, SOUTH, WEST, Town

pytestmark = pytest.mark.urls("tests.faces.specimens.urls")

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("queue", "case", "phone", "resident", "form", "parts", "pick", "requests")
NO_WEBGL = """
const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith("webgl") ? null : real.call(this, kind, ...rest);
};
"""
MAP_READY = ".map.ready canvas"


def barriers(page: Page) -> list[str]:
    """What axe finds serious or critical, with the first place of each."""
    page.evaluate(AXE.read_text())  # not as a script tag: the pages allow no script written into them
    found: dict[str, Any] = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    return [
        f"{rule['id']}: {rule['nodes'][0]['html'][:160]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_no_page_has_a_serious_barrier_or_scrolls_sideways(windows: Windows, town: Town, phone: bool) -> None:
    page = windows.open("/accounts/login/", user="dispatcher", phone=phone)
    found: dict[str, object] = {}
    for name in PAGES:
        page.goto(f"/specimens/{name}/")
        windows.picture(page, f"{name}-{'phone' if phone else 'desk'}")
        too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if too_wide or (wrong := barriers(page)):
            found[name] = "scrolls sideways" if too_wide else wrong
    assert found == {}


def test_the_pages_around_the_work_have_no_serious_barrier(
    windows: Windows, town: Town, settings: Settings
) -> None:
    settings.DEMO = True
    page = windows.open("/accounts/login/")
    assert barriers(page) == []
    page.goto("/no-such-page/")
    assert barriers(page) == []


def test_large_type_and_english_have_no_serious_barrier(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/resident/", phone=True)
    page.get_by_role("button", name="长辈版").click()
    expect(page.locator("body.elder")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Normal type")).to_be_visible()
    windows.picture(page, "elder")
    assert barriers(page) == []


def test_a_script_or_style_written_into_a_page_does_not_count(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/parts/", user="dispatcher")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.setAttribute("style", "opacity: 0.5");
        }"""
    )
    assert page.evaluate("[window.ran, getComputedStyle(document.body).opacity]") == [None, "1"]
    script, style = windows.faults
    assert "Content Security Policy" in script and "Content Security Policy" in style
    windows.faults.clear()  # they were meant


# ---- by keyboard


def test_a_queue_is_worked_by_keyboard(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/queue/", user="dispatcher")
    page.locator("[data-bulk-clear]").click()
    expect(page.locator(".bulk")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".row.cur .open")).to_have_text("路灯不亮")
    expect(page.locator(".row.cur .open")).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(".bulk")).to_be_visible()
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 1 件")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-names]")).to_have_text("井盖破损、路灯不亮")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("jxe")
    expect(page.locator("[data-search]")).to_have_value("jxe")


def test_a_key_presses_the_button_that_carries_it(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/queue/", user="dispatcher")
    page.evaluate(
        "document.querySelector('[data-key=e]').addEventListener('click', () => document.title = '派')"
    )
    page.keyboard.press("e")
    expect(page).to_have_title("派")


def test_menus_close_by_escape_and_by_a_click_elsewhere(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/case/", user="dispatcher")
    more = page.get_by_text("更多")
    more.click()
    expect(page.get_by_role("button", name="延期")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="延期")).to_be_hidden()
    more.click()
    page.get_by_role("heading", level=1).click()
    expect(page.get_by_role("button", name="延期")).to_be_hidden()


def test_on_a_phone_the_rail_opens_over_the_page(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/parts/", user="dispatcher", phone=True)
    entry = page.get_by_role("link", name="工作台")
    expect(entry).to_be_hidden()
    page.get_by_label("打开菜单").click()
    expect(entry).to_be_visible()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()


# ---- requests of parts


def test_a_refusal_is_said_and_leaves_what_was_typed(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/requests/", user="dispatcher")
    page.get_by_label("说明").fill("改过的字")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".toast")).to_contain_text("别人刚刚签收了这件事")
    expect(page.get_by_label("说明")).to_have_value("改过的字")
    expect(page.locator("#out")).to_have_text("原来的内容")


def test_a_question_is_asked_in_our_own_dialog(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/requests/", user="dispatcher")
    page.get_by_role("button", name="催办").click()
    page.get_by_role("button", name="取消").click()
    expect(page.locator("#out")).to_have_text("原来的内容")
    page.get_by_role("button", name="催办").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator("#out")).to_have_text("已催办")
    expect(page.locator(".toast.g")).to_contain_text("已催办")


def test_who_was_signed_out_meanwhile_is_led_to_sign_in(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/requests/")
    page.get_by_role("button", name="已退出").click()
    page.wait_for_url("**/accounts/login/?next=/specimens/requests/")


def test_without_network_it_says_so(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/requests/", user="dispatcher")
    page.context.set_offline(True)
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".toast.r")).to_contain_text("没有网络")
    page.context.set_offline(False)
    windows.faults.clear()  # the browser itself reports the failed request


def test_what_is_typed_survives_leaving_the_page(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/form/?clean")
    page.get_by_label("情况说明").fill("灯坏了三天")
    page.get_by_label("电话").check()
    page.goto("/accounts/login/")
    page.goto("/specimens/form/?clean")
    expect(page.get_by_label("情况说明")).to_have_value("灯坏了三天")
    expect(page.get_by_label("电话")).to_be_checked()


# ---- photos


def test_a_large_photo_is_sent_smaller_with_its_time_and_upright(
    windows: Windows, town: Town, tmp_path: Path
) -> None:
    page = windows.open("/specimens/form/", phone=True)
    taken = tmp_path / "taken.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8769)[0x9003] = "2026:11:22 09:14:00"
    Image.effect_noise((3000, 2250), 80).convert("RGB").save(taken, exif=exif, quality=92)
    field = page.get_by_label("拍照或选照片")
    field.set_input_files(taken)
    expect(page.locator("[data-picked] img")).to_have_count(1)
    expect(field).not_to_have_attribute("aria-busy", "true")
    held = page.evaluate(
        "(async () => [...new Uint8Array(await document.querySelector('[type=file]').files[0].arrayBuffer())])()"
    )
    photo = Image.open(BytesIO(bytes(held)))
    assert len(held) < taken.stat().st_size
    assert photo.size == (1536, 2048)
    assert photo.getexif()[0x0112] == 1
    assert photo.getexif().get_ifd(0x8769)[0x9003] == "2026:11:22 09:14:00"


def test_photos_are_gathered_one_by_one_and_can_be_dropped(
    windows: Windows, town: Town, tmp_path: Path
) -> None:
    page = windows.open("/specimens/form/", phone=True)
    field = page.get_by_label("拍照或选照片")
    for n in range(4):
        Image.new("RGB", (40, 30), (n * 60, 90, 90)).save(tmp_path / f"{n}.jpg")
        field.set_input_files(tmp_path / f"{n}.jpg")
        expect(page.locator("[data-picked] img")).to_have_count(min(n + 1, 3))
    expect(page.locator(".toast")).to_contain_text("最多 3 张")
    page.get_by_label("移除这张照片").first.click()
    expect(page.locator("[data-picked] img")).to_have_count(2)
    names = page.evaluate("[...document.querySelector('[type=file]').files].map(f => f.name)")
    assert names == ["1.jpg", "2.jpg"]


def test_a_photo_chosen_while_another_is_made_smaller_does_not_push_it_out(
    windows: Windows, town: Town, tmp_path: Path
) -> None:
    page = windows.open("/specimens/form/", phone=True)
    Image.effect_noise((3000, 2250), 80).convert("RGB").save(tmp_path / "large.jpg", quality=92)
    Image.new("RGB", (40, 30)).save(tmp_path / "small.jpg")
    field = page.get_by_label("拍照或选照片")
    field.set_input_files(tmp_path / "large.jpg")
    field.set_input_files(tmp_path / "small.jpg")
    expect(field).not_to_have_attribute("aria-busy", "true")
    names = page.evaluate("[...document.querySelector('[type=file]').files].map(f => f.name)")
    assert names == ["large.jpg", "small.jpg"]


# ---- maps


def place(page: Page) -> tuple[float, float]:
    """What the page's inputs hold."""
    lon, lat = (page.locator(f"#{name}").input_value() for name in ("lon", "lat"))
    return float(lon), float(lat)


def test_a_place_is_picked_by_keyboard_and_by_tapping(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/pick/", user="worker", phone=True)
    page.locator(MAP_READY).wait_for()
    page.locator(".map canvas").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已选地点")).to_be_visible()
    middle = place(page)
    assert middle == pytest.approx((WEST + 2 * SIDE, SOUTH + SIDE / 2), abs=1e-4)
    box = page.locator(".map canvas").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2 + 40)
    expect(page.locator("#lon")).not_to_have_value(f"{middle[0]:.6f}")
    tapped = place(page)
    assert tapped[0] > middle[0] and tapped[1] < middle[1]


def test_the_devices_place_is_taken_with_its_accuracy(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/pick/", user="worker", phone=True)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": WEST + 0.004, "latitude": SOUTH + 0.003, "accuracy": 12})
    page.locator(MAP_READY).wait_for()
    page.get_by_role("button", name="用我的位置").click()
    expect(page.locator("#accuracy")).to_have_value("12")
    assert place(page) == (round(WEST + 0.004, 6), round(SOUTH + 0.003, 6))


def test_the_list_leads_the_map(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/map/?path=420599/", user="dispatcher")
    page.locator(".map[data-points=ready]").wait_for()
    item = page.locator("#spots [data-point]").nth(4)
    expect(page.locator(".map-legend")).to_contain_text("已超期")
    item.click()
    expect(item).to_have_attribute("aria-current", "true")
    windows.picture(page, "map")


def test_a_map_that_arrives_in_a_part_starts_by_itself(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/requests/?path=420599/", user="dispatcher")
    page.get_by_role("button", name="带地图的一块").click()
    page.locator(MAP_READY).wait_for()


def test_without_webgl_the_picture_takes_the_tap(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/phone/", user="worker", phone=True)
    page.add_init_script(NO_WEBGL)
    page.goto("/specimens/pick/")
    image = page.locator(".map img")
    expect(image).to_be_visible()
    expect(image).to_have_js_property("naturalWidth", WIDTH)
    image.click()
    assert place(page) == pytest.approx((WEST + 2 * SIDE, SOUTH + SIDE / 2), abs=2e-5)


def test_without_scripts_the_page_shows_the_picture_and_its_menu(windows: Windows, town: Town) -> None:
    page = windows.open("/specimens/pick/", user="worker", phone=True, scripts=False)
    expect(page.locator(".map img")).to_be_visible()
    page.goto("/specimens/parts/")
    page.get_by_label("打开菜单").click()
    expect(page.get_by_role("link", name="工作台")).to_be_visible()
