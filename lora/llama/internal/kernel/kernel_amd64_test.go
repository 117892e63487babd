package kernel

// setAVX2 switches the assembly, when the machine has what it needs, and
// reports whether it has.
func setAVX2(on bool) bool {
	has := avx2 || on
	avx2 = on && has
	return has
}
