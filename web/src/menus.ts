/** <details class="menu"> behaves like a menu: one open at a time, closed by Escape, a click elsewhere or a choice. */
export function startMenus(): void {
  const open = (): NodeListOf<HTMLDetailsElement> => document.querySelectorAll<HTMLDetailsElement>("details.menu[open]");

  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-prints]")) window.print();
    for (const menu of open()) if (!menu.contains(target)) menu.open = false;
    const toggle = target.closest<HTMLAnchorElement>(".rail-open, .rail-close");
    const rail = document.getElementById("rail");
    if (toggle && rail) {
      event.preventDefault();
      const opened = rail.classList.toggle("open", toggle.classList.contains("rail-open"));
      (opened ? rail.querySelector<HTMLElement>(".rail-close") : document.querySelector<HTMLElement>(".rail-open"))?.focus();
    } else if (rail?.classList.contains("open") && !rail.contains(target)) {
      rail.classList.remove("open");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
    document.getElementById("rail")?.classList.remove("open");
  });
  document.addEventListener("change", (event) => {
    // <select data-submits> sends its form at once: filters and the area switcher
    const field = event.target as HTMLElement;
    if (field.matches("[data-submits]")) (field as HTMLSelectElement).form?.requestSubmit();
  });
}
