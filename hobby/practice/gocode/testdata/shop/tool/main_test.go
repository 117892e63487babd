package main

import "testing"

func TestTrace(t *testing.T) { trace() }
