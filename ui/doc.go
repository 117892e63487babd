// Package ui is the page at /hobby/: the agent's practice, its proficiency, and
// the controls. It uses the routes of package httpapi only.
//
//	handler := httpapi.New([]httpapi.Part{httpapi.Hobby(manager)}, &httpapi.Options{UI: ui.Handler(nil)})
//
// All files are embedded. The page's own ES modules are served as they are,
// without a build step, and third-party code is vendored with its licences under
// static/vendor. The page loads nothing from elsewhere, and its content security
// policy forbids it. Text of the API is set as text only.
//
// # Structure
//
// static/app.js is the frame: header, navigation, and what every page shows when
// the server is gone. Each page is declared under static/pages: its address, its
// title, the server's part that it is about, the events that it follows and what
// they change. A page whose part the server does not have is not in the
// navigation. A new page is such a file and a line in app.js. Its view may be in
// static/views and be loaded when it is first shown, because the page preloads
// the modules of the first view only. static/parts has the components of pages,
// static/charts the drawings, static/lib the connection to the server, and
// static/style.css the style, which is sent inside the page with static/theme.js. Pages read with get of static/lib/store.js while
// they render; a route is loaded once for all components that read it, and again
// when an event says so.
//
// Assets are below a folder named by the hash of all of them, so browsers keep
// them for ever and a new release is a new folder.
package ui
