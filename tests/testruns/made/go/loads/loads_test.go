package loads

import "testing"

func TestNever(t *testing.T) { noSuchFunctionOfOurs() }
