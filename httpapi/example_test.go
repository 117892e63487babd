package httpapi_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/sqlite"
)

// The routes are a plain http.Handler, with a token in front of it.
func Example() {
	store, err := sqlite.Open(context.Background(), ":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	manager, err := hobby.New(store, nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	handler := httpapi.New([]httpapi.Part{httpapi.Hobby(manager)}, &httpapi.Options{
		Middleware: []func(http.Handler) http.Handler{httpapi.Bearer("secret")},
	})
	for _, token := range []string{"guess", "secret"} {
		r := httptest.NewRequest("GET", "/hobby/progress", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// 401 application/problem+json
	// 200 application/json
}
