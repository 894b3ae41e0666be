import { toast, type Tone } from "./toasts";
import { word } from "./words";

interface Context {
  request: { method: string; headers: Record<string, string> };
  response?: { status: number; raw?: Response; headers?: Headers };
  status?: string;
}

function context(event: Event): Context | undefined {
  return (event as CustomEvent<{ ctx?: Context }>).detail?.ctx;
}

function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

const ONE_PRESS_MS = 4000;

/** A second press within a few seconds is dropped, or the act would be done twice; htmx forms say hx-sync. */
function dropSecondPress(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post" || form.matches("[hx-post]")) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "1";
  setTimeout(() => delete form.dataset.sending, ONE_PRESS_MS);
}

/**
 * Manners of every request: sent once, and of htmx the CSRF token, a thin line while it runs, and words when it
 * fails. A refusal of the server arrives as the event `toast` (header HX-Trigger) and changes nothing on the page.
 */
export function startRequests(): void {
  const running = new Set<Context>();
  const show = (): void => void document.documentElement.classList.toggle("htmx-busy", running.size > 0);

  document.addEventListener("submit", dropSecondPress);
  document.addEventListener("htmx:config:request", (event) => {
    const ctx = context(event);
    if (ctx && !/^(GET|HEAD)$/i.test(ctx.request.method)) ctx.request.headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:before:request", (event) => {
    const ctx = context(event);
    if (ctx) running.add(ctx);
    show();
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const ctx = context(event);
    if (ctx) running.delete(ctx);
    show();
  });
  document.addEventListener("htmx:error", (event) => {
    const ctx = context(event);
    if (ctx?.response) return; // the server did answer; htmx:response:error speaks for it
    toast(word(navigator.onLine ? "no-answer" : "offline"), "r");
  });
  document.addEventListener("htmx:response:error", (event) => {
    if ((context(event)?.response?.status ?? 0) >= 500) toast(word("broken"), "r");
  });
  document.addEventListener("toast", (event) => {
    const said = (event as CustomEvent<{ text?: string; tone?: Tone }>).detail;
    toast(said?.text ?? "", said?.tone ?? "n");
  });
}
