/**
 * Phrases of a form: [data-phrase="text"] puts its text where the writing last was; a slash, its data-short and
 * a space typed in a text become the phrase.
 */
type Field = HTMLTextAreaElement | HTMLInputElement;
const WRITTEN = 'textarea, input[type="text"]';
let lastField: Field | undefined;

export function startPhrases(): void {
  document.addEventListener("focusin", (event) => {
    const field = event.target as Element;
    if (field.matches(WRITTEN)) lastField = field as Field;
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-phrase]");
    const form = button?.closest("form");
    if (!button || !form) return;
    const field = lastField && form.contains(lastField) ? lastField : form.querySelector<Field>(WRITTEN);
    if (field) put(field, button.dataset.phrase ?? "", field.selectionStart ?? 0, field.selectionEnd ?? 0);
  });
  document.addEventListener("input", (event) => {
    const field = event.target as Field;
    const form = field.matches?.(WRITTEN) ? field.closest("form") : null;
    if (!form || (event as InputEvent).isComposing) return;
    const caret = field.selectionStart ?? 0;
    const typed = /\/([^\s/]{1,12})[ \u3000]$/.exec(field.value.slice(0, caret));
    if (!typed) return;
    const meant = [...form.querySelectorAll<HTMLElement>("[data-short]")].find((one) => one.dataset.short === typed[1]);
    if (meant) put(field, meant.dataset.phrase ?? "", caret - typed[0].length, caret);
  });
}

function put(field: Field, text: string, from: number, to: number): void {
  field.focus();
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true })); // a draft is kept of it too
}
