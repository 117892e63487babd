package ui_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pastime-go/pastime/ui"
)

func ExampleHandler() {
	page := ui.Handler(&ui.Options{Title: "Ada"})
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/hobby/", http.NoBody))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	// Output: 200 text/html; charset=utf-8
}
