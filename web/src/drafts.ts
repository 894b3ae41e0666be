/**
 * <form data-draft="key">: what is typed is kept in this browser tab until the form is sent and accepted,
 * so that a lost connection or an ended session loses nothing. Files and passwords are never kept.
 * The server says "accepted" by showing a page with <meta name="draft-done" content="key">.
 */
const PREFIX = "gezhi-draft:";

export function startDrafts(): void {
  const done = document.querySelector<HTMLMetaElement>('meta[name="draft-done"]')?.content;
  if (done) sessionStorage.removeItem(PREFIX + done);
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) restore(form);
  document.addEventListener("input", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-draft]");
    if (form) keep(form);
  });
}

function fields(form: HTMLFormElement): (HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[] {
  return [...form.elements].filter(
    (field): field is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement =>
      field.matches("textarea[name], select[name], input[name]") &&
      !field.matches('[type="password"], [type="file"], [name="csrfmiddlewaretoken"], [type="submit"]'),
  );
}

function keep(form: HTMLFormElement): void {
  const values: Record<string, string[]> = {};
  for (const field of fields(form)) {
    const ticked = field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type);
    if (!ticked || (field as HTMLInputElement).checked) (values[field.name] ??= []).push(field.value);
  }
  sessionStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify(values));
}

function restore(form: HTMLFormElement): void {
  const kept = sessionStorage.getItem(PREFIX + form.dataset.draft);
  if (!kept || form.querySelector('[aria-invalid="true"]')) return; // what the server sent back is newer
  const values = JSON.parse(kept) as Record<string, string[]>;
  for (const field of fields(form)) {
    const known = values[field.name];
    if (!known) continue;
    if (field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type)) field.checked = known.includes(field.value);
    else {
      const value = known.shift() ?? ""; // taken also where the field has one: names may come several times
      field.value ||= value;
    }
  }
}
