// Sets the theme that was chosen before anything is painted.
try {
  const theme = localStorage.getItem("pastime-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden here: the system's theme is used.
}
