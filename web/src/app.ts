// What every page gets: styles, htmx with our manners, keys, menus, messages; maps only where there is one.
import "./css/app.css";
import "htmx.org/dist/htmx.esm.js";
import { startDialogs } from "./dialogs";
import { restoreDrafts, startDrafts } from "./drafts";
import { startKeys } from "./keys";
import { startLive } from "./live";
import { startMenus } from "./menus";
import { startPhotos } from "./photos";
import { startPhrases } from "./phrases";
import { startPlaces } from "./places";
import { startRequests } from "./requests";
import { startRows } from "./rows";
import { startSeveral } from "./several";

/** Runs `start` on what is on the page now and on whatever htmx brings later. */
function onEveryArrival(start: (root: ParentNode) => void): void {
  start(document);
  document.addEventListener("htmx:after:process", (event) => {
    if (event.target instanceof HTMLElement) start(event.target);
  });
}

function startMaps(): void {
  if (document.querySelector("[data-map]:not([data-map-started])")) {
    void import("./map").then((maps) => maps.startMaps(document));
  }
}

/** What went wrong is where the reader starts: the list of errors, a question before going on. */
function startFocus(root: ParentNode): void {
  root.querySelector<HTMLElement>("[data-focus]")?.focus();
}

/** On a narrow screen the row of tabs scrolls: the current one is brought into sight. */
function showCurrentTab(): void {
  for (const tab of document.querySelectorAll<HTMLElement>(".tabs [aria-current]")) {
    const row = tab.parentElement!;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}

function start(): void {
  startRequests();
  startDialogs();
  startMenus();
  startKeys();
  startRows();
  startSeveral();
  startDrafts();
  startPlaces();
  startPhrases();
  startLive();
  showCurrentTab();
  onEveryArrival(restoreDrafts);
  onEveryArrival(startPhotos);
  onEveryArrival(startFocus);
  onEveryArrival(startMaps);
  document.documentElement.classList.add("scripts");
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
