/**
 * <form data-draft="key">: what is typed is kept in this browser tab, for the person signed in (<body data-user>),
 * until the form is sent and accepted, so that a lost connection or an ended session loses nothing. Files,
 * passwords and the tokens of photos already sent are never kept. The server says "accepted" by showing a page
 * with <meta name="draft-done" content="key">, or a message with [data-draft-done="key"].
 */
type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** Forgets what was accepted before any form of the page is filled from it. */
export function startDrafts(): void {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="draft-done"]');
  if (meta) sessionStorage.removeItem(place(meta.content));
  for (const said of document.querySelectorAll<HTMLElement>("[data-draft-done]")) {
    sessionStorage.removeItem(place(said.dataset.draftDone));
  }
  document.addEventListener("input", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-draft]");
    if (form) keep(form);
  });
}

/** Fills the forms of a page, or of what htmx brought: a form alone, or a part that holds one. */
export function restoreDrafts(root: ParentNode): void {
  const fresh = "form[data-draft]:not([data-restored])";
  if (root instanceof HTMLFormElement && root.matches(fresh)) restore(root);
  for (const form of root.querySelectorAll<HTMLFormElement>(fresh)) restore(form);
}

function place(key = ""): string {
  return `gezhi-draft:${document.body.dataset.user ?? ""}:${key}`;
}

function fields(form: HTMLFormElement): Field[] {
  return [...form.elements].filter(
    (field): field is Field =>
      field.matches("textarea[name], select[name], input[name]") &&
      !field.matches('[type="password"], [type="file"], [name="csrfmiddlewaretoken"], [name$="-kept"], [type="submit"]'),
  );
}

function ticks(field: Field): field is HTMLInputElement {
  return field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type);
}

/** Under which word a field's values are kept: buttons and the list or box below them may share one name. */
function word(field: Field): string {
  return ticks(field) ? `${field.name} ticked` : field.name;
}

function keep(form: HTMLFormElement): void {
  const values: Record<string, string[]> = {};
  for (const field of fields(form)) {
    if (!ticks(field) || field.checked) (values[word(field)] ??= []).push(field.value);
  }
  sessionStorage.setItem(place(form.dataset.draft), JSON.stringify(values));
}

function restore(form: HTMLFormElement): void {
  form.dataset.restored = "1";
  const kept = sessionStorage.getItem(place(form.dataset.draft));
  if (!kept || form.querySelector('[aria-invalid="true"]')) return; // what the server sent back is newer
  const values = JSON.parse(kept) as Record<string, string[]>;
  for (const field of fields(form)) {
    const known = values[word(field)];
    if (!known) continue;
    if (ticks(field)) field.checked = known.includes(field.value);
    else if (field.name === "id") {
      if ("draftId" in form.dataset) field.value = known[0] ?? field.value; // sent again, it is the same report
    }
    else {
      const value = known.shift() ?? ""; // taken also where the field has one: names may come several times
      field.value ||= value;
    }
  }
}
