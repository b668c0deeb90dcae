package exits

import (
	"os"
	"testing"
)

func TestFirst(t *testing.T) {}

func TestLeaves(t *testing.T) {
	os.Exit(0)
}

func TestLast(t *testing.T) {
	t.Error("no")
}
