"""The site's addresses plus one for each specimen page."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path
from django.utils import timezone

from gezhi.faces.look.clocks import ClockView, clock_view
from gezhi.faces.look.maps import map_config, picture_url
from gezhi.faces.look.mapsvg import Frame
from gezhi.faces.look.nav import NavItem
from gezhi.foundation.audit.errors import Refused
from gezhi.site.urls import urlpatterns as of_the_site
from gezhi.territory.layers.queries import bounds_of

TEMPLATES = Path(__file__).parent / "templates" / "specimens"
GREY = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'%3E"
    "%3Crect width='4' height='3' fill='%23{}'/%3E%3C/svg%3E"
)
ROWS = (
    ("井盖破损", "文汇路与青禾街路口东北角 · 部件 0101 上水井盖", "海棠 G0302 网格", "网格员巡查", -42, 45),
    ("路灯不亮", "青禾街 88 号门前，单盏", "海棠 G0305 网格", "居民随手拍", 70, 390),
    ("暴露垃圾", "映月园 3 号楼北侧，约 2 平方米", "海棠 G0301 网格", "居民随手拍 · 2 人附议", 125, 350),
    ("噪声扰民纠纷", "映月园 5 号楼（内容已封存）", "海棠 G0301 网格", "12345 转办", 600, 960),
    ("消防车道堵塞", "观澜里西门，占道停车 6 辆", "海棠 G0307 网格", "消防检查", 18, 240),
    ("店外经营", "青禾街 102–108 号，早餐摊 4 处", "海棠 G0305 网格", "网格员巡查", 180, 240),
    ("绿地破损", "滨河绿道 K1+200", "海棠 G0309 网格", "居民随手拍", 900, 1000),
    ("独居老人需上门", "映月园 2 号楼（服务需求）", "海棠 G0301 网格", "走访发现", 300, 430),
    ("道路积水", "文汇路 31 号低洼处，深约 10 厘米", "海棠 G0304 网格", "网格员巡查", 220, 260),
    ("供水管道破裂", "观澜里 7 号楼前", "海棠 G0307 网格", "物业上报", 35, 160),
)


class Report(forms.Form):
    """A form with every kind of field."""

    title = forms.CharField(label="标题", help_text="一句话说清是什么，例如“路灯不亮”。")
    story = forms.CharField(label="情况说明", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    kind = forms.ChoiceField(label="类别", choices=[("", "请选择"), ("1", "公用设施"), ("2", "市容环境")])
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    answer = forms.ChoiceField(
        label="怎样答复你",
        choices=[("sms", "短信"), ("call", "电话"), ("no", "不用答复")],
        widget=forms.RadioSelect,
    )
    agree = forms.BooleanField(label="我已知道上报内容的用途")


def clock(left: int, total: int, label: str = "派遣", limit: str = "15 分钟") -> ClockView:
    """A clock with `left` of `total` minutes."""
    now = timezone.now()
    return clock_view(
        label=label,
        at=now,
        started_at=now - timedelta(minutes=total - left),
        due_at=now + timedelta(minutes=left),
        limit_text=limit,
        left=left * 60,
        total=total * 60,
        day_seconds=450 * 60,
    )


def context(request: HttpRequest) -> dict[str, Any]:
    """Everything any specimen shows."""
    bad = Report(data={"title": "", "answer": "sms"})
    bad.is_valid()
    nav = [
        NavItem("today", "工作台", "#", "today", 9),
        NavItem("cases", "事件", "#", "cases", 190),
        NavItem("grids", "网格", "#", "grid", 56),
        NavItem("register", "台账", "#", "register"),
        NavItem("field", "走访巡查", "#", "field", 14),
        NavItem("service", "服务", "#", "service", 7),
        NavItem("appraisal", "考核", "#", "appraisal"),
        NavItem("insight", "分析", "#", "insight"),
        NavItem("settings", "设置", "#", "settings", foot=True),
    ]
    photos = [{"url": "#", "thumb": GREY.format(colour)} for colour in ("c6b59a", "5d6b74", "b7c7c3")]
    photos[0]["tag"] = "处置前"
    return {
        "nav": nav,
        "nav_on": "cases",
        "trail": [("云泽区", "#"), ("海棠街道", "#")],
        "area_choices": [("望江社区", "#"), ("映月社区", "#"), ("观澜社区", "#")],
        "area_choices_label": "全部社区",
        "search_url": "#",
        "bell_url": "#",
        "bell_count": 3,
        "rows": [
            (*row[:4], clock(row[4], row[5]), GREY.format(("c6b59a", "5d6b74", "b7c7c3")[n % 3]))
            for n, row in enumerate(ROWS)
        ],
        "clocks": [clock(170, 240, "处置", "4 小时（工作时）"), clock(372, 450, "全程", "1 个工作日")],
        "photos": photos,
        "now": timezone.now(),
        "nine": timezone.make_aware(datetime(2026, 11, 22, 9, 14)),
        "form": Report(),
        "bad": Report() if "clean" in request.GET else bad,
        "tabs": [
            NavItem("today", "今天", "#", "today"),
            NavItem("grid", "网格", "#", "grid"),
            NavItem("news", "消息", "#", "bell", 3),
            NavItem("me", "我的", "#", "user"),
        ],
        "tab_on": "today",
        "place_name": "海棠街道 · 随手拍",
    }


def maps(path: str) -> dict[str, Any]:
    """The map specimens, over the ground of an area (all of it if the path is empty)."""
    west, south, east, north = bounds_of(path) or (112.5, 30.2, 112.54, 30.21)
    spots = [
        {
            "id": n,
            "title": ROWS[n % 10][0],
            "sub": ("超期", "快到期", "未到期", "已结案")[n % 4],
            "tone": "ragn"[n % 4],
            "url": "#",
            "lon": west + (east - west) * (0.1 + 0.8 * (n * 0.618 % 1)),
            "lat": south + (north - south) * (0.1 + 0.8 * (n * 0.414 % 1)),
        }
        for n in range(24)
    ]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [spot["lon"], spot["lat"]]},
            "properties": spot,
        }
        for spot in spots
    ]
    points = {"type": "FeatureCollection", "features": features}
    middle = ((west + east) / 2, (south + north) / 2)
    return {
        "spots": spots,
        "middle": middle,
        "points_map": map_config(path=path, points=points, point_list="#spots"),
        "pick_map": map_config(
            center=middle, zoom=16, pick={"lon": "#lon", "lat": "#lat", "accuracy": "#accuracy"}
        ),
        "pin_map": map_config(pin={"lon": middle[0], "lat": middle[1], "tone": "r"}),
        "wide": picture_url(Frame.around((west, south, east, north), width=1200, height=700)),
    }


def specimen(request: HttpRequest, name: str) -> HttpResponse:
    """One specimen page, by the name of its template."""
    source = (TEMPLATES / f"{name}.html").read_text()
    template = engines["django"].from_string(source)
    shown = context(request)
    if "_map" in source or "picture" in source:
        shown |= maps(request.GET.get("path", ""))
    return HttpResponse(template.render(shown, request))


def refuse(request: HttpRequest) -> HttpResponse:
    """Always refused."""
    raise Refused("taken", "别人刚刚签收了这件事，请刷新后再看。")


def thank(request: HttpRequest) -> HttpResponse:
    """Always done; needs the CSRF token as every POST does."""
    return HttpResponse(
        "已催办", headers={"HX-Trigger": json.dumps({"toast": {"text": "已催办", "tone": "g"}})}
    )


def map_part(request: HttpRequest) -> HttpResponse:
    """A part of a page with a live map in it."""
    template = engines["django"].from_string("{% load look %}{% live_map pin_map %}")
    return HttpResponse(template.render(maps(request.GET.get("path", "")), request))


def away(request: HttpRequest) -> HttpResponse:
    """As a view answers when its reader is no longer signed in."""
    return redirect("/accounts/login/?next=/desk/")


urlpatterns = [
    path("specimens/refuse/", refuse),
    path("specimens/thank/", thank),
    path("specimens/map-part/", map_part),
    path("specimens/away/", away),
    path("specimens/<slug:name>/", specimen),
    *of_the_site,
]
