// Package child starts processes that end with all that they start, and has what such a
// process needs.
package child
