/** Find the invitation in an address, its fragment, or the bare text of it; null when there is none. */
export function inviteOf(text: string): string | null {
  const fragment = text.includes("#") ? text.slice(text.indexOf("#") + 1) : text;
  const invite = fragment.trim();
  return invite === "" || /[\s/]/.test(invite) ? null : invite;
}
