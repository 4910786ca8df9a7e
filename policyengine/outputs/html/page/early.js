"use strict";
// Before the first drawing: what needs the script is shown, what stands in for it is not; the theme is the one chosen.
document.documentElement.classList.add("scripted");
try {
  const theme = localStorage.getItem("policyengine-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A page that may keep nothing takes the system's theme.
}
