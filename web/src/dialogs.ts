import { word } from "./words";

/**
 * Dialogs by attributes: [data-opens="id"] opens <dialog id>, [data-closes] closes the one it is in;
 * [data-confirm="text"] on a button or form, and hx-confirm, ask in our own dialog first.
 */
export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens ?? "");
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        dialog.showModal();
      }
    }
    if (target.closest("[data-closes]")) target.closest("dialog")?.close();
    if (target instanceof HTMLDialogElement && target.classList.contains("dialog")) target.close();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void ask(question).then((yes) => {
      if (!yes) return;
      form.dataset.confirmed = "1";
      form.requestSubmit(event.submitter);
      delete form.dataset.confirmed;
    });
  }, { capture: true });

  document.addEventListener("htmx:confirm", (event) => {
    const { ctx, issueRequest, dropRequest } = (event as CustomEvent<{
      ctx: { confirm?: string };
      issueRequest: () => void;
      dropRequest: () => void;
    }>).detail;
    if (!ctx.confirm) return;
    event.preventDefault();
    void ask(ctx.confirm).then((yes) => (yes ? issueRequest() : dropRequest()));
  });
}

function ask(question: string): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "ask-text");
  dialog.innerHTML = `<form method="dialog"><div class="dialog-body pre" id="ask-text"></div>
    <div class="dialog-foot"><button class="btn" value="no"></button><button class="btn p" value="yes"></button></div></form>`;
  const [no, yes] = dialog.querySelectorAll("button");
  dialog.querySelector("#ask-text")!.textContent = question;
  no!.textContent = word("cancel");
  yes!.textContent = word("go-on");
  document.body.append(dialog);
  dialog.showModal();
  yes!.focus();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      answer(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}
