// Package proc asks the operating system about this process.
package proc
