package httpapi

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// leastCompressed is the size in bytes of the smallest answer that is compressed: a shorter one
// fits into a packet anyway.
const leastCompressed = 1200

// compressed sends JSON and the API's description, of some size, compressed to clients that take
// it: a status is a fifth of its size then. Streams are sent as they are, because compressing
// would hold events back.
func compressed(h http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(leastCompressed), gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{"application/json", "application/openapi+json", "application/openapi+yaml"}),
	)
	if err != nil {
		panic("httpapi: compressing: " + err.Error()) // the options are constants
	}
	return wrap(h)
}
