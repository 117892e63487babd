//go:build !amd64

package kernel

func setAVX2(bool) bool { return false }

func setVNNI(bool) bool { return false }
