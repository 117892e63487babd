//go:build !amd64

package kernel

// Never called, because whole is 0 here.

func expVec(_, _ *float32, _ float32, _ int)          {}
func siluVec(_, _, _ *float32, _ int)                 {}
func siluGradVec(_, _, _, _, _ *float32, _ int)       {}
func dotVec(_, _ *float32, _ int) float32             { return 0 }
func sumVec(*float32, int) float32                    { return 0 }
func maxVec(*float32, int) float32                    { return 0 }
func axpyVec(_, _ *float32, _ float32, _ int)         {}
func scaleVec(*float32, float32, int)                 {}
func rotateVec(_, _, _, _ *float32, _ float32, _ int) {}
func mulScaledVec(_, _, _ *float32, _ float32, _ int) {}

func mulShiftedVec(_, _ *float32, _, _ float32, _ int)     {}
func dot3Vec(_, _, _ *float32, _ int) float32              { return 0 }
func normGradVec(_, _, _, _ *float32, _, _ float32, _ int) {}
