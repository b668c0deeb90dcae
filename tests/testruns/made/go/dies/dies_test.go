package dies

import "testing"

func TestFirst(t *testing.T) {}

func TestDies(t *testing.T) {
	var nothing map[string]int
	nothing["a"] = 1
}

func TestLast(t *testing.T) {}
